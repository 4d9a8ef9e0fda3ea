/**
 * Looking on at a call: four sections that only receive, of the customer and then of the agent. No DOM, no views.
 *
 * The server takes an observer that lost its connection for gone; then another one is built.
 */
import { prefer } from './call';

/** How looking on is going. */
export type ObservationState = 'connecting' | 'connected' | 'reconnecting' | 'closed' | 'failed';

/** What a page gives to and hears from an observation. */
export interface Observed {
  iceServers: RTCIceServer[];
  /** Takes an offer to the server; its answer. */
  offer(sdp: string): Promise<string>;
  /** The sound and picture of an end; another stream when the connection had to be built anew. */
  streams(customer: MediaStream, agent: MediaStream): void;
  state(state: ObservationState): void;
}

const AGAIN_MS = 1_500;
const PATIENCE_MS = 4_000;
const TRIES = 5;

/** One look at one call, until it is closed. */
export class Observation {
  #peer: RTCPeerConnection | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  #tries = 0;
  #state: ObservationState = 'connecting';

  constructor(private readonly observed: Observed) {
    void this.#build();
  }

  /** Stops looking on. */
  close(): void {
    this.#end('closed');
  }

  async #build(): Promise<void> {
    const { observed } = this;
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: observed.iceServers });
    this.#peer = peer;
    const streams = [new MediaStream(), new MediaStream()] as const;
    const sections = streams.map((stream) => ({
      stream,
      audio: peer.addTransceiver('audio', { direction: 'recvonly' }),
      video: peer.addTransceiver('video', { direction: 'recvonly' }),
    }));
    sections.forEach(({ audio, video }) => {
      prefer(audio, 'audio/red', 'audio/opus');
      prefer(video, 'video/VP8');
    });
    peer.ontrack = ({ track, transceiver }) => {
      sections.find(({ audio, video }) => audio === transceiver || video === transceiver)?.stream.addTrack(track);
      observed.streams(...streams);
    };
    peer.onconnectionstatechange = () => this.#follow(peer);
    try {
      const offer = await peer.createOffer();
      await peer.setLocalDescription(offer);
      const answer = await observed.offer(offer.sdp ?? '');
      if (peer === this.#peer) await peer.setRemoteDescription({ type: 'answer', sdp: answer });
    } catch {
      if (peer === this.#peer) this.#again(AGAIN_MS);
    }
  }

  #follow(peer: RTCPeerConnection): void {
    if (peer !== this.#peer) return;
    if (peer.connectionState === 'connected') {
      clearTimeout(this.#later);
      this.#tries = 0;
      this.#turn('connected');
    } else if (peer.connectionState === 'disconnected') {
      this.#again(PATIENCE_MS);
    } else if (peer.connectionState === 'failed' || peer.connectionState === 'closed') {
      this.#again(AGAIN_MS);
    }
  }

  #again(ms: number): void {
    clearTimeout(this.#later);
    if (this.#tries >= TRIES) return this.#end('failed');
    this.#tries += 1;
    if (this.#state === 'connected') this.#turn('reconnecting');
    this.#later = setTimeout(() => {
      if (this.#peer?.connectionState === 'connected') return;
      this.#hang();
      void this.#build();
    }, ms);
  }

  #hang(): void {
    const peer = this.#peer;
    this.#peer = null;
    if (peer === null) return;
    peer.onconnectionstatechange = null;
    peer.ontrack = null;
    peer.close();
  }

  #end(state: ObservationState): void {
    clearTimeout(this.#later);
    this.#hang();
    this.#turn(state);
  }

  #turn(state: ObservationState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.observed.state(state);
  }
}
