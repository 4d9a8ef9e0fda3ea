import type { ComponentChildren } from 'preact';
import type { State } from '@visavis/shared/wire';
import { t } from '../../words';
import { Icon, type IconName } from './Icon';

export type Tone = 'plain' | 'accent' | 'positive' | 'caution' | 'negative';

/** A state as icon and word, never as colour alone. */
export function Badge(props: { tone: Tone; icon?: IconName; children: ComponentChildren; title?: string }) {
  return (
    <span class={`chip ${props.tone}`} {...(props.title === undefined ? {} : { title: props.title })}>
      {props.icon && <Icon name={props.icon} size={14} />}
      {props.children}
    </span>
  );
}

const STATES: Record<State, [Tone, IconName]> = {
  draft: ['plain', 'pencil'],
  captured: ['plain', 'camera'],
  read: ['plain', 'scanLine'],
  confirmed: ['plain', 'fileText'],
  booked: ['accent', 'calendarClock'],
  waiting: ['accent', 'clock'],
  in_call: ['accent', 'video'],
  called: ['caution', 'clipboardCheck'],
  approved: ['positive', 'circleCheck'],
  rejected: ['negative', 'circleX'],
  redo: ['caution', 'rotateCcw'],
  expired: ['plain', 'history'],
};

/** Where a file is in its life. */
export function StateBadge(props: { state: State }) {
  const [tone, icon] = STATES[props.state];
  return (
    <Badge tone={tone} icon={icon}>
      {t(`state.${props.state}`)}
    </Badge>
  );
}
