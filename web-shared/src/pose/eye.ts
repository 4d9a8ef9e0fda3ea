/**
 * Watches a video element and hears what its pictures show, at most ten times a second, in a thread of its own. The engine is
 * loaded when the first eye opens: only a call, and the look at oneself before it, pays for it.
 */
import type { Ask, Reading } from './reading';
import type { FromWorker, ToWorker } from './worker';
import engineUrl from './engine.wasm?url';

/** Milliseconds between pictures. */
const EVERY_MS = 100;
/** Pixels of the longer side at which pictures are measured. */
const SIDE = 640;

export class Eye {
  #worker: Worker | null;
  #video: HTMLVideoElement | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isBusy = false;
  #isReady = false;
  #lastTime = -1;

  /** `onReading` hears every picture; null: the engine cannot run here, and nothing more will come. */
  constructor(private readonly onReading: (reading: Reading | null, tookMs: number) => void) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.#hear(data));
    this.#worker.addEventListener('error', () => this.#hear({ ready: false }));
    this.#say({ engine: new URL(engineUrl, location.href).href });
  }

  /** Looks at another element, or at none. */
  watch(video: HTMLVideoElement | null, everyMs = EVERY_MS): void {
    this.#video = video;
    clearInterval(this.#timer);
    if (video !== null) this.#timer = setInterval(() => void this.#look(), everyMs);
  }

  /** Tells the judge what is asked now, or that nothing is. */
  ask(ask: Ask | null): void {
    this.#say({ ask });
  }

  /** Ends the thread. */
  close(): void {
    clearInterval(this.#timer);
    this.#worker?.terminate();
    this.#worker = null;
  }

  #say(message: ToWorker, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }

  #hear(message: FromWorker): void {
    if ('ready' in message) {
      this.#isReady = message.ready;
      if (!message.ready) {
        this.close();
        this.onReading(null, 0);
      }
      return;
    }
    this.#isBusy = false;
    // For whoever observes performance; only the newest is kept.
    performance.clearMeasures('pose.look');
    performance.measure('pose.look', { start: performance.now() - message.tookMs, duration: message.tookMs });
    if (message.reading !== null) this.onReading(message.reading, message.tookMs);
  }

  async #look(): Promise<void> {
    const video = this.#video;
    // A picture that was measured is not measured again: only new ones say something.
    if (video === null || !this.#isReady || this.#isBusy || video.videoWidth === 0 || video.currentTime === this.#lastTime) return;
    this.#isBusy = true;
    this.#lastTime = video.currentTime;
    const atMs = performance.now();
    const shrink = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
    const size = { resizeWidth: Math.max(1, Math.round(video.videoWidth * shrink)), resizeHeight: Math.max(1, Math.round(video.videoHeight * shrink)) };
    try {
      const picture = await createImageBitmap(video, size);
      this.#say({ picture, atMs }, [picture]);
    } catch {
      this.#isBusy = false;
    }
  }
}
