/** The live hint over the camera: one word at a time, from a small grey picture. Pure; the server judges the photograph itself. */

/** What the customer could do better now; `good` when the picture looks right. */
export type Hint = 'looking' | 'too_dark' | 'too_bright' | 'no_document' | 'hold_still' | 'good';

/** A grey picture, row by row, 0…255. */
export interface Grey {
  width: number;
  height: number;
  pixels: Uint8ClampedArray;
}

/** The frame as fractions of the picture: left, top, width, height. */
export type Frame = readonly [number, number, number, number];

const DARK = 55;
const BRIGHT = 205;
/** Mean absolute Laplacian inside the frame below which there is nothing printed (or nothing sharp). */
const PRINTED = 5;
/** Mean difference to the picture before, above which the hand moves. */
const MOVING = 9;

/** Luma of an RGBA picture. */
export function greyOf(image: { width: number; height: number; data: Uint8ClampedArray }): Grey {
  const pixels = new Uint8ClampedArray(image.width * image.height);
  for (let at = 0; at < pixels.length; at += 1) {
    const from = at * 4;
    pixels[at] = ((image.data[from] ?? 0) * 77 + (image.data[from + 1] ?? 0) * 150 + (image.data[from + 2] ?? 0) * 29) >> 8;
  }
  return { width: image.width, height: image.height, pixels };
}

/** The one hint for a picture, given the one before. */
export function hintOf(now: Grey, before: Grey | null, frame: Frame): Hint {
  const box = boxOf(now, frame);
  const { luma, detail } = measure(now, box);
  if (luma < DARK) return 'too_dark';
  if (luma > BRIGHT) return 'too_bright';
  if (before !== null && difference(now, before, box) > MOVING) return 'hold_still';
  return detail < PRINTED ? 'no_document' : 'good';
}

/** Keeps a hint until another one was seen `times` times in a row, so that words do not flicker. */
export class Calm {
  #shown: Hint = 'looking';
  #next: Hint = 'looking';
  #seen = 0;

  constructor(private readonly times = 3) {}

  /** The hint to show after one more observation. */
  see(hint: Hint): Hint {
    this.#seen = hint === this.#next ? this.#seen + 1 : 1;
    this.#next = hint;
    if (this.#seen >= this.times) this.#shown = hint;
    return this.#shown;
  }
}

type Box = { left: number; top: number; right: number; bottom: number };

function boxOf({ width, height }: Grey, [left, top, wide, high]: Frame): Box {
  return {
    left: Math.max(1, Math.floor(left * width)),
    top: Math.max(1, Math.floor(top * height)),
    right: Math.min(width - 1, Math.ceil((left + wide) * width)),
    bottom: Math.min(height - 1, Math.ceil((top + high) * height)),
  };
}

function measure({ width, pixels }: Grey, box: Box): { luma: number; detail: number } {
  let light = 0;
  let edges = 0;
  let count = 0;
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) {
      const at = y * width + x;
      const here = pixels[at] ?? 0;
      light += here;
      edges += Math.abs(4 * here - (pixels[at - 1] ?? 0) - (pixels[at + 1] ?? 0) - (pixels[at - width] ?? 0) - (pixels[at + width] ?? 0));
      count += 1;
    }
  }
  return count === 0 ? { luma: 0, detail: 0 } : { luma: light / count, detail: edges / count };
}

function difference(now: Grey, before: Grey, box: Box): number {
  if (now.width !== before.width || now.height !== before.height) return 0;
  let sum = 0;
  let count = 0;
  for (let y = box.top; y < box.bottom; y += 2) {
    for (let x = box.left; x < box.right; x += 2) {
      const at = y * now.width + x;
      sum += Math.abs((now.pixels[at] ?? 0) - (before.pixels[at] ?? 0));
      count += 1;
    }
  }
  return count === 0 ? 0 : sum / count;
}
