/**
 * Whether a face is in the own picture, and how bright it is: found by the engine that measures heads in the call, which is thereby
 * there when the call begins.
 */
import type { Eye } from '@visavis/shared/pose/eye';
import type { Reading } from '@visavis/shared/pose/reading';

const EVERY_MS = 500;
/** So many pictures in a row without a face: who looks for the light switch is not told at once. */
const UNSEEN = 6;

/** What was seen so far; null: nothing can be said yet, or here. */
export type FaceSeen = { luma: number } | 'unseen' | null;

/** What to say after another picture. Pure. */
export class FaceMemory {
  #missed = 0;
  #seen: FaceSeen = null;

  take(reading: Pick<Reading, 'faces' | 'face'>): FaceSeen {
    if (reading.face !== null) {
      this.#missed = 0;
      this.#seen = { luma: reading.face.luma };
    } else if (reading.faces > 0) {
      // Whose light it is is not known, but somebody is there.
      this.#missed = 0;
      if (this.#seen === 'unseen') this.#seen = null;
    } else {
      this.#missed += 1;
      if (this.#missed >= UNSEEN) this.#seen = 'unseen';
    }
    return this.#seen;
  }
}

/** Looks for a face from now on, until closed. */
export class FaceFinder {
  #eye: Eye | null = null;
  #isClosed = false;

  constructor(picture: HTMLVideoElement, tell: (seen: FaceSeen) => void) {
    const memory = new FaceMemory();
    void import('@visavis/shared/pose/eye').then(({ Eye }) => {
      if (this.#isClosed) return;
      this.#eye = new Eye((reading) => tell(reading === null ? null : memory.take(reading)));
      this.#eye.watch(picture, EVERY_MS);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#eye?.close();
  }
}
