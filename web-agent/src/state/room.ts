/**
 * The call this console is in. A room outlives the page on screen: an agent may look something up under Files and come
 * back. It joins by reading the call (which gives its epoch), opening the devices and offering on the live socket.
 */
import { effect, signal } from '@preact/signals';
import { CallEnd, type Ends, type MediaState, type Quality } from '@visavis/shared/call';
import type { Push } from '@visavis/shared/protocol';
import type { CallFileView, CallView, CheckView, PlanView, StillView } from '@visavis/shared/wire';
import * as door from '../door';
import { withCheck } from '../rules/checks';
import { callId, desk } from './desk';
import { openCamera, openDevices, type Devices } from './devices';
import { onOpen, onPush, say } from './live';

/** `elsewhere`: another window of the same agent took the call over. */
export type RoomPhase = 'opening' | 'open' | 'elsewhere' | 'failed' | 'ended';

/** What the customer's page reports about what it receives. */
export interface PeerQuality {
  rtt_ms: number;
  loss: number;
  video_kbps: number;
  frozen_ms: number;
  /** What it hears, 1…5. */
  mos: number;
  /** What is heard here, once this console reported. */
  own_mos: number | null;
}

/** Which camera of the customer is on. */
export interface CustomerCamera {
  camera: 'user' | 'environment';
  has_torch: boolean;
  torch: boolean;
  trouble: string | null;
}

/** How far a photograph has come. */
export interface StillProgress {
  id: string;
  received: number;
  size: number;
}

export class Room {
  readonly phase = signal<RoomPhase>('opening');
  readonly view = signal<CallView | null>(null);
  readonly file = signal<CallFileView | null>(null);
  readonly failure = signal<unknown>(null);
  readonly media = signal<MediaState>('connecting');
  readonly remote = signal<MediaStream | null>(null);
  readonly devices = signal<Devices | null>(null);
  readonly quality = signal<Quality | null>(null);
  readonly peerQuality = signal<PeerQuality | null>(null);
  readonly camera = signal<CustomerCamera | null>(null);
  readonly stillProgress = signal<StillProgress | null>(null);
  readonly isMuted = signal(false);
  readonly isCameraOff = signal(false);
  readonly endReason = signal<string | null>(null);
  /** The element that shows the customer: stills are taken from it. */
  picture: HTMLVideoElement | null = null;

  #end: CallEnd | null = null;
  #ends: Ends | null = null;
  #joins = 0;
  readonly #forget: (() => void)[];

  constructor(readonly callId: string) {
    this.#forget = [onPush((push) => this.#hear(push)), onOpen((isNewRun) => void this.#reopened(isNewRun))];
    void this.join();
  }

  /** Joins, or joins anew after the call was lost or taken over elsewhere. */
  async join(): Promise<void> {
    const mine = ++this.#joins;
    this.#hangMedia();
    this.phase.value = 'opening';
    this.failure.value = null;
    try {
      const [view, file, devices] = await Promise.all([door.call(this.callId), door.callFile(this.callId), this.devices.value ?? openDevices()]);
      if (mine !== this.#joins) return stopTracks(devices.stream);
      this.view.value = view;
      this.file.value = file;
      this.devices.value = devices;
      if (view.state === 'ended') return this.#finish(null);
      this.phase.value = 'open';
      this.#offer(view, devices.stream);
    } catch (failure) {
      if (mine !== this.#joins) return;
      this.failure.value = failure;
      this.phase.value = 'failed';
    }
  }

  /** Leaves without ending the call: the page closes or the desk says there is none. */
  close(): void {
    this.#joins += 1;
    for (const forget of this.#forget) forget();
    this.#hangMedia();
    this.#stopDevices();
  }

  /** Ends the call for both. */
  async hangUp(): Promise<void> {
    await door.hangUp(this.callId);
    this.#finish('hung_up');
  }

  /** Says something in writing; false when there is no connection. */
  chat(text: string): boolean {
    return say({ type: 'chat', call_id: this.callId, text });
  }

  toggleMute(): void {
    this.isMuted.value = !this.isMuted.value;
    this.#end?.setMuted(this.isMuted.value);
  }

  toggleCamera(): void {
    this.isCameraOff.value = !this.isCameraOff.value;
    this.#end?.setCameraOff(this.isCameraOff.value);
  }

  /** Sends another camera from now on. */
  async useCamera(deviceId: string): Promise<void> {
    const devices = this.devices.value;
    const track = await openCamera(deviceId);
    if (devices === null || track === null) return;
    const [old] = devices.stream.getVideoTracks();
    track.enabled = !this.isCameraOff.value;
    await this.#end?.replaceVideo(track);
    old?.stop();
    const stream = new MediaStream([...devices.stream.getAudioTracks(), track]);
    this.devices.value = { ...devices, stream, hasCamera: true };
  }

  /** Takes over a check as the server answered or pushed it. */
  keepCheck(check: CheckView, plan: PlanView | null = null): void {
    const view = this.view.value;
    if (view === null) return;
    this.view.value = { ...view, plan: plan ?? view.plan, checks: withCheck(view.checks, check, plan !== null) };
  }

  /** Takes over a photograph as the server answered or pushed it. */
  keepStill(still: StillView): void {
    const view = this.view.value;
    if (view === null) return;
    const earlier = view.stills.find((other) => other.id === still.id);
    // The answer to a question may come after the push of what became of it.
    if (earlier !== undefined && earlier.state !== 'asked' && still.state === 'asked') return;
    const others = view.stills.filter((other) => other.id !== still.id);
    this.view.value = { ...view, stills: [...others, still].sort((a, b) => a.asked_at.localeCompare(b.asked_at)) };
  }

  /** Asks the customer's page for a camera, with or without its lamp. */
  askCamera(camera: 'user' | 'environment', torch: boolean): void {
    say({ type: 'ask_camera', call_id: this.callId, camera, torch });
  }

  #offer({ epoch, ice_servers: iceServers }: CallView, stream: MediaStream): void {
    this.#ends = {
      callId: this.callId,
      epoch,
      iceServers,
      stream,
      send: say,
      remote: (remote) => {
        this.remote.value = remote;
      },
      state: (state) => {
        this.media.value = state;
      },
      quality: (quality) => {
        this.quality.value = quality;
      },
      failed: () => void this.join(),
    };
    this.media.value = 'connecting';
    this.#end = new CallEnd(this.#ends);
    this.#end.setMuted(this.isMuted.value);
    this.#end.setCameraOff(this.isCameraOff.value);
  }

  async #reopened(mayBeNew: boolean): Promise<void> {
    if (this.phase.value !== 'open' || this.#ends === null) return;
    const [mine, before] = [this.#joins, this.view.value?.media_run];
    try {
      const view = await door.call(this.callId);
      if (mine !== this.#joins || this.#ends === null) return;
      this.view.value = view;
      if (view.state === 'ended') return this.#finish(null);
      this.#ends.epoch = view.epoch;
      // Another server may have said hello while the one that carries the media is the same.
      this.#end?.reopened(mayBeNew && view.media_run !== before);
    } catch (failure) {
      this.failure.value = failure;
    }
  }

  #hear(push: Push): void {
    if (!('call_id' in push) || push.call_id !== this.callId) return;
    const view = this.view.value;
    if (push.type === 'answer') {
      if (push.epoch === this.#ends?.epoch) void this.#end?.answer(push.sdp);
    } else if (push.type === 'superseded') {
      this.#hangMedia();
      this.#stopDevices();
      this.phase.value = 'elsewhere';
    } else if (push.type === 'call_moved') void this.#reopened(true);
    else if (push.type === 'call_ended') this.#finish(push.reason);
    else if (push.type === 'check_changed') this.keepCheck(push.check, push.plan);
    else if (push.type === 'peer_quality') this.peerQuality.value = push;
    else if (push.type === 'still_changed') this.keepStill(push.still);
    else if (push.type === 'still_progress') this.stillProgress.value = push;
    else if (push.type === 'camera_changed') this.camera.value = push;
    else if (view === null) return;
    else if (push.type === 'hints_changed') this.view.value = { ...view, hints: push.hints };
    else if (push.type === 'peer_changed') this.view.value = { ...view, peer: push.peer };
    else if (push.type === 'call_changed') this.view.value = { ...view, state: push.state };
    else if (push.type === 'chat' && !view.chat.some((line) => line.id === push.line.id)) this.view.value = { ...view, chat: [...view.chat, push.line] };
  }

  #finish(reason: string | null): void {
    if (this.phase.value === 'ended') return;
    this.#hangMedia();
    this.#stopDevices();
    this.endReason.value = reason;
    this.phase.value = 'ended';
  }

  #hangMedia(): void {
    this.#end?.close();
    this.#end = null;
    this.#ends = null;
    this.remote.value = null;
    this.quality.value = null;
  }

  #stopDevices(): void {
    stopTracks(this.devices.value?.stream ?? null);
    this.devices.value = null;
  }
}

function stopTracks(stream: MediaStream | null): void {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** The call of this console, or null. */
export const room = signal<Room | null>(null);

/** Why the last call ended when nobody hung up: the agent is told, because the call is gone from the desk. */
export const cutOff = signal<'customer_lost' | 'agent_lost' | 'server_lost' | 'recorder_failed' | 'unknown' | null>(null);

const CUT_OFF = ['customer_lost', 'agent_lost', 'server_lost', 'recorder_failed'] as const;

function cutOffBy(ended: Room): typeof cutOff.value {
  if (ended.phase.peek() !== 'ended') return 'unknown';
  return CUT_OFF.find((reason) => reason === ended.endReason.peek()) ?? null;
}

/** Opens and closes the room as the desk tells; call once. */
export function followCalls(): void {
  effect(() => {
    if (desk.value === null) return;
    const wanted = callId.value;
    const current = room.peek();
    if (wanted === (current?.callId ?? null)) return;
    cutOff.value = wanted === null && current !== null ? cutOffBy(current) : null;
    current?.close();
    room.value = wanted === null ? null : new Room(wanted);
  });
}
