/**
 * Signs that a picture may not come from a camera: its name, frames that stand still although they keep coming, frames that
 * were shown before, times no camera keeps. Hints for a person to weigh; a page that was changed can leave them out.
 */

/** What can be noticed here. */
export type Hint = 'virtual_camera' | 'times_even' | 'frames_frozen' | 'frames_repeated';

/** Cameras that are programs. A phone used as a webcam is a camera and not named here. */
const PROGRAMS = /\bvirtual\b|\bobs\b|manycam|xsplit|snap ?camera|splitcam|camtwist|youcam|e2esoft|\bvcam\b|mmhmm|dummy video|v4l2 ?loopback|fake_device|deepface|avatarify|facerig|animaze|unity video capture|ndi (video|webcam)|akvcam|softcam|prism live|alter ?cam|webcamoid/i;

/** Whether a camera calls itself a program. */
export function isVirtual(label: string): boolean {
  return PROGRAMS.test(label);
}

/** The same picture for so long, while frames come, stands still. */
const FROZEN_MS = 3_000;
/** So many pictures in a row that were shown before, none like its neighbour, are a film that runs again. */
const REPEATED = 10;
/** So many gaps in a row between frames are compared. */
const GAPS = 90;
/** No camera keeps its gaps within so many milliseconds of one another. */
const EVEN_MS = 0.05;
const REMEMBERED = 1_500;

/** Remembers what was seen and says what is odd. Pure: it is fed. */
export class FrameWatch {
  #prints: number[] = [];
  #at = new Map<number, number[]>();
  #frozenSince: number | null = null;
  #run = 0;
  #expected = -1;
  #lastTime: number | null = null;
  #gaps: number[] = [];

  /** A frame was captured at this moment of its source. */
  frame(capturedMs: number): Hint | null {
    if (this.#lastTime !== null && capturedMs > this.#lastTime) this.#gaps.push(capturedMs - this.#lastTime);
    this.#lastTime = capturedMs;
    if (this.#gaps.length < GAPS) return null;
    const spread = Math.max(...this.#gaps) - Math.min(...this.#gaps);
    this.#gaps = [];
    return spread < EVEN_MS ? 'times_even' : null;
  }

  /** A new frame looks like `print` at `atMs`; frames that did not come anew are not fed. */
  picture(print: number, atMs: number): Hint | null {
    const last = this.#prints.at(-1);
    if (print === last) {
      this.#frozenSince ??= atMs;
      this.#run = 0;
      return atMs - this.#frozenSince >= FROZEN_MS ? 'frames_frozen' : null;
    }
    this.#frozenSince = null;
    const place = this.#prints.length;
    const before = this.#at.get(print) ?? [];
    const goesOn = this.#run > 0 && before.includes(this.#expected);
    this.#run = before.length === 0 ? 0 : goesOn ? this.#run + 1 : 1;
    this.#expected = (goesOn ? this.#expected : (before.at(-1) ?? -2)) + 1;
    this.#prints.push(print);
    this.#at.set(print, [...before, place].slice(-8));
    if (place > REMEMBERED) this.#forget();
    return this.#run >= REPEATED ? 'frames_repeated' : null;
  }

  #forget(): void {
    this.#prints = [];
    this.#at.clear();
    this.#run = 0;
  }
}

/** Watches a video element five times a second; each hint is told once. Returns how to stop. */
export function watchFrames(video: HTMLVideoElement, tell: (hint: Hint) => void, isOwn: boolean): () => void {
  const watch = new FrameWatch();
  const told = new Set<Hint>();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 18];
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  const say = (hint: Hint | null): void => {
    if (hint === null || told.has(hint)) return;
    told.add(hint);
    tell(hint);
  };
  let isOver = false;
  let frames = 0;
  let seen = 0;
  const next = (_: number, about: VideoFrameCallbackMetadata): void => {
    if (isOver) return;
    frames += 1;
    if (isOwn) say(watch.frame(about.mediaTime * 1000));
    video.requestVideoFrameCallback(next);
  };
  const canCount = 'requestVideoFrameCallback' in video;
  if (canCount) video.requestVideoFrameCallback(next);
  const timer = setInterval(() => {
    if (pen === null || !canCount || frames === seen || video.videoWidth === 0 || document.hidden) return;
    seen = frames;
    pen.drawImage(video, 0, 0, canvas.width, canvas.height);
    say(watch.picture(printOf(pen.getImageData(0, 0, canvas.width, canvas.height).data), performance.now()));
  }, 200);
  return () => {
    isOver = true;
    clearInterval(timer);
  };
}

/** A number that stands for these pixels (FNV-1a). */
export function printOf(pixels: Uint8ClampedArray): number {
  let print = 0x811c9dc5;
  for (let at = 0; at < pixels.length; at += 4) print = Math.imul(print ^ (pixels[at] ?? 0) ^ ((pixels[at + 1] ?? 0) << 8) ^ ((pixels[at + 2] ?? 0) << 16), 0x01000193);
  return print >>> 0;
}
