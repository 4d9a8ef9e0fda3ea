import type { ComponentChildren } from 'preact';
import type { StepState } from '../../rules/script';
import { tick } from '../../state/script';
import { language, t } from '../../words';
import { useKeys } from '../keys';
import { Icon } from '../parts/Icon';
import { Key } from '../parts/Key';
import { Say } from './Say';

/** A step the agent speaks and ticks. */
export function SpokenStep(props: { id: 'greet' | 'document'; state: StepState; locale: string; children?: ComponentChildren }) {
  useKeys({ g: () => tick(props.id) });
  language.value;
  return (
    <>
      <Say sentence={`console.say.${props.id}`} locale={props.locale} />
      <p class="muted small">{t(`console.script.${props.id}_hint`)}</p>
      {props.children}
      <div class="row">
        <button type="button" class="button primary" onClick={() => tick(props.id)}>
          <Icon name="check" />
          {t(props.state === 'done' ? 'console.script.next' : 'console.script.done')}
          <Key of="G" />
        </button>
      </div>
    </>
  );
}
