import { useState } from 'preact/hooks';
import type { StillView } from '@visavis/shared/wire';
import { callStill } from '../../door';
import { number, t } from '../../words';
import { Icon } from '../parts/Icon';
import { Lightbox } from '../parts/Lightbox';
import { Picture } from '../parts/Picture';
import { Time } from '../parts/Time';

/** The photographs the customer's page took in a call; a click shows one large. */
export function CallStills(props: { stills: readonly StillView[] }) {
  const [shown, setShown] = useState<number | null>(null);
  const filed = props.stills.filter((still) => still.state === 'filed');
  if (filed.length === 0) return null;
  const name = (still: StillView): string => t(still.camera === 'environment' ? 'console.still.of_rear' : 'console.still.of_front');
  return (
    <>
      <h3 class="stills-title">{t('console.still.title')}</h3>
      <ul class="stills">
        {filed.map((still, at) => (
          <li key={still.id} class="photo">
            <button type="button" class="photo-button" data-still={still.id} onClick={() => setShown(at)} aria-label={t('console.still.zoom')} title={t('console.still.zoom')}>
              <Picture src={callStill(still.id)} alt="" />
              <span class="photo-zoom">
                <Icon name="zoomIn" size={16} />
              </span>
            </button>
            <span class="photo-caption">
              {name(still)}
              <span class="small muted tabular">
                {number(still.width ?? 0)} × {number(still.height ?? 0)} · <Time at={still.asked_at} form="time" />
              </span>
            </span>
          </li>
        ))}
      </ul>
      {shown !== null && <Lightbox start={shown} onClose={() => setShown(null)} pictures={filed.map((still) => ({ src: callStill(still.id), title: name(still), note: still.sha256 }))} />}
    </>
  );
}
