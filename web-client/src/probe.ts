/** Measures what a call needs: a voice at the microphone, a quick way to the server. */

/** How the way to the server is. */
export type Network = 'good' | 'fair' | 'poor' | 'none';

const ASKED = 5;
const HEARD = 0.3;

/** The median of round trips in one word; a missing answer counts as none. Pure. */
export function networkOf(trips: readonly number[], asked = ASKED): Network {
  if (trips.length < Math.ceil(asked / 2)) return 'none';
  const middle = [...trips].sort((a, b) => a - b)[Math.floor(trips.length / 2)] ?? 0;
  return middle < 200 ? 'good' : middle < 500 ? 'fair' : 'poor';
}

/** Asks the server a few times; the first answer, which opens the connection, does not count. */
export async function measureNetwork(): Promise<Network> {
  const trips: number[] = [];
  for (let count = 0; count <= ASKED; count += 1) {
    const from = performance.now();
    try {
      const answer = await fetch('/health', { cache: 'no-store', signal: AbortSignal.timeout(3_000) });
      await answer.arrayBuffer();
      if (count > 0) trips.push(performance.now() - from);
    } catch {
      // A lost answer is what the count of answers tells.
    }
  }
  return networkOf(trips);
}

/** Shows how loud a stream is. */
export class LevelMeter {
  readonly #context: AudioContext | null;
  readonly #timer: ReturnType<typeof setInterval> | undefined;
  #heard = false;

  constructor(stream: MediaStream, tell: (loud: number, wasHeard: boolean) => void) {
    this.#context = typeof AudioContext === 'undefined' || stream.getAudioTracks().length === 0 ? null : new AudioContext();
    if (this.#context === null) return;
    const ear = this.#context.createAnalyser();
    ear.fftSize = 1024;
    this.#context.createMediaStreamSource(stream).connect(ear);
    const samples = new Float32Array(ear.fftSize);
    void this.#context.resume().catch(() => undefined);
    this.#timer = setInterval(() => {
      ear.getFloatTimeDomainData(samples);
      const loud = loudness(samples);
      this.#heard ||= loud > HEARD;
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
