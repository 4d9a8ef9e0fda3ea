/** The eye of the viewfinder: hands the camera's pictures to the worker, one at a time, and gets back what to tell. */
import { Guide, type Advice } from './hints';
import { boundsOf, within, type Part, type Sight } from './sight';
import type { Look } from './worker';

const LOOK_EVERY_MS = 90;
/** Longest side of the picture the sides are looked for in. */
const SMALL = 288;
/** Longest side the whole picture would have where sharpness is measured: the scale of the server's judge. */
const CLOSE = 1000;
const CLOSE_MOST = [480, 320] as const;

/** Watches one video until closed. Without workers nothing is told; the shutter works all the same. */
export class Watch {
  readonly #worker: Worker;
  readonly #small = document.createElement('canvas');
  readonly #close = document.createElement('canvas');
  readonly #guide = new Guide();
  readonly #timer: ReturnType<typeof setInterval>;
  #isBusy = false;
  #middle: Part | null = null;

  constructor(
    private readonly video: HTMLVideoElement,
    /** Where the frame and the screen lie in the picture. */
    private readonly places: () => { frame: Part; view: Part },
    private readonly tell: (advice: Advice) => void,
  ) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = ({ data }: MessageEvent<Sight>) => this.#hear(data);
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** Ends the worker. */
  close(): void {
    clearInterval(this.#timer);
    this.#worker.terminate();
  }

  #hear(sight: Sight): void {
    this.#isBusy = false;
    this.#middle = sight.corners === null ? null : boundsOf(sight.corners);
    const { frame, view } = this.places();
    this.tell(this.#guide.see(sight, [...within([frame[0], frame[1]], view), ...within([frame[2], frame[3]], view)], performance.now()));
  }

  #look(): void {
    const { videoWidth, videoHeight } = this.video;
    if (this.#isBusy || videoWidth === 0 || document.hidden) return;
    const { frame, view } = this.places();
    const scale = SMALL / Math.max(videoWidth, videoHeight);
    const small = this.#read(this.#small, [0, 0, videoWidth, videoHeight], Math.round(videoWidth * scale), Math.round(videoHeight * scale));
    const close = this.#closeUp(this.#middle ?? frame);
    if (small === null || close === null) return;
    this.#isBusy = true;
    const look: Look = { small, close, frame, view };
    this.#worker.postMessage(look, [small.data.buffer, close.data.buffer]);
  }

  /** The middle of a part of the picture. */
  #closeUp([left, top, right, bottom]: Part): ImageData | null {
    const { videoWidth, videoHeight } = this.video;
    const scale = Math.min(1, CLOSE / Math.max(videoWidth, videoHeight));
    const width = Math.max(16, Math.min(CLOSE_MOST[0], Math.round((right - left) * videoWidth * scale)));
    const height = Math.max(16, Math.min(CLOSE_MOST[1], Math.round((bottom - top) * videoHeight * scale)));
    const x = ((left + right) / 2) * videoWidth - width / scale / 2;
    const y = ((top + bottom) / 2) * videoHeight - height / scale / 2;
    return this.#read(this.#close, [x, y, width / scale, height / scale], width, height);
  }

  #read(canvas: HTMLCanvasElement, [x, y, wide, high]: readonly [number, number, number, number], width: number, height: number): ImageData | null {
    if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
    const paint = canvas.getContext('2d', { willReadFrequently: true });
    paint?.drawImage(this.video, x, y, wide, high, 0, 0, width, height);
    return paint?.getImageData(0, 0, width, height) ?? null;
  }
}
