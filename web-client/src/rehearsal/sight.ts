/** What the camera shows before a call: nothing, a still, a face in the dark. Pure. */
import type { CameraState, LightState } from '@visavis/shared/wire';

import { luma, type Grey } from '../guide/grey';

/** A picture is looked at in so many cells across. */
export const WIDE = 64;
export const HIGH = 48;

/** Below this no cell is brighter than the noise of a covered lens. */
const BLACK = 18;
/** The server measures heads from a brightness of 35; people like to be seen a little better. */
const DIM = 55;
const GLARING = 215;
/** The light comes from behind when the surroundings are so much brighter than the face. */
const BEHIND = 60;
/** So many equal pictures in a row: a camera that films, even of a wall, is never that still. */
const EQUAL = 6;

/** Where a face is expected while none was found, as fractions: the middle, above the lower edge. */
const FACE = { left: 0.33, top: 0.2, right: 0.67, bottom: 0.75 };

/** Looks at pictures of the own camera that follow each other. */
export class Sight {
  #last: Grey | null = null;
  #equal = 0;

  /** Takes the next picture, and how bright the face in it is if one was found; what can be said now. */
  look(picture: Grey, face: number | null = null): { camera: CameraState; light: LightState } {
    const before = this.#last;
    this.#last = picture;
    this.#equal = before !== null && isEqual(before, picture) ? this.#equal + 1 : 0;
    const brightest = picture.pixels.reduce((most, pixel) => Math.max(most, pixel), 0);
    if (brightest < BLACK) return { camera: 'black', light: 'unknown' };
    return { camera: this.#equal >= EQUAL ? 'frozen' : 'good', light: lightOf(picture, face) };
  }
}

/** How the light falls on a face of this brightness, or on the middle of the picture. */
export function lightOf(picture: Grey, found: number | null = null): LightState {
  const { width, height } = picture;
  const box = { left: Math.round(FACE.left * width), top: Math.round(FACE.top * height), right: Math.round(FACE.right * width), bottom: Math.round(FACE.bottom * height) };
  const face = found ?? luma(picture, box);
  const all = luma(picture, { left: 0, top: 0, right: width, bottom: height });
  // How much of the picture a face that was found takes is not asked: about as much as is expected.
  const share = ((box.right - box.left) * (box.bottom - box.top)) / (width * height);
  const around = (all - face * share) / (1 - share);
  if (around - face > BEHIND && face < 110) return 'backlit';
  if (face < DIM) return 'dark';
  return face > GLARING ? 'glaring' : 'good';
}

function isEqual(one: Grey, other: Grey): boolean {
  return one.pixels.every((pixel, at) => pixel === other.pixels[at]);
}
