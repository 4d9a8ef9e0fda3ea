/**
 * Talk: the agent large, yourself small, and what the agent asks for.
 *
 * Reading the call counts a join of this end, so it is read once per join: when the screen comes (also after a reload), when
 * the server had started anew, and when media could not be mended. In between everything comes by the live socket.
 */
import './call.css';

import { ApiError, get, post } from '@visavis/shared/api';
import { CallEnd, verdict, type Ends, type MediaState, type Quality } from '@visavis/shared/call';
import type { Push } from '@visavis/shared/protocol';
import { STILL_CHANNEL, StillSender, type Channel } from '@visavis/shared/still-sender';
import type { CallView, PeerState } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { CallRoom } from '../call-room';
import { CameraError } from '../camera';
import { chimeOnce } from '../chime';
import { h } from '../dom';
import { OwnDevices, type Facing } from '../own-devices';
import { StillTaker } from '../still-taker';
import { cameraTrouble } from '../trouble';
import { t, type Key } from '../words';
import { stayAwake } from '../wake';

/** Pause before the server is asked again what comes after a call. */
const SETTLE_MS = 1_200;

/** The call. */
export function call(app: App): Screen {
  const talk = new Talk(app);
  void talk.begin();
  return {
    title: t('client.call.title'),
    body: talk.element,
    full: true,
    push: (push) => talk.hear(push),
    reopened: (isNewRun) => void talk.reopened(isNewRun),
    leave: () => talk.close(),
  };
}

class Talk {
  readonly element = h('div', { class: 'call-screen' });
  readonly #own = new OwnDevices({
    changed: (kind, track) => {
      void (kind === 'video' ? this.#end?.replaceVideo(track) : this.#end?.replaceAudio(track));
      if (this.#own.stream) this.#room?.own(this.#own.stream, this.#own.facing);
    },
    missing: (kinds) => this.#room?.missing(kinds),
  });
  #view: CallView | null = null;
  #end: CallEnd | null = null;
  #ends: Ends | null = null;
  #room: CallRoom | null = null;
  #peer: PeerState = 'joining';
  #media: MediaState = 'connecting';
  #gone = false;
  #hasJoined = false;
  #ownTakeovers = 0;
  #later: ReturnType<typeof setTimeout> | undefined;
  readonly #sender = new StillSender();
  #taker: StillTaker | null = null;
  readonly #sleep = stayAwake();

  constructor(private readonly app: App) {
    this.#wait(t('client.call.opening'));
  }

  /** Opens the devices and joins. */
  async begin(): Promise<void> {
    try {
      await this.#own.open(this.app.goesOnAnyway);
    } catch (error) {
      if (!this.#gone) this.#troubled(error);
      return;
    }
    if (this.#gone) return this.#own.release();
    await this.#join();
  }

  /** A message of the server. */
  hear(push: Push): void {
    if (push.type === 'refused') return this.#refused(push.code);
    if (!('call_id' in push) || push.call_id !== this.#view?.id) return;
    switch (push.type) {
      case 'answer':
        if (push.epoch !== this.#view.epoch) break;
        this.#hasJoined = true;
        void this.#end?.answer(push.sdp);
        break;
      case 'peer_changed':
        this.#peer = push.peer;
        this.#tell();
        break;
      case 'chat':
        this.#room?.line(push.line);
        break;
      case 'check_changed':
        this.#room?.check(push.check);
        break;
      case 'still_changed':
        this.#taker?.show(push.still);
        break;
      case 'camera_asked':
        void this.#obey(push.camera, push.torch);
        break;
      case 'peer_quality':
        this.#room?.heard(verdict(push));
        break;
      case 'superseded':
        if (this.#ownTakeovers > 0) this.#ownTakeovers -= 1;
        else this.#superseded();
        break;
      case 'call_moved':
        void this.#renew(true);
        break;
      case 'call_ended':
        void this.#over(push.reason);
        break;
      default:
    }
  }

  /** The live socket is back; the server knows this socket as new, and after a new start of its own nothing of our media. */
  async reopened(isNewRun: boolean): Promise<void> {
    this.#hasJoined = false;
    this.#ownTakeovers = 0;
    await this.#renew(isNewRun);
  }

  /** Another server said hello, or carries the call from now on: media it knows nothing of is set up anew. */
  async #renew(mayBeNew: boolean): Promise<void> {
    const [end, ends, before] = [this.#end, this.#ends, this.#view?.media_run];
    if (mayBeNew && ends !== null) {
      const view = await get<CallView>('/api/v1/call').catch(() => null);
      if (this.#end !== end || view?.id !== ends.callId || view.state === 'ended') return this.#gone ? undefined : this.#join();
      this.#view = view;
      this.#peer = view.peer;
      this.#room?.renewed(view);
      this.#photograph(view);
      ends.epoch = view.epoch;
      this.#tell();
    }
    end?.reopened(mayBeNew && this.#view?.media_run !== before);
  }

  /** Leaves without ending the call. */
  close(): void {
    this.#gone = true;
    clearTimeout(this.#later);
    this.#end?.close();
    this.#room?.close();
    this.#taker?.close();
    this.#own.close();
    this.#sleep();
  }

  async #join(): Promise<void> {
    // Reading the call anew fences this page's own earlier join too; the word about that is not for us.
    if (this.#hasJoined) this.#ownTakeovers += 1;
    this.#hasJoined = false;
    let view: CallView;
    try {
      view = await get<CallView>('/api/v1/call');
    } catch (error) {
      if (this.#gone) return;
      if (error instanceof ApiError && (error.status === 404 || error.status === 401)) return this.#settle();
      this.#wait(t('client.call.rejoining'));
      setTimeout(() => void (this.#gone || this.#join()), 2_000);
      return;
    }
    const { stream } = this.#own;
    if (this.#gone || stream === null) return;
    if (view.state === 'ended') return this.#settle();
    this.#view = view;
    bindOrder(view);
    this.#peer = view.peer;
    this.#room?.close();
    this.#room = new CallRoom(stream, this.#own.facing, view, this.app.brand.name, {
      mute: (muted) => this.#end?.setMuted(muted),
      flip: () => this.#flip(),
      mend: () => this.#own.mend(),
      say: (text) => this.app.live?.send({ type: 'chat', call_id: view.id, text }) ?? false,
      hangUp: () => this.#hangUp(),
      announce: (sentence) => this.app.shell.say(sentence),
      noticed: (hint) => void post('/api/v1/call/hints', { codes: [hint] }).catch(() => undefined),
    });
    this.#photograph(view);
    this.element.replaceChildren(this.#room.element);
    this.#room.focus();
    this.#connect(view, stream);
  }

  #connect(view: CallView, stream: MediaStream): void {
    this.#end?.close();
    this.#media = 'connecting';
    this.#ends = {
      callId: view.id,
      epoch: view.epoch,
      iceServers: view.ice_servers,
      stream,
      send: (command) => this.app.live?.send(command) ?? false,
      remote: (stream) => this.#room?.remote(stream),
      state: (state) => {
        if (state === 'connected') this.#tellCamera(null);
        if (state === 'connected' && this.#media === 'connecting') chimeOnce();
        this.#media = state;
        this.#tell();
      },
      quality: (quality: Quality) => this.#room?.heard(verdict(quality)),
      data: { label: STILL_CHANNEL, use: (channel) => this.#sender.use(channel as unknown as Channel) },
      failed: () => void this.#join(),
    };
    this.#end = new CallEnd(this.#ends);
    this.#tell();
  }

  #tell(): void {
    const agent = this.#view?.agent_name ?? '';
    const [words, isLive] =
      this.#media === 'reconnecting' ? [t('client.call.reconnecting'), false]
      : this.#peer === 'reconnecting' ? [t('client.call.peer_reconnecting', { agent }), false]
      : this.#peer === 'left' ? [t('client.call.peer_left', { agent }), false]
      : this.#media !== 'connected' || this.#peer === 'joining' ? [t('client.call.connecting', { agent }), false]
      : ['', true];
    this.#room?.status(words, isLive);
  }

  async #flip(): Promise<void> {
    await this.#face(this.#own.facing === 'user' ? 'environment' : 'user');
  }

  /** What the agent asks for: another camera, its lamp. The customer sees what happened and may turn back. */
  async #obey(camera: Facing, torch: boolean): Promise<void> {
    await this.#face(camera);
    if (torch !== this.#own.lamp.on) await this.#own.light(torch);
    this.#tellCamera(null);
    this.#room?.tell(t(this.#own.facing === 'environment' ? 'client.call.camera.rear' : 'client.call.camera.front', { agent: this.#view?.agent_name ?? '' }));
  }

  /** Turns to a camera; when that one does not start, back to the one before. */
  async #face(facing: Facing): Promise<void> {
    const before = this.#own.facing;
    if (facing === before || this.#own.stream === null) return;
    try {
      await this.#own.face(facing);
      this.#tellCamera(null);
    } catch (error) {
      const isBack = await this.#own.face(before).then(() => true, () => false);
      if (!isBack) return this.#troubled(error);
      this.#tellCamera(error instanceof CameraError ? error.trouble : 'unknown');
    }
  }

  /** Tells the agent which camera is on, and whether it has a lamp. */
  #tellCamera(trouble: string | null): void {
    if (this.#view === null) return;
    const { has, on } = this.#own.lamp;
    this.app.live?.send({ type: 'camera', call_id: this.#view.id, camera: this.#own.facing, has_torch: has, torch: on, trouble });
  }

  /** What is needed to take photographs, and those that wait. */
  #photograph(view: CallView): void {
    this.#taker ??= new StillTaker({
      stream: () => this.#own.stream,
      own: () => this.#room?.ownPicture ?? null,
      face: (camera) => this.#face(camera),
      sender: this.#sender,
      agent: view.agent_name,
      announce: (sentence) => this.app.shell.say(sentence),
    });
    this.#room?.element.append(this.#taker.element);
    for (const still of view.stills) if (still.state === 'asked') this.#taker.show(still);
  }

  async #hangUp(): Promise<void> {
    if (await this.app.attempt(() => post('/api/v1/call/hang-up'))) await this.#over('hung_up');
  }

  async #over(reason: string): Promise<void> {
    this.#taker?.close();
    this.#end?.close();
    this.#room?.close();
    this.#room = null;
    this.#own.release();
    if (reason !== 'hung_up') this.app.shell.tellNext(t(`client.call.end.${reason}` as Key));
    this.#wait(t('client.call.ended'));
    await this.#settle();
  }

  /** There is no call any more: the server is about to say what comes next (the queue, the result, or another call). */
  async #settle(): Promise<void> {
    await this.app.refresh().catch(() => undefined);
    if (!this.#gone) this.#later = setTimeout(() => void this.begin(), SETTLE_MS);
  }

  #refused(code: string): void {
    if (code === 'epoch_unknown') void this.#join();
    else if (code === 'call_over' || code === 'recorder_failed') void this.#over(code === 'recorder_failed' ? code : 'hung_up');
  }

  #superseded(): void {
    this.#end?.close();
    this.#room?.close();
    this.#own.release();
    this.element.replaceChildren(
      h('div', { class: 'trouble-card card stack' },
        h('h1', { tabindex: '-1' }, t('client.call.elsewhere')),
        h('p', null, t('client.call.elsewhere_why')),
        h('button', { type: 'button', class: 'button primary', onclick: () => void this.begin() }, t('client.call.here'))));
  }

  #troubled(error: unknown): void {
    this.#end?.close();
    this.#room?.close();
    this.#room = null;
    this.#own.release();
    const card = cameraTrouble(error instanceof CameraError ? error.trouble : 'unknown', {
      app: this.app,
      again: () => void this.begin(),
      instead: { words: t('client.device.go_anyway'), go: () => this.#beginAnyway() },
    });
    this.element.replaceChildren(card);
    card.querySelector<HTMLElement>('h1')?.focus();
  }

  /** The customer would rather talk without a picture than not at all. */
  #beginAnyway(): void {
    this.app.goesOnAnyway = true;
    void this.begin();
  }

  #wait(words: string): void {
    this.element.replaceChildren(h('div', { class: 'call-wait' }, h('div', { class: 'pulse', 'aria-hidden': 'true' }), h('h1', { tabindex: '-1' }, words)));
  }
}

/**
 * This page's part of the draw of the checks: given once, before the first check, after the server has said what it is bound
 * by. Without it the call goes on, and the file says so.
 */
function bindOrder(view: CallView): void {
  if (view.plan === null || view.plan.has_nonce || view.checks.length > 0) return;
  const nonce = [...crypto.getRandomValues(new Uint8Array(32))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  post('/api/v1/call/nonce', { nonce }).catch(() => undefined);
}
