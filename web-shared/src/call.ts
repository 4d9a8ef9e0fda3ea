/**
 * One end of a call: the peer connection to the server. No DOM, no views.
 *
 * Exactly one sendrecv audio and one sendrecv video section, fixed at the start; the browser offers over the live socket,
 * the server answers. Only an ICE restart negotiates again: 3 s after the connection was lost, and whenever the live socket
 * came back. When restarts do not help, {@link Ends.failed} asks the page to read the call anew and build another end.
 */
import type { LiveCommand } from './wire';

/** How the media is doing. */
export type MediaState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

/** How the call looks from here, over the last 2 s. */
export interface Quality {
  /** Round trip in ms. */
  rtt_ms: number;
  /** Share of packets lost on the way here, 0…1. */
  loss: number;
  /** Jitter in ms. */
  jitter_ms: number;
  /** Received video, kbit/s. */
  video_kbps: number;
}

/** What a page gives to and hears from its end of the call. */
export interface Ends {
  /** From `CallView`. */
  callId: string;
  /** From `CallView`. */
  epoch: number;
  /** Relays, from `CallView`; used when there is no straight way. */
  iceServers: RTCIceServer[];
  /** Own camera and microphone; a missing track leaves its section silent. */
  stream: MediaStream;
  /** Says something on the live socket; false when it is not there. */
  send(command: LiveCommand): boolean;
  /** The other end's picture and sound; the same stream for the whole call. */
  remote(stream: MediaStream): void;
  /** The media changed. */
  state(state: MediaState): void;
  /** Every 2 s while connected; already reported to the server. */
  quality?(quality: Quality): void;
  /** Several restarts did not help. */
  failed(): void;
}

const RESTART_AFTER_MS = 3_000;
const ANSWER_WITHIN_MS = 6_000;
const STATS_MS = 2_000;
const TRIES = 5;
const VIDEO_BPS = 1_500_000;

/** The page's end of one call. */
export class CallEnd {
  readonly #peer: RTCPeerConnection;
  readonly #remote = new MediaStream();
  readonly #audio: RTCRtpTransceiver;
  readonly #video: RTCRtpTransceiver;
  #state: MediaState = 'connecting';
  #tries = 0;
  #pending: string | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  readonly #watch: ReturnType<typeof setInterval>;
  #last: Totals | null = null;

  constructor(private readonly ends: Ends) {
    this.#peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: ends.iceServers });
    const [voice] = ends.stream.getAudioTracks();
    const [picture] = ends.stream.getVideoTracks();
    this.#audio = this.#peer.addTransceiver(voice ?? 'audio', { direction: 'sendrecv', streams: [ends.stream] });
    this.#video = this.#peer.addTransceiver(picture ?? 'video', {
      direction: 'sendrecv',
      streams: [ends.stream],
      sendEncodings: [{ maxBitrate: VIDEO_BPS }],
    });
    preferVp8(this.#video);
    this.#peer.ontrack = ({ track }) => {
      this.#remote.addTrack(track);
      ends.remote(this.#remote);
    };
    this.#peer.onconnectionstatechange = () => this.#follow();
    this.#watch = setInterval(() => void this.#measure(), STATS_MS);
    void this.#offer();
  }

  /** How the media is doing. */
  get state(): MediaState {
    return this.#state;
  }

  /** The server's answer of a `answer` push. Answers to older offers are left aside. */
  async answer(sdp: string): Promise<void> {
    if (this.#peer.signalingState !== 'have-local-offer') return;
    this.#pending = null;
    clearTimeout(this.#later);
    try {
      await this.#peer.setRemoteDescription({ type: 'answer', sdp });
    } catch {
      this.#again();
    }
  }

  /** The live socket is back: repeats an unanswered offer, and restarts when the media did not survive. */
  reopened(): void {
    if (this.#state === 'closed') return;
    if (this.#pending !== null) this.#send(this.#pending);
    else if (this.#peer.connectionState !== 'connected') void this.#offer();
  }

  /** Sends another camera (or none) from now on; nothing is negotiated. */
  async replaceVideo(track: MediaStreamTrack | null): Promise<void> {
    await this.#video.sender.replaceTrack(track);
  }

  /** Sends another microphone (or none) from now on. */
  async replaceAudio(track: MediaStreamTrack | null): Promise<void> {
    await this.#audio.sender.replaceTrack(track);
  }

  /** Silences the own microphone. */
  setMuted(muted: boolean): void {
    const track = this.#audio.sender.track;
    if (track) track.enabled = !muted;
  }

  /** Blackens the own camera. */
  setCameraOff(off: boolean): void {
    const track = this.#video.sender.track;
    if (track) track.enabled = !off;
  }

  /** Ends this end. The tracks of the own stream stay the page's to stop. */
  close(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#later);
    clearInterval(this.#watch);
    this.#peer.onconnectionstatechange = null;
    this.#peer.ontrack = null;
    this.#peer.close();
    this.#turn('closed');
  }

  async #offer(): Promise<void> {
    try {
      const restart = this.#tries > 0 || this.#peer.remoteDescription !== null;
      const offer = await this.#peer.createOffer({ iceRestart: restart });
      const sdp = withFec(offer.sdp ?? '');
      await this.#peer.setLocalDescription({ type: 'offer', sdp });
      this.#send(sdp);
    } catch {
      if (this.#state !== 'closed') this.#again();
    }
  }

  #send(sdp: string): void {
    this.#pending = sdp;
    this.ends.send({ type: 'offer', call_id: this.ends.callId, epoch: this.ends.epoch, sdp });
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#again(), ANSWER_WITHIN_MS);
  }

  #again(): void {
    clearTimeout(this.#later);
    if (this.#state === 'closed') return;
    this.#tries += 1;
    if (this.#tries >= TRIES) this.ends.failed();
    else void this.#offer();
  }

  #follow(): void {
    switch (this.#peer.connectionState) {
      case 'connected':
        this.#tries = 0;
        clearTimeout(this.#later);
        this.#turn('connected');
        break;
      case 'disconnected':
        this.#turn('reconnecting');
        this.#restartIn(RESTART_AFTER_MS);
        break;
      case 'failed':
        this.#turn('reconnecting');
        this.#restartIn(0);
        break;
      default:
    }
  }

  #restartIn(ms: number): void {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => {
      if (this.#peer.connectionState !== 'connected') this.#again();
    }, ms);
  }

  async #measure(): Promise<void> {
    if (this.#state !== 'connected') return;
    const now = totals(await this.#peer.getStats());
    const quality = this.#last === null ? null : between(this.#last, now);
    this.#last = now;
    if (quality === null || this.#state !== 'connected') return;
    this.ends.send({ type: 'quality', call_id: this.ends.callId, ...quality });
    this.ends.quality?.(quality);
  }

  #turn(state: MediaState): void {
    if (this.#state === state) return;
    this.#state = state;
    this.ends.state(state);
  }
}

/** What is counted since the start of a connection. */
export interface Totals {
  at: number;
  received: number;
  lost: number;
  videoBytes: number;
  jitterMs: number;
  rttMs: number;
}

/** How it went between two counts; null when no time went by. */
export function between(before: Totals, after: Totals): Quality | null {
  const ms = after.at - before.at;
  if (ms <= 0) return null;
  const lost = Math.max(0, after.lost - before.lost);
  const all = lost + Math.max(0, after.received - before.received);
  return {
    rtt_ms: after.rttMs,
    loss: all === 0 ? 0 : lost / all,
    jitter_ms: after.jitterMs,
    video_kbps: (Math.max(0, after.videoBytes - before.videoBytes) * 8) / ms,
  };
}

/** One word for a {@link Quality}; the limits are those where people begin to notice. */
export function verdict(quality: { rtt_ms: number; loss: number }): 'good' | 'fair' | 'poor' {
  if (quality.loss > 0.08 || quality.rtt_ms > 600) return 'poor';
  return quality.loss > 0.03 || quality.rtt_ms > 300 ? 'fair' : 'good';
}

function totals(stats: RTCStatsReport): Totals {
  const sum: Totals = { at: 0, received: 0, lost: 0, videoBytes: 0, jitterMs: 0, rttMs: 0 };
  stats.forEach((entry) => {
    if (entry.type === 'inbound-rtp') {
      sum.at = Math.max(sum.at, entry.timestamp);
      sum.received += entry.packetsReceived ?? 0;
      sum.lost += entry.packetsLost ?? 0;
      if (entry.kind === 'video') sum.videoBytes += entry.bytesReceived ?? 0;
      sum.jitterMs = Math.max(sum.jitterMs, (entry.jitter ?? 0) * 1000);
    } else if (entry.type === 'candidate-pair' && entry.nominated && entry.currentRoundTripTime !== undefined) {
      sum.at = Math.max(sum.at, entry.timestamp);
      sum.rttMs = entry.currentRoundTripTime * 1000;
    }
  });
  return sum;
}

/** VP8 first: the one codec every browser has and the recording takes as it is. */
function preferVp8(transceiver: RTCRtpTransceiver): void {
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.('video')?.codecs;
  if (!codecs || !('setCodecPreferences' in transceiver)) return;
  const first = codecs.filter(({ mimeType }) => mimeType === 'video/VP8');
  if (first.length > 0) transceiver.setCodecPreferences([...first, ...codecs.filter(({ mimeType }) => mimeType !== 'video/VP8')]);
}

/** Asks for Opus forward error correction (RFC 7587 §6.1) where the browser does not by itself. */
export function withFec(sdp: string): string {
  const type = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (type === undefined) return sdp;
  return sdp.replace(new RegExp(`^a=fmtp:${type} (.*)$`, 'm'), (line, rest: string) =>
    rest.includes('useinbandfec=') ? line : `a=fmtp:${type} ${rest.trimEnd()};useinbandfec=1`,
  );
}
