import { useEffect, useRef, useState } from 'preact/hooks';
import { number, t } from '../../words';
import { Dialog } from './Dialog';
import { Icon } from './Icon';
import { PLAIN, type Look } from '../../rules/look';
import { ContrastButtons } from './Look';
import { Picture } from './Picture';

export interface LargePicture {
  src: string;
  title: string;
  /** SHA-256 of the filed bytes, when known. */
  note: string | null;
}

const STEPS = [1, 1.5, 2, 3, 4] as const;

/** Pictures at full size: zoom by buttons, keys or wheel, turn, drag to move, arrows for the next. */
export function Lightbox(props: { pictures: readonly LargePicture[]; start: number; onClose: () => void }) {
  const [at, setAt] = useState(props.start);
  const [zoom, setZoom] = useState(0);
  const [turns, setTurns] = useState(0);
  const [look, setLook] = useState<Look>(PLAIN);
  const frame = useRef<HTMLDivElement>(null);
  const picture = props.pictures[at];
  const scale = STEPS[zoom] ?? 1;
  useEffect(() => {
    const image = frame.current?.querySelector('img');
    if (!image || !frame.current) return;
    const [seen, room] = [image, frame.current];
    seen.style.filter = look.contrast === 1 ? '' : `contrast(${look.contrast})`;
    const place = (): void => fit(seen, room, scale, turns);
    if (seen.complete) place();
    seen.addEventListener('load', place);
    return () => seen.removeEventListener('load', place);
  }, [scale, turns, at, look]);
  const closer = (by: 1 | -1): void => setZoom((now) => Math.min(STEPS.length - 1, Math.max(0, now + by)));
  const other = (by: number): void => {
    setZoom(0);
    setTurns(0);
    setAt((now) => (now + by + props.pictures.length) % props.pictures.length);
  };
  const press = (event: KeyboardEvent): void => {
    const acts: Record<string, () => void> = {
      '+': () => closer(1),
      '=': () => closer(1),
      '-': () => closer(-1),
      r: () => setTurns((now) => now + 1),
      ArrowRight: () => other(1),
      ArrowLeft: () => other(-1),
    };
    const act = acts[event.key];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };
  if (picture === undefined) return null;
  return (
    <Dialog title={picture.title} className="lightbox" onClose={props.onClose}>
      <div onKeyDown={press} class="lightbox-inside">
        <div class="row">
          <button type="button" class="button icon-only" aria-label={t('console.zoom.out')} title={t('console.zoom.out')} disabled={zoom === 0} onClick={() => closer(-1)}>
            <Icon name="zoomOut" />
          </button>
          <span class="tabular zoom-level">{number(scale, { style: 'percent' })}</span>
          <button type="button" class="button icon-only" aria-label={t('console.zoom.in')} title={t('console.zoom.in')} disabled={zoom === STEPS.length - 1} onClick={() => closer(1)}>
            <Icon name="zoomIn" />
          </button>
          <button type="button" class="button icon-only" aria-label={t('console.zoom.turn')} title={t('console.zoom.turn')} onClick={() => setTurns(turns + 1)}>
            <Icon name="rotateCcw" className="mirror" />
          </button>
          <ContrastButtons look={look} change={setLook} />
          <span class="spacer" />
          {props.pictures.length > 1 && (
            <button type="button" class="button" onClick={() => other(1)}>
              {t('console.zoom.other')}
              <Icon name="chevronRight" />
            </button>
          )}
        </div>
        <div class="lightbox-frame" ref={frame} tabIndex={0} onWheel={(event) => event.ctrlKey && (event.preventDefault(), closer(event.deltaY < 0 ? 1 : -1))} onPointerDown={drag}>
          <Picture key={picture.src} src={picture.src} alt={picture.title} />
        </div>
        {picture.note !== null && <p class="hash">SHA-256 {picture.note}</p>}
      </div>
    </Dialog>
  );
}

/** At 100 % the whole picture is seen, also when it is turned. */
function fit(image: HTMLImageElement, frame: HTMLElement, scale: number, turns: number): void {
  const isTurned = turns % 2 === 1;
  const [wide, high] = isTurned ? [image.naturalHeight, image.naturalWidth] : [image.naturalWidth, image.naturalHeight];
  if (wide === 0 || high === 0) return;
  const whole = Math.min(frame.clientWidth / wide, frame.clientHeight / high) * scale;
  const [width, height] = [image.naturalWidth * whole, image.naturalHeight * whole];
  image.style.width = `${width}px`;
  image.style.height = `${height}px`;
  image.style.transform = `rotate(${turns * 90}deg)`;
  image.style.marginLeft = `${Math.max(0, (frame.clientWidth - wide * whole) / 2) + (wide * whole - width) / 2}px`;
  image.style.marginTop = `${Math.max(0, (frame.clientHeight - high * whole) / 2) + (high * whole - height) / 2}px`;
}

function drag(event: PointerEvent): void {
  const frame = event.currentTarget as HTMLElement;
  event.preventDefault();
  frame.focus();
  frame.setPointerCapture(event.pointerId);
  const follow = (to: PointerEvent): void => frame.scrollBy(-to.movementX, -to.movementY);
  frame.addEventListener('pointermove', follow);
  const end = (): void => frame.removeEventListener('pointermove', follow);
  frame.addEventListener('pointerup', end, { once: true });
  frame.addEventListener('pointercancel', end, { once: true });
}
