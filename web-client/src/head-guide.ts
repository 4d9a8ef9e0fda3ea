/**
 * Guidance while a check is asked: a ring around the own picture fills while the pose is held, and one short hint says what is
 * missing. Measured here and kept here: nothing of it is sent, the server measures for itself.
 */
import { ENTER, FRONT, off, target, type Reading, type PoseKind } from '@visavis/shared/pose/reading';
import type { Eye } from '@visavis/shared/pose/eye';

/** What could help; null: nothing is missing. */
export type Hint = 'no_face' | 'alone' | 'closer' | 'light' | 'further' | 'hold';

/** From this share of the way on it is worth saying "a little further". */
const ON_THE_WAY = 0.4;

/** What a reading lacks for the check that is asked. */
export function hintOf(kind: PoseKind, reading: Reading): Hint | null {
  const angles = off(reading);
  if (reading.faces > 1) return 'alone';
  if (reading.face === null || angles === null) return 'no_face';
  if (reading.face.width < 80) return 'closer';
  if (reading.face.luma < 35) return 'light';
  const { axis, from } = target(kind);
  if (kind === 'frontal') return Math.abs(angles.yaw) < FRONT && Math.abs(angles.pitch) < 25 ? 'hold' : null;
  const along = from > 0 ? angles[axis] : -angles[axis];
  if (along >= ENTER) return 'hold';
  return along > ON_THE_WAY * ENTER ? 'further' : null;
}

/** Watches the own picture for as long as the call lasts. */
export class HeadGuide {
  #eye: Eye | null = null;
  #asked: PoseKind | null = null;
  #isClosed = false;

  constructor(
    private readonly ring: HTMLElement,
    own: HTMLVideoElement,
    private readonly onHint: (hint: Hint | null) => void,
  ) {
    // The engine comes after the call has begun, and only then.
    void import('@visavis/shared/pose/eye').then(({ Eye }) => {
      if (this.#isClosed) return;
      this.#eye = new Eye((reading) => reading !== null && this.#seen(reading));
      this.#eye.watch(own);
      this.ask(this.#asked);
    });
  }

  /** A check is asked, or none. */
  ask(kind: PoseKind | null): void {
    this.#asked = kind;
    this.#fill(0);
    this.onHint(null);
    this.#eye?.ask(kind === null ? null : { kind, atMs: performance.now() });
  }

  /** The call is over. */
  close(): void {
    this.#isClosed = true;
    this.#eye?.close();
  }

  #seen(reading: Reading): void {
    if (this.#asked === null) return;
    if (reading.outcome?.passed === true) {
      this.#fill(1);
      this.onHint(null);
      this.#asked = null;
      return;
    }
    this.#fill(reading.progress);
    this.onHint(hintOf(this.#asked, reading));
  }

  #fill(share: number): void {
    this.ring.style.setProperty('--held', String(Math.round(share * 100) / 100));
  }
}
