/** How loud a voice is at the microphone. */

const HEARD = 0.3;
/** A microphone that is switched off gives nothing but zeros; a quiet room never does. */
const SILENT_AFTER = 40;

/** What was heard so far. */
export type Heard = 'heard' | 'quiet' | 'silent';

/** Shows how loud a stream is. */
export class LevelMeter {
  readonly #context: AudioContext | null;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #heard: Heard = 'quiet';
  #zeros = 0;

  constructor(stream: MediaStream, tell: (loud: number, heard: Heard) => void) {
    this.#context = typeof AudioContext === 'undefined' || stream.getAudioTracks().length === 0 ? null : new AudioContext();
    if (this.#context === null) return;
    const context = this.#context;
    const ear = context.createAnalyser();
    ear.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(ear);
    const samples = new Float32Array(ear.fftSize);
    void context.resume().catch(() => undefined);
    this.#timer = setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      const loud = loudness(samples);
      // A context that waits for a touch hears nothing of anything.
      this.#zeros = context.state === 'running' && samples.every((sample) => sample === 0) ? this.#zeros + 1 : 0;
      if (loud > HEARD) this.#heard = 'heard';
      else if (this.#heard !== 'heard') this.#heard = this.#zeros >= SILENT_AFTER ? 'silent' : 'quiet';
      tell(loud, this.#heard);
    }, 100);
  }

  /** Stops listening; the stream stays the caller's. */
  close(): void {
    clearInterval(this.#timer);
    void this.#context?.close();
  }
}

/** Loudness of samples on a scale people read as “half” and “full”: −60…−6 dB as 0…1. Pure. */
export function loudness(samples: ArrayLike<number>): number {
  let sum = 0;
  for (let at = 0; at < samples.length; at += 1) sum += (samples[at] ?? 0) ** 2;
  const decibels = 10 * Math.log10(sum / Math.max(1, samples.length) + 1e-9);
  return Math.min(1, Math.max(0, (decibels + 60) / 54));
}
