import { useState } from 'preact/hooks';
import type { CheckView, MeasuredVerdict } from '@visavis/shared/wire';
import { checkStill } from '../../door';
import { maybe, t } from '../../words';
import { Badge, type Tone } from '../parts/Badge';
import type { IconName } from '../parts/Icon';
import { Lightbox } from '../parts/Lightbox';
import { Picture } from '../parts/Picture';

const LOOKS: Record<CheckView['state'], [Tone, IconName]> = {
  asked: ['accent', 'circleDot'],
  passed: ['positive', 'circleCheck'],
  failed: ['negative', 'circleX'],
  skipped: ['caution', 'skipForward'],
};

/** How a check ended, as icon and word. */
export function CheckBadge(props: { check: CheckView }) {
  const [tone, icon] = LOOKS[props.check.state];
  return (
    <Badge tone={tone} icon={icon}>
      {t(`step_state.${props.check.state}`)}
    </Badge>
  );
}

const MEASURED: Record<MeasuredVerdict, [Tone, IconName]> = {
  passed: ['positive', 'circleCheck'],
  failed: ['negative', 'circleX'],
  unclear: ['caution', 'circleDot'],
};

/** What the server measured in the recording; a contradiction is a flag and words, never colour alone. */
export function MeasuredBadge(props: { check: CheckView }) {
  const { measured } = props.check;
  if (measured === null) return <span class="muted">{t('console.measured.none')}</span>;
  const [tone, icon] = MEASURED[measured.verdict];
  return (
    <>
      <Badge tone={tone} icon={icon}>
        {t(`console.measured.${measured.verdict}`)}
      </Badge>
      {measured.reason !== null && <span class="block small muted">{maybe(`measured_reason.${measured.reason}`, measured.reason)}</span>}
      {measured.disagrees && (
        <Badge tone="negative" icon="flag">
          {t('console.measured.disagrees')}
        </Badge>
      )}
    </>
  );
}

/** The stills filed with the checks of a call; a click shows one large. */
export function Stills(props: { checks: readonly CheckView[] }) {
  const [shown, setShown] = useState<number | null>(null);
  const taken = props.checks.filter((check) => check.has_still);
  if (taken.length === 0) return null;
  return (
    <>
      <ul class="stills">
        {taken.map((check, at) => (
          <li key={check.id} class="photo">
            <button type="button" class="photo-button" onClick={() => setShown(at)} aria-label={t('console.script.still', { check: t(`console.step.${check.kind}`) })}>
              <Picture src={checkStill(check.id)} alt="" />
            </button>
            <span class="photo-caption">
              {t(`console.step.${check.kind}`)}
              <CheckBadge check={check} />
            </span>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <Lightbox
          start={shown}
          onClose={() => setShown(null)}
          pictures={taken.map((check) => ({ src: checkStill(check.id), title: t(`console.step.${check.kind}`), note: null }))}
        />
      )}
    </>
  );
}
