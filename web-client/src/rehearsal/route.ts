/**
 * One way to the media server of the calls, tried for real: a connection with a data channel on which the server echoes the
 * beginning of what it hears. Lost messages are not sent again, so that loss is seen as loss.
 */
import { post } from '@visavis/shared/api';
import type { MediaRoute, RehearsalSdp, RouteResult } from '@visavis/shared/wire';

import { figuresOf, uplinkOf, type Echoed } from './figures';

const OPEN_WITHIN_MS = 8_000;
const PINGS = 20;
const PING_EVERY_MS = 50;
const LAST_PING_MS = 1_000;
const UPLINK_MS = 2_000;
const MESSAGE = 1_100;
/** More than a call needs is not asked of anybody's data plan. */
const MOST_KBPS = 2_500;
const BUFFERED = 32 * 1024;

/** Keeps the candidates of one way in an answer. Pure. */
export function only(sdp: string, route: MediaRoute): string {
  const wanted = route === 'tcp' ? 'tcp' : 'udp';
  return sdp.split('\r\n').filter((line) => !line.startsWith('a=candidate:') || line.split(' ')[2]?.toLowerCase() === wanted).join('\r\n');
}

/** Tries one way. */
export class RouteTrial {
  readonly #peer: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #echoes = new Map<number, number>();
  #number = 0;
  #setupMs: number | null = null;

  constructor(
    private readonly route: MediaRoute,
    servers: RTCIceServer[],
  ) {
    this.#peer = new RTCPeerConnection(route === 'relay' ? { iceServers: servers, iceTransportPolicy: 'relay' } : {});
    this.#channel = this.#peer.createDataChannel('echo', { ordered: false, maxRetransmits: 0 });
    this.#channel.binaryType = 'arraybuffer';
    this.#channel.onmessage = ({ data }) => {
      if (data instanceof ArrayBuffer && data.byteLength >= 4) this.#echoes.set(new DataView(data).getUint32(0), performance.now());
    };
  }

  /** Opens the way and measures round trips on it. */
  async run(): Promise<RouteResult> {
    const shut: RouteResult = { route: this.route, is_open: false, setup_ms: null, rtt_ms: null, jitter_ms: null, loss: null, uplink_kbps: null };
    try {
      if (!(await this.#open())) return shut;
    } catch {
      return shut;
    }
    const sent: Echoed[] = [];
    for (let count = 0; count < PINGS && this.#channel.readyState === 'open'; count += 1) {
      sent.push({ number: this.#say(16), sentAt: performance.now() });
      await pause(PING_EVERY_MS);
    }
    const end = performance.now() + LAST_PING_MS;
    while (performance.now() < end && sent.some(({ number }) => !this.#echoes.has(number))) await pause(20);
    return { route: this.route, is_open: true, setup_ms: this.#setupMs, ...figuresOf(sent, this.#echoes), uplink_kbps: null };
  }

  /** How much the way carries towards the server, kbit/s, up to what a call needs; null when nothing came back. */
  async uplink(): Promise<number | null> {
    const sent: Echoed[] = [];
    const start = performance.now();
    for (let now = start; now - start < UPLINK_MS && this.#channel.readyState === 'open'; now = performance.now()) {
      const allowed = ((now - start) * MOST_KBPS) / 8 / MESSAGE;
      while (sent.length < allowed && this.#channel.bufferedAmount < BUFFERED) sent.push({ number: this.#say(MESSAGE), sentAt: performance.now() });
      await pause(10);
    }
    await pause(400);
    return uplinkOf(sent, this.#echoes, MESSAGE);
  }

  /** Ends the connection. */
  close(): void {
    this.#peer.close();
  }

  async #open(): Promise<boolean> {
    const from = performance.now();
    const opened = new Promise<boolean>((done) => {
      this.#channel.onopen = () => done(true);
      this.#peer.onconnectionstatechange = () => this.#peer.connectionState === 'failed' && done(false);
      setTimeout(done, OPEN_WITHIN_MS, false);
    });
    await this.#peer.setLocalDescription();
    const answer = await post<RehearsalSdp>('/api/v1/application/rehearsal/offer', { sdp: this.#peer.localDescription?.sdp ?? '' });
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: only(answer.sdp, this.route) });
    const isOpen = await opened;
    this.#setupMs = performance.now() - from;
    return isOpen;
  }

  #say(bytes: number): number {
    const message = new DataView(new ArrayBuffer(bytes));
    const number = this.#number;
    this.#number += 1;
    message.setUint32(0, number);
    try {
      this.#channel.send(message.buffer);
    } catch {
      // A channel that closed or is full: the message counts as lost.
    }
    return number;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
