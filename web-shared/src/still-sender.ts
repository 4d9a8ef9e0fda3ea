/**
 * A photograph on its way over the data channel of a call: announced with its hash, sent in pieces, never more under way than
 * the other side has room for. A channel that breaks off is waited for, and the rest is sent on the next one. No DOM.
 */
import type { StillAnswer, StillOffer } from './wire';

/** The label of the channel. */
export const STILL_CHANNEL = 'still';

const PIECE = 16 * 1024;
/** Sent and not yet heard of: little enough that voice and picture hardly notice. */
const UNDER_WAY = 256 * 1024;
const BUFFERED = 64 * 1024;
/** Without any news for so long the channel is given up. */
const SILENCE_MS = 8_000;

/** Why a picture did not go over the channel. */
export class SendError extends Error {
  constructor(readonly code: string) {
    super(`the photograph was not sent: ${code}`);
    this.name = 'SendError';
  }
}

/** What of a data channel is used; tests bring their own. */
export interface Channel {
  readonly readyState: string;
  readonly bufferedAmount: number;
  bufferedAmountLowThreshold: number;
  onmessage: ((event: { data: unknown }) => void) | null;
  onopen: (() => void) | null;
  onclose: (() => void) | null;
  onbufferedamountlow: (() => void) | null;
  send(data: string | ArrayBuffer): void;
}

interface Job {
  id: string;
  bytes: Uint8Array<ArrayBuffer>;
  sha256: string;
  sent: number;
  heard: number;
  /** Whether the server said where to begin on this channel. */
  goes: boolean;
  told: (share: number) => void;
  done: () => void;
  failed: (error: SendError) => void;
  silence: ReturnType<typeof setTimeout> | undefined;
}

/** Sends photographs, one at a time. */
export class StillSender {
  #channel: Channel | null = null;
  #job: Job | null = null;

  /** From now on this channel is used: at the start, and after a new connection. */
  use(channel: Channel): void {
    this.#channel = channel;
    channel.bufferedAmountLowThreshold = BUFFERED / 2;
    channel.onmessage = ({ data }) => typeof data === 'string' && this.#hear(data);
    channel.onopen = () => this.#announce();
    channel.onclose = () => this.#job !== null && this.#channel === channel && (this.#job.goes = false);
    channel.onbufferedamountlow = () => this.#push();
    if (channel.readyState === 'open') this.#announce();
  }

  /** Sends a picture; done when the server has all of it and its hash is right. `told` hears the share that has arrived. */
  send(id: string, picture: ArrayBuffer, sha256: string, told: (share: number) => void): Promise<void> {
    this.#fail('replaced');
    return new Promise((done, failed) => {
      this.#job = { id, bytes: new Uint8Array(picture), sha256, sent: 0, heard: 0, goes: false, told, done, failed, silence: undefined };
      this.#wait();
      this.#announce();
    });
  }

  /** Gives up what is being sent. */
  close(): void {
    this.#fail('closed');
  }

  #announce(): void {
    const job = this.#job;
    if (job === null || this.#channel?.readyState !== 'open') return;
    const offer: StillOffer = { type: 'still', id: job.id, size: job.bytes.length, sha256: job.sha256 };
    this.#channel.send(JSON.stringify(offer));
  }

  #hear(text: string): void {
    const job = this.#job;
    const answer = parse(text);
    if (job === null || answer === null || (answer.id !== null && answer.id !== job.id)) return;
    this.#wait();
    switch (answer.type) {
      case 'go_on':
        job.goes = true;
        job.sent = job.heard = answer.from;
        this.#push();
        break;
      case 'got':
        job.heard = answer.bytes;
        job.told(job.heard / job.bytes.length);
        this.#push();
        break;
      case 'done':
        clearTimeout(job.silence);
        this.#job = null;
        job.told(1);
        job.done();
        break;
      case 'refused':
        this.#fail(answer.code);
    }
  }

  /** Sends as much as there is room for. */
  #push(): void {
    const [job, channel] = [this.#job, this.#channel];
    if (job === null || channel === null || !job.goes) return;
    while (job.sent < job.bytes.length && job.sent - job.heard < UNDER_WAY && channel.bufferedAmount < BUFFERED && channel.readyState === 'open') {
      const piece = job.bytes.subarray(job.sent, job.sent + PIECE);
      const message = new Uint8Array(4 + piece.length);
      new DataView(message.buffer).setUint32(0, job.sent);
      message.set(piece, 4);
      try {
        channel.send(message.buffer);
      } catch {
        // The channel has just closed: the next one goes on from what was heard of.
        return;
      }
      job.sent += piece.length;
    }
  }

  #wait(): void {
    if (this.#job === null) return;
    clearTimeout(this.#job.silence);
    this.#job.silence = setTimeout(() => this.#fail('silent'), SILENCE_MS);
  }

  #fail(code: string): void {
    const job = this.#job;
    if (job === null) return;
    clearTimeout(job.silence);
    this.#job = null;
    job.failed(new SendError(code));
  }
}

/** SHA-256 as the server writes it. */
export async function sha256Of(bytes: ArrayBuffer): Promise<string> {
  return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function parse(text: string): StillAnswer | null {
  try {
    return JSON.parse(text) as StillAnswer;
  } catch {
    return null;
  }
}
