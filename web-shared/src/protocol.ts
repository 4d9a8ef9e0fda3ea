/**
 * The live socket: typed pushes in, typed commands out, always trying to be there. No DOM, no views.
 *
 * A page opens one {@link Live}; it says `ping` every 5 s, and when nothing was heard for 12 s, or the socket closes, it
 * comes back by itself with growing, jittered pauses. After every (re)connection the page must read what it shows anew:
 * pushes in between are gone. {@link Watcher.opened} is the moment for that.
 */
import type { BookingPush, CallPush, IntakePush, LiveCommand, QueuePush, RiskPush } from './wire';

/** Everything the server says on a live socket. */
export type Push = BookingPush | CallPush | IntakePush | QueuePush | RiskPush;

/** How the connection is doing. `lost`: was there and is being brought back. */
export type LiveState = 'connecting' | 'open' | 'lost' | 'closed';

/** Who listens to a {@link Live}. */
export interface Watcher {
  /** A message of the server. */
  push(push: Push): void;
  /**
   * The server said hello; `again` when it is not the first time on this page, `isNewRun` when it started anew since then:
   * media of before is gone.
   */
  opened?(again: boolean, isNewRun: boolean): void;
  /** The state changed. */
  state?(state: LiveState): void;
}

/** What of a WebSocket is used here; tests bring their own. */
export interface Wire {
  readyState: number;
  send(text: string): void;
  close(code?: number): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number }) => void) | null;
}

const HEARTBEAT_MS = 5_000;
const SILENCE_MS = 12_000;
const OPEN = 1;

/** Pause before the attempt number `attempt` (from 0): 0.4 s doubling to 8 s, half of it random so that pages spread out. */
export function backoff(attempt: number, random: number): number {
  const whole = Math.min(8_000, 400 * 2 ** attempt);
  return whole / 2 + (whole / 2) * random;
}

/** One live socket that stays. */
export class Live {
  #wire: Wire | null = null;
  #state: LiveState = 'connecting';
  #attempt = 0;
  /** The run of the server that said hello last. */
  #run: string | null = null;
  #heardAt = 0;
  #beat: ReturnType<typeof setInterval> | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly address: string,
    private readonly watcher: Watcher,
    private readonly connect: (address: string) => Wire = (to) => new WebSocket(to) as unknown as Wire,
  ) {
    this.#dial();
  }

  /** How the connection is doing. */
  get state(): LiveState {
    return this.#state;
  }

  /** Says something; false when there is no connection (it is not kept for later). */
  send(command: LiveCommand): boolean {
    if (this.#state !== 'open' || this.#wire?.readyState !== OPEN) return false;
    this.#wire.send(JSON.stringify(command));
    return true;
  }

  /** The device is online again or the page came to the front: do not wait for the next attempt. */
  nudge(): void {
    if (this.#state === 'closed') return;
    if (this.#wire === null) {
      this.#attempt = 0;
      this.#dial();
    } else if (this.#state === 'open' && Date.now() - this.#heardAt > SILENCE_MS / 2) {
      this.send({ type: 'ping' });
    }
  }

  /** Ends it for good. */
  close(): void {
    this.#turn('closed');
    this.#drop(1000);
    clearTimeout(this.#retry);
  }

  #dial(): void {
    clearTimeout(this.#retry);
    this.#drop();
    const wire = this.connect(this.address);
    this.#wire = wire;
    this.#heardAt = Date.now();
    wire.onmessage = ({ data }) => this.#hear(data);
    wire.onclose = () => this.#lose();
    this.#beat = setInterval(() => this.#tick(), HEARTBEAT_MS);
  }

  #tick(): void {
    if (Date.now() - this.#heardAt > SILENCE_MS) this.#lose();
    else this.send({ type: 'ping' });
  }

  #hear(data: unknown): void {
    this.#heardAt = Date.now();
    const push = parse(data);
    if (push === null) return;
    if (push.type === 'hello') {
      const before = this.#run;
      this.#run = push.run;
      this.#attempt = 0;
      this.#turn('open');
      this.watcher.opened?.(before !== null, before !== null && before !== push.run);
    }
    if (push.type !== 'pong') this.watcher.push(push);
  }

  #lose(): void {
    if (this.#state === 'closed') return;
    this.#drop();
    this.#turn(this.#run !== null ? 'lost' : 'connecting');
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#dial(), backoff(this.#attempt, Math.random()));
    this.#attempt += 1;
  }

  #drop(code?: number): void {
    clearInterval(this.#beat);
    const wire = this.#wire;
    this.#wire = null;
    if (wire === null) return;
    wire.onmessage = null;
    wire.onclose = null;
    wire.close(code);
  }

  #turn(state: LiveState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.watcher.state?.(state);
  }
}

/** The address of a live socket of the server that served the page. */
export function liveAddress(path: string, page: { protocol: string; host: string }): string {
  return `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}${path}`;
}

function parse(data: unknown): Push | null {
  if (typeof data !== 'string') return null;
  try {
    const push = JSON.parse(data) as Push;
    return typeof push?.type === 'string' ? push : null;
  } catch {
    return null;
  }
}
