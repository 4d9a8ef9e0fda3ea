/** The piece of a photograph a value was read from, cut out by the page. */
import type { ApplicationView, CropView } from '@visavis/shared/wire';

import { h } from './dom';

/** Room left around the piece, as a share of its height. */
const AIR = 0.35;

/** Where the picture lies behind its window, in percent. Pure. */
export function windowOf(place: readonly [number, number, number, number], width: number, height: number): { ratio: number; size: number; left: number; top: number } | null {
  const [left, top, wide, high] = place;
  if (!(wide > 0 && high > 0 && width > 0 && height > 0)) return null;
  const air = high * height * AIR;
  const x = Math.max(0, left * width - air);
  const y = Math.max(0, top * height - air);
  const w = Math.min(width - x, wide * width + 2 * air);
  const t = Math.min(height - y, high * height + 2 * air);
  return { ratio: w / t, size: (width / w) * 100, left: (-x / w) * 100, top: (-y / t) * 100 };
}

/** A picture of the place; nothing where the photograph is not known. */
export function cropOf(view: ApplicationView | null, crop: CropView, name: string): HTMLElement | null {
  const capture = view?.sides.map((side) => side.capture).find((one) => one?.id === crop.capture);
  if (!capture) return null;
  const cut = windowOf(crop.place, capture.width, capture.height);
  if (cut === null) return null;
  const image = h('img', { src: `/api/v1/application/captures/${crop.capture}/image`, alt: name, loading: 'lazy', onerror: () => box.remove() });
  // The place of the picture is known before it comes: some browsers do not fetch what they take to lie outside of its window.
  image.style.aspectRatio = `${capture.width} / ${capture.height}`;
  image.style.width = `${cut.size}%`;
  image.style.left = `${cut.left}%`;
  image.style.top = `${cut.top}%`;
  const box = h('div', { class: 'crop' }, image);
  box.style.setProperty('--ratio', String(cut.ratio));
  return box;
}
