import type { StepId } from '../../rules/script';
import { t } from '../../words';
import { Icon, type IconName } from '../parts/Icon';

/** Where the customer's own left and right are in the picture, which is not mirrored: their left is at its right edge. */
const SIDES: Partial<Record<StepId, { icon: IconName; at: string }>> = {
  left: { icon: 'arrowRight', at: 'right' },
  right: { icon: 'arrowLeft', at: 'left' },
  up: { icon: 'arrowUp', at: 'top' },
  down: { icon: 'arrowDown', at: 'bottom' },
  frontal: { icon: 'scanFace', at: 'middle' },
};

/** Points to where the customer's nose should go. */
export function Arrow(props: { kind: StepId }) {
  const side = SIDES[props.kind];
  if (side === undefined) return null;
  return (
    <span class={`stage-arrow stage-arrow-${side.at}`} title={t('console.script.arrow')}>
      <Icon name={side.icon} size={40} />
    </span>
  );
}
