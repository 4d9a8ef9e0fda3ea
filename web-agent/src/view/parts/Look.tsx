import { useState } from 'preact/hooks';
import { moved, PLAIN, step, type Look } from '../../rules/look';
import { number, t } from '../../words';
import { Icon } from './Icon';

const ZOOMS = [1, 1.5, 2, 3, 4] as const;
const CONTRASTS = [0.75, 1, 1.5, 2, 3] as const;

/** The style that shows a look. */
export function applyLook(element: HTMLElement | null, look: Look): void {
  if (element === null) return;
  element.style.transform = look.zoom === 1 ? '' : `scale(${look.zoom}) translate(${look.x}%, ${look.y}%)`;
  element.style.filter = look.contrast === 1 ? '' : `contrast(${look.contrast})`;
}

/** Contrast up and down. */
export function ContrastButtons(props: { look: Look; change: (look: Look) => void; isDark?: boolean }) {
  const { look, change } = props;
  const to = (by: 1 | -1) => () => change({ ...look, contrast: step(CONTRASTS, look.contrast, by) });
  return (
    <>
      <button type="button" class="button icon-only" aria-label={t('console.look.less_contrast')} title={t('console.look.less_contrast')} disabled={look.contrast === CONTRASTS[0]} onClick={to(-1)}>
        <Icon name="sun" />
      </button>
      <span class="tabular zoom-level">{number(look.contrast, { style: 'percent' })}</span>
      <button type="button" class="button icon-only" aria-label={t('console.look.more_contrast')} title={t('console.look.more_contrast')} disabled={look.contrast === CONTRASTS.at(-1)} onClick={to(1)}>
        <Icon name="contrast" />
      </button>
    </>
  );
}

/** Zoom and contrast of a live picture, folded away until it is wanted. */
export function LookTools(props: { look: Look; change: (look: Look) => void }) {
  const { look, change } = props;
  const [isOpen, setOpen] = useState(false);
  const to = (by: 1 | -1) => () => change(moved({ ...look, zoom: step(ZOOMS, look.zoom, by) }, 0, 0));
  if (!isOpen) {
    return (
      <div class="look-tools">
        <button type="button" class="button icon-only" aria-label={t('console.look.open')} title={t('console.look.open')} aria-expanded={false} onClick={() => setOpen(true)}>
          <Icon name="zoomIn" />
        </button>
      </div>
    );
  }
  return (
    <div class="look-tools" role="toolbar" aria-label={t('console.look.open')}>
      <button type="button" class="button icon-only" aria-label={t('console.zoom.out')} title={t('console.zoom.out')} disabled={look.zoom === 1} onClick={to(-1)}>
        <Icon name="zoomOut" />
      </button>
      <span class="tabular zoom-level">{number(look.zoom, { style: 'percent' })}</span>
      <button type="button" class="button icon-only" aria-label={t('console.zoom.in')} title={t('console.zoom.in')} disabled={look.zoom === ZOOMS.at(-1)} onClick={to(1)}>
        <Icon name="zoomIn" />
      </button>
      <ContrastButtons look={look} change={change} />
      <button
        type="button"
        class="button icon-only"
        aria-label={t('console.look.plain')}
        title={t('console.look.plain')}
        onClick={() => {
          change(PLAIN);
          setOpen(false);
        }}
      >
        <Icon name="cross" />
      </button>
    </div>
  );
}
