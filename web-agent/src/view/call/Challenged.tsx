import type { CheckView } from '@visavis/shared/wire';
import { number, t } from '../../words';

/** What exactly was drawn for a check, as the agent has to see or hear it. */
export function Challenged(props: { check: CheckView }) {
  const { challenge } = props.check;
  if (challenge === null) return null;
  switch (challenge.type) {
    case 'digits':
      return <p class="challenge tabular">{challenge.digits.split('').join(' ')}</p>;
    case 'hand':
      return <p class="challenge">{t(`challenge.hand.${challenge.side}`, { fingers: number(challenge.fingers) })}</p>;
    case 'code':
    case 'questions':
      return null;
    case 'cover':
      return <p class="challenge">{t(`challenge.cover.${challenge.corner}`)}</p>;
    case 'features':
      return (
        <ul class="challenge">
          {challenge.features.map((feature) => (
            <li key={feature}>{t(`feature.${feature}`)}</li>
          ))}
        </ul>
      );
  }
}
