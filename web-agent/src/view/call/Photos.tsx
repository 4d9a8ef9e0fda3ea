import { useState } from 'preact/hooks';
import type { CallFileView, FileCapture, Problem, Side } from '@visavis/shared/wire';
import { captureImage, portraitImage } from '../../door';
import { sidesOf } from '../../rules/findings';
import { code, maybe, number, t } from '../../words';
import { Badge } from '../parts/Badge';
import { Icon } from '../parts/Icon';
import { Lightbox, type LargePicture } from '../parts/Lightbox';
import { Key } from '../parts/Key';
import { Picture } from '../parts/Picture';
import { Time } from '../parts/Time';

/** Every picture of the document: each photograph, and behind it the portrait cut out of it. */
function pictures(file: CallFileView): (LargePicture & { portraitOf?: string; of?: string })[] {
  return file.captures.flatMap((capture) => {
    const photograph = { src: captureImage(file.dossier_id, capture.id), title: code('side', capture.side), note: capture.sha256, of: capture.id };
    if (capture.portrait_sha256 === null) return [photograph];
    const portrait = { src: portraitImage(file.dossier_id, capture.id), title: t('console.photo.portrait'), note: capture.portrait_sha256, portraitOf: capture.id };
    return [photograph, portrait];
  });
}

/** The photographs of the document and its portrait; a click shows one large. */
export function Photos(props: { file: CallFileView; hasKey?: boolean }) {
  const { file } = props;
  const [shown, setShown] = useState<number | null>(null);
  const large = pictures(file);
  const open = (is: (picture: (typeof large)[number]) => boolean) => () => setShown(large.findIndex(is));
  const missing = sidesOf(file).filter((side) => !file.captures.some((capture) => capture.side === side));
  return (
    <>
      <ul class="photos">
        {file.captures.map((capture, at) => (
          <Photo key={capture.id} dossierId={file.dossier_id} capture={capture} hasKey={at === 0 && props.hasKey === true} onOpen={open((picture) => picture.of === capture.id)} />
        ))}
        {large.map((picture) => picture.portraitOf !== undefined && <Portrait key={picture.src} src={picture.src} onOpen={open((other) => other === picture)} />)}
        {missing.map((side: Side) => (
          <li key={side} class="photo photo-missing">
            <Icon name="cameraOff" size={20} />
            <span>{t('console.photo.missing', { side: code('side', side) })}</span>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <Lightbox start={shown} onClose={() => setShown(null)} pictures={large} />
      )}
    </>
  );
}

function Portrait(props: { src: string; onOpen: () => void }) {
  return (
    <li class="photo photo-portrait">
      <button type="button" class="photo-button" data-portrait onClick={props.onOpen} aria-label={t('console.photo.zoom_portrait')} title={t('console.photo.zoom_portrait')}>
        <Picture src={props.src} alt={t('console.photo.portrait')} />
        <span class="photo-zoom">
          <Icon name="zoomIn" size={16} />
        </span>
      </button>
      <span class="photo-caption">{t('console.photo.portrait')}</span>
    </li>
  );
}

function Photo(props: { dossierId: string; capture: FileCapture; hasKey: boolean; onOpen: () => void }) {
  const { capture } = props;
  const side = code('side', capture.side);
  return (
    <li class="photo">
      <button type="button" class="photo-button" data-photo onClick={props.onOpen} aria-label={t('console.photo.zoom', { side })} title={t('console.photo.zoom', { side })}>
        <Picture src={captureImage(props.dossierId, capture.id)} alt={side} />
        <span class="photo-zoom">
          <Icon name="zoomIn" size={16} />
          {props.hasKey && <Key of="Z" />}
        </span>
      </button>
      <span class="photo-caption">
        {side}
        {capture.mrz_valid !== null && (
          <Badge tone={capture.mrz_valid ? 'positive' : 'negative'} icon={capture.mrz_valid ? 'circleCheck' : 'circleX'} title={t('console.photo.mrz_hint')}>
            {t(capture.mrz_valid ? 'console.photo.mrz_valid' : 'console.photo.mrz_invalid')}
          </Badge>
        )}
        {capture.flagged && (
          <Badge tone="caution" icon="flag" title={t('console.photo.flagged_hint')}>
            {t('console.photo.flagged')}
          </Badge>
        )}
      </span>
      {capture.problems.length > 0 && <span class="photo-problems small muted">{capture.problems.map(problemText).join(', ')}</span>}
      {capture.refusals.length > 0 && (
        <details class="photo-refusals small">
          <summary>{t('console.photo.refusals', { count: capture.refusals.length })}</summary>
          <ul>
            {capture.refusals.map((refusal) => (
              <li key={refusal.taken_at}>
                <Time at={refusal.taken_at} form="time" /> {refusal.problems.map(problemText).join(', ')}
              </li>
            ))}
          </ul>
        </details>
      )}
    </li>
  );
}

/** `not sharp (sharpness 61)` */
function problemText({ code: which, value }: Problem): string {
  const isShare = which === 'glare' || which === 'cropped';
  const shown = number(value, isShare ? { style: 'percent', maximumFractionDigits: 1 } : { maximumFractionDigits: 0 });
  const measured = maybe(`console.measured.${which}`, '', { value: shown });
  const words = code('problem', which);
  return measured === '' ? words : `${words} (${measured})`;
}
