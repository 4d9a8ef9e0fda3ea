/** One thing to change at a time, words that do not flicker, and when the page shoots by itself. Pure: time comes in as an argument. */
import { shiftOf, type Part, type Sight } from './sight';

/** What the customer could do better now; `good` when the picture looks right. */
export type Hint = 'looking' | 'too_dark' | 'too_bright' | 'fit' | 'move_closer' | 'move_back' | 'straighten' | 'glare' | 'hold_still' | 'blurred' | 'good';

/** What to show after one more picture. */
export interface Advice {
  hint: Hint;
  /** How far the picture is on the way to being taken by itself, 0…1. */
  steady: number;
  /** Take it now. Said once. */
  shoot: boolean;
}

/**
 * Where a hint comes up, and where it goes again once it is shown: two values, so that a measure near one of them does not
 * make the words flicker. The server judges the photograph with its own, wider limits.
 */
const LIMITS = {
  dark: [70, 80],
  bright: [228, 220],
  margin: [0.012, 0.02],
  size: [0.56, 0.64],
  turn: [25, 20],
  lean: [1.45, 1.35],
  glare: [0.012, 0.008],
  motion: [4, 3],
  shift: [0.03, 0.022],
  sharp: [170, 200],
} as const;

/** A document that reaches this far is too near, not beside the frame. */
const TOO_NEAR = 0.9;
/** Print without visible sides counts as a document when it fills this share of the frame's width and height. */
const PRINT_FILLS = [0.6, 0.4] as const;
const PRINT_MARGIN = 0.02;
/** Print that reaches so far beyond the frame belongs to a card that is nearer than the picture is wide. */
const PRINT_BEYOND = 0.04;
/** A picture is looked at so long before it may be taken by itself. */
const SETTLE_MS = 700;
const STEADY_MS = 800;
/** Without four visible sides the page must be surer. */
const STEADY_UNFRAMED_MS = 1_600;
/** A hand that sways is still for a moment at each turn; so long after a movement it counts as moving. */
const STILL_MS = 300;
/** Another hint must be seen for so long before it is shown. */
const CALM_MS = 350;
/** A hint that was not true for so long gives way to whatever is seen now. */
const STALE_MS = 900;
/** Between two pictures farther apart than this nothing is known to have been steady. */
const GAP_MS = 600;

/** Leads one aiming at a document. */
export class Guide {
  #shown: Hint = 'looking';
  #next: Hint = 'looking';
  #nextSince = 0;
  #trueAt = 0;
  #movedAt: number | null = null;
  #since: number | null = null;
  #goodSince: number | null = null;
  #last: { sight: Sight; at: number } | null = null;
  #isShot = false;

  /** The advice after one more picture, seen at `now` (milliseconds of any steady clock); `frame` as fractions of what the screen shows. */
  see(sight: Sight, frame: Part, now: number): Advice {
    const before = this.#last;
    this.#since ??= this.#trueAt = now;
    if (before !== null && now - before.at > GAP_MS) this.#goodSince = null;
    this.#last = { sight, at: now };
    const hint = this.#settled(hintOf(sight, before?.sight ?? null, frame, this.#shown), now);
    this.#calm(hint, now);
    if (hint !== 'good') this.#goodSince = null;
    else this.#goodSince ??= now;
    const wanted = sight.corners === null ? STEADY_UNFRAMED_MS : STEADY_MS;
    const steady = this.#goodSince === null ? 0 : Math.min(1, (now - this.#goodSince) / wanted);
    const shoot = !this.#isShot && steady === 1 && now - this.#since >= SETTLE_MS;
    this.#isShot ||= shoot;
    return { hint: this.#shown, steady, shoot };
  }

  #settled(hint: Hint, now: number): Hint {
    if (hint === 'hold_still') this.#movedAt = now;
    const isMoving = this.#movedAt !== null && now - this.#movedAt < STILL_MS;
    return isMoving && (hint === 'good' || hint === 'blurred') ? 'hold_still' : hint;
  }

  #calm(hint: Hint, now: number): void {
    if (hint !== this.#next) {
      this.#next = hint;
      this.#nextSince = now;
    }
    if (now - this.#nextSince >= CALM_MS || now - this.#trueAt >= STALE_MS) this.#shown = hint;
    if (hint === this.#shown) this.#trueAt = now;
  }
}

/** The one hint for a picture, given the picture before and the hint that is shown. */
export function hintOf(sight: Sight, before: Sight | null, frame: Part, shown: Hint): Hint {
  const limit = (of: keyof typeof LIMITS, ...hints: Hint[]): number => LIMITS[of][hints.includes(shown) ? 1 : 0];
  if (sight.light < limit('dark', 'too_dark')) return 'too_dark';
  if (sight.light > limit('bright', 'too_bright')) return 'too_bright';
  const place = placeHint(sight, frame, limit);
  if (place !== null) return place;
  if (sight.glare > limit('glare', 'glare')) return 'glare';
  if (sight.motion > limit('motion', 'hold_still') || shifted(sight, before) > limit('shift', 'hold_still')) return 'hold_still';
  return sight.sharpness < limit('sharp', 'blurred') ? 'blurred' : 'good';
}

type LimitOf = (of: keyof typeof LIMITS, ...hints: Hint[]) => number;

function placeHint(sight: Sight, frame: Part, limit: LimitOf): Hint | null {
  if (sight.corners === null) return sight.print === null ? 'looking' : printHint(sight.print, frame);
  if (sight.margin < limit('margin', 'fit', 'move_back')) return sight.reach >= TOO_NEAR ? 'move_back' : 'fit';
  if (sight.turn > limit('turn', 'straighten') || sight.lean > limit('lean', 'straighten')) return 'straighten';
  return sight.size < limit('size', 'move_closer') ? 'move_closer' : null;
}

/** No four sides, but print: a card on a table of its own colour, or a part of something. */
function printHint([left, top, right, bottom]: Part, [frameLeft, frameTop, frameRight, frameBottom]: Part): Hint | null {
  const [atLeft, atTop, atRight, atBottom] = [left, top, 1 - right, 1 - bottom].map((room) => room < PRINT_MARGIN);
  if ((atLeft && atRight) || (atTop && atBottom)) return 'move_back';
  if (atLeft || atTop || atRight || atBottom) return 'fit';
  const beyond = Math.max(frameLeft - left, frameTop - top, right - frameRight, bottom - frameBottom);
  if (beyond > PRINT_BEYOND) return 'move_back';
  const fills = right - left >= PRINT_FILLS[0] * (frameRight - frameLeft) && bottom - top >= PRINT_FILLS[1] * (frameBottom - frameTop);
  return fills ? null : 'fit';
}

function shifted(now: Sight, before: Sight | null): number {
  return now.corners === null || before === null || before.corners === null ? 0 : shiftOf(now.corners, before.corners);
}
