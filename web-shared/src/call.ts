/**
 * One end of a call: the peer connection to the server. No DOM, no views.
 *
 * Exactly one sendrecv audio and one sendrecv video section, and one of data channels if there is something to send, fixed at
 * the start; the browser offers over the live socket,
 * the server answers. Only an ICE restart negotiates again: when the device changed networks, when nothing came over the way any
 * more, when the page came to the front without a connection, 3 s after it was lost, and whenever the live socket came back without one. A
 * server that had started anew knows nothing of the connection: then another one is built in the place of the first. When
 * nothing helps, {@link Ends.failed} asks the page to read the call anew and build another end.
 */
import { layersOf, tellsLayers } from './layers';
import { between, totals, type Quality, type Totals } from './quality';
import { Silence, traffic } from './silence';
import type { LiveCommand } from './wire';

export { verdict, type Quality } from './quality';

/** How the media is doing. */
export type MediaState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

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
  /** The other end's picture and sound; another stream when the connection had to be built anew. */
  remote(stream: MediaStream): void;
  /** The media changed. */
  state(state: MediaState): void;
  /** Every 2 s while connected; already reported to the server. */
  quality?(quality: Quality): void;
  /** Told of every new data channel of this label, if this end has something to send. */
  data?: { label: string; use(channel: RTCDataChannel): void };
  /** Several restarts did not help. */
  failed(): void;
}

const RESTART_AFTER_MS = 3_000;
const ANSWER_WITHIN_MS = 6_000;
const STATS_MS = 2_000;
const LISTEN_MS = 150;
const TRIES = 5;
const VIDEO_BPS = 1_500_000;
/** A change of networks comes in several events. */
const SETTLED_MS = 400;

/** One connection to the server with its two sections. */
interface Line {
  peer: RTCPeerConnection;
  audio: RTCRtpTransceiver;
  video: RTCRtpTransceiver;
}

/** The page's end of one call. */
export class CallEnd {
  #line: Line;
  #voice: MediaStreamTrack | null;
  #picture: MediaStreamTrack | null;
  #state: MediaState = 'connecting';
  #tries = 0;
  #pending: string | null = null;
  #later: ReturnType<typeof setTimeout> | undefined;
  readonly #watch: ReturnType<typeof setInterval>;
  readonly #listening: ReturnType<typeof setInterval>;
  readonly #silence = new Silence();
  /** Which sound of the other end was played last. */
  #played: number | undefined;
  #last: Totals | null = null;
  readonly #forget: () => void;

  constructor(private readonly ends: Ends) {
    this.#voice = ends.stream.getAudioTracks()[0] ?? null;
    this.#picture = ends.stream.getVideoTracks()[0] ?? null;
    this.#line = this.#build();
    this.#watch = setInterval(() => void this.#measure(), STATS_MS);
    this.#listening = setInterval(() => void this.#listen(), LISTEN_MS);
    this.#forget = onNewNetwork(() => this.#moved(), () => this.#inFront());
    void this.#offer();
  }

  /** How the media is doing. */
  get state(): MediaState {
    return this.#state;
  }

  /** The server's answer of a `answer` push. Answers to older offers are left aside. */
  async answer(sdp: string): Promise<void> {
    if (this.#line.peer.signalingState !== 'have-local-offer') return;
    this.#pending = null;
    clearTimeout(this.#later);
    try {
      await this.#line.peer.setRemoteDescription({ type: 'answer', sdp });
      if (this.#line.peer.connectionState === 'connected') this.#tries = 0;
    } catch {
      this.#again();
    }
  }

  /**
   * The live socket is back: repeats an unanswered offer, and restarts when the media did not survive. `isNewRun`: the server
   * had started anew; the page has read the call again, and {@link Ends.epoch} is the new one.
   */
  reopened(isNewRun: boolean): void {
    if (this.#state === 'closed') return;
    if (isNewRun) this.#renew();
    else if (this.#pending !== null) this.#send(this.#pending);
    else if (this.#line.peer.connectionState !== 'connected') void this.#offer();
  }

  /** Sends another camera (or none) from now on; nothing is negotiated. */
  async replaceVideo(track: MediaStreamTrack | null): Promise<void> {
    this.#picture = track;
    await this.#line.video.sender.replaceTrack(track);
  }

  /** Sends another microphone (or none) from now on. */
  async replaceAudio(track: MediaStreamTrack | null): Promise<void> {
    this.#voice = track;
    await this.#line.audio.sender.replaceTrack(track);
  }

  /** Silences the own microphone. */
  setMuted(muted: boolean): void {
    if (this.#voice) this.#voice.enabled = !muted;
  }

  /** Blackens the own camera. */
  setCameraOff(off: boolean): void {
    if (this.#picture) this.#picture.enabled = !off;
  }

  /** Ends this end. The tracks of the own stream stay the page's to stop. */
  close(): void {
    if (this.#state === 'closed') return;
    clearTimeout(this.#later);
    clearInterval(this.#watch);
    clearInterval(this.#listening);
    this.#forget();
    hang(this.#line);
    this.#turn('closed');
  }

  #build(): Line {
    const { ends } = this;
    const peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers: ends.iceServers });
    // Sound first: it must still be understood where the way is too narrow for a picture.
    const audio = peer.addTransceiver(this.#voice ?? 'audio', { direction: 'sendrecv', streams: [ends.stream], sendEncodings: [{ priority: 'high', networkPriority: 'high' }] });
    const video = peer.addTransceiver(this.#picture ?? 'video', { direction: 'sendrecv', streams: [ends.stream], sendEncodings: layersOf(this.#picture, { maxBitrate: VIDEO_BPS, priority: 'low' }) });
    prefer(audio, 'audio/red', 'audio/opus');
    prefer(video, 'video/VP8');
    tellsLayers(peer, video.sender);
    if (ends.data) ends.data.use(peer.createDataChannel(ends.data.label));
    const remote = new MediaStream();
    peer.ontrack = ({ track }) => {
      remote.addTrack(track);
      ends.remote(remote);
    };
    peer.onconnectionstatechange = () => this.#follow();
    return { peer, audio, video };
  }

  /** Another connection in the place of this one. */
  #renew(): void {
    clearTimeout(this.#later);
    hang(this.#line);
    this.#pending = null;
    this.#tries = 0;
    this.#last = null;
    this.#line = this.#build();
    if (this.#state === 'connected') this.#turn('reconnecting');
    void this.#offer();
  }

  /** The device is on another network: the way there is looked for at once, not after the silence that follows. */
  #moved(): void {
    if (this.#state === 'closed' || this.#line.peer.remoteDescription === null || this.#pending !== null) return;
    this.#restartIn(SETTLED_MS, true);
  }

  /** The page came to the front; its timers may have slept. */
  #inFront(): void {
    if (this.#state === 'reconnecting' && this.#pending === null) this.#restartIn(0);
  }

  async #offer(): Promise<void> {
    const { peer } = this.#line;
    try {
      const restart = peer.remoteDescription !== null;
      const offer = await peer.createOffer({ iceRestart: restart });
      const sdp = withFec(offer.sdp ?? '');
      await peer.setLocalDescription({ type: 'offer', sdp });
      if (peer === this.#line.peer && this.#state !== 'closed') this.#send(sdp);
    } catch {
      if (peer === this.#line.peer && this.#state !== 'closed') this.#again();
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
    switch (this.#line.peer.connectionState) {
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

  #restartIn(ms: number, evenIfConnected = false): void {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => {
      if (evenIfConnected || this.#line.peer.connectionState !== 'connected') this.#again();
    }, ms);
  }

  /** Looks for another way when this one fell silent. While the other end is heard, that is all it takes to know. */
  async #listen(): Promise<void> {
    const { peer, audio } = this.#line;
    if (this.#state !== 'connected' || this.#pending !== null || peer.connectionState !== 'connected') return;
    const played = audio.receiver.getSynchronizationSources?.()[0]?.rtpTimestamp;
    if (played !== undefined && played !== this.#played) {
      this.#played = played;
      return this.#silence.heard(performance.now());
    }
    const now = traffic(await peer.getStats());
    if (now === null || peer !== this.#line.peer || this.#pending !== null) return;
    if (this.#silence.look(now, performance.now())) this.#restartIn(0, true);
  }

  async #measure(): Promise<void> {
    if (this.#state !== 'connected') return;
    const now = totals(await this.#line.peer.getStats());
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

/** Told when the device may be on another network, and when the page comes to the front; the answer ends both. */
function onNewNetwork(moved: () => void, inFront: () => void): () => void {
  const way = (navigator as { connection?: EventTarget & { type?: string } }).connection;
  let type = way?.type;
  // The same event tells of every new estimate of speed.
  const changed = (): void => {
    if (way?.type === type) return;
    type = way?.type;
    moved();
  };
  const shown = (): void => void (document.visibilityState === 'visible' && inFront());
  globalThis.addEventListener?.('online', moved);
  way?.addEventListener('change', changed);
  globalThis.document?.addEventListener('visibilitychange', shown);
  return () => {
    globalThis.removeEventListener?.('online', moved);
    way?.removeEventListener('change', changed);
    globalThis.document?.removeEventListener('visibilitychange', shown);
  };
}

function hang({ peer }: Line): void {
  peer.onconnectionstatechange = null;
  peer.ontrack = null;
  peer.close();
}

/**
 * Puts codecs in front, in this order, where the browser has them and may be told. VP8: the one for pictures that every browser has and
 * the recording takes as it is. RED before Opus: each packet of sound carries the one before it once more (RFC 2198), so that
 * one that is lost is not missed.
 */
export function prefer(transceiver: RTCRtpTransceiver, ...types: string[]): void {
  const kind = types[0]?.startsWith('audio') ? 'audio' : 'video';
  const codecs = globalThis.RTCRtpReceiver?.getCapabilities?.(kind)?.codecs;
  if (!codecs || !('setCodecPreferences' in transceiver)) return;
  const is = (type: string) => ({ mimeType }: { mimeType: string }): boolean => mimeType.toLowerCase() === type.toLowerCase();
  const first = types.flatMap((type) => codecs.filter(is(type)));
  if (first.length > 0) transceiver.setCodecPreferences([...first, ...codecs.filter((codec) => !first.includes(codec))]);
}

/** Asks for Opus forward error correction (RFC 7587 §6.1) where the browser does not by itself. */
export function withFec(sdp: string): string {
  const type = /^a=rtpmap:(\d+) opus\/48000/im.exec(sdp)?.[1];
  if (type === undefined) return sdp;
  return sdp.replace(new RegExp(`^a=fmtp:${type} (.*)$`, 'm'), (line, rest: string) =>
    rest.includes('useinbandfec=') ? line : `a=fmtp:${type} ${rest.trimEnd()};useinbandfec=1`,
  );
}
