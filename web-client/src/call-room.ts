/** The screen of a running call: pictures, controls, the instruction of a check. */
import { messageSquare, mic, micOff, phoneOff, signalHigh, signalLow, signal, switchCamera, videoOff, volume2 } from '@visavis/shared/icons';
import { isVirtual, watchFrames, type Hint } from '@visavis/shared/injected';
import type { CallView, ChatLine, CheckView } from '@visavis/shared/wire';

import { Chat } from './chat';
import { CheckCard } from './check-card';
import { busy, button, fill, h, icon } from './dom';
import { movable } from './movable';
import type { Device } from './own-devices';
import { Weakness } from './weakness';
import { t, words } from './words';

/** What the buttons do. */
export interface Acts {
  mute(muted: boolean): void;
  flip(): Promise<void>;
  mend(): Promise<void>;
  say(text: string): boolean;
  hangUp(): Promise<void>;
  announce(sentence: string): void;
  noticed(hint: Hint): void;
}

const NOTE_MS = 6_000;
const SIGNALS = { good: signalHigh, fair: signal, poor: signalLow } as const;

/** One call on the screen. */
export class CallRoom {
  /** To be put on the screen. */
  readonly element: HTMLElement;
  readonly #remote: HTMLVideoElement;
  readonly #own: HTMLVideoElement;
  readonly #self: HTMLElement;
  readonly #status = h('div', { class: 'call-status', role: 'status' });
  readonly #advice = h('div', { class: 'call-advice', role: 'status' });
  readonly #signal = h('span', { class: 'chip glass', role: 'status' });
  readonly #clock = h('span', { class: 'tabular' });
  readonly #heading: HTMLElement;
  readonly #chat: Chat;
  readonly #check: CheckCard;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #note = h('p', { class: 'call-note', hidden: true });
  #noteTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #watch: () => void;
  #shownQuality = '';
  readonly #weakness = new Weakness();
  #missing: readonly Device[] = [];

  constructor(stream: MediaStream, facing: 'user' | 'environment', view: CallView, house: string, private readonly acts: Acts) {
    this.#remote = h('video', { class: 'remote', autoplay: true, playsInline: true, 'aria-label': t('client.call.picture_of', { name: view.agent_name }) });
    this.#own = h('video', { autoplay: true, playsInline: true, muted: true, 'aria-label': t('client.device.own') });
    this.#heading = h('h1', { tabindex: '-1' }, view.agent_name);
    this.#chat = new Chat(view.agent_name, acts);
    view.chat.forEach((line) => this.#chat.line(line, false));
    this.#self = h('div', { class: 'self', tabindex: '0', role: 'button', 'aria-label': t('client.call.move_self') }, this.#own);
    movable(this.#self);
    this.#check = new CheckCard(this.#self, this.#own, acts.announce, house);
    this.#watch = watchFrames(this.#own, (hint) => acts.noticed(hint), true);
    this.element = h('div', { class: 'room' },
      this.#remote,
      this.#status,
      h('div', { class: 'call-top' }, h('div', { class: 'who' }, this.#heading, h('p', null, house, ' · ', this.#clock)), this.#signal),
      this.#advice,
      this.#check.element,
      this.#note,
      this.#self,
      this.#controls(),
      this.#chat.element);
    this.own(stream, facing);
    view.checks.filter(({ state }) => state === 'asked').forEach((check) => this.check(check));
    const tick = (): void => void (this.#clock.textContent = words.duration(Date.now() - Date.parse(view.started_at)));
    tick();
    this.#timer = setInterval(tick, 1_000);
  }

  /** Takes the focus to the heading. */
  focus(): void {
    this.#heading.focus();
  }

  /** The other end's picture and sound. */
  remote(stream: MediaStream): void {
    if (this.#remote.srcObject !== stream) this.#remote.srcObject = stream;
    this.#remote.play().catch(() => this.#askToHear());
  }

  /** The element that shows the own picture: photographs are taken from it. */
  get ownPicture(): HTMLVideoElement {
    return this.#own;
  }

  /** The own picture; mirrored when it is the front camera, by style only. */
  own(stream: MediaStream, facing: 'user' | 'environment'): void {
    this.#own.srcObject = stream;
    this.#own.classList.toggle('mirrored', facing === 'user');
    if (stream.getVideoTracks().some((track) => isVirtual(track.label))) this.acts.noticed('virtual_camera');
  }

  /** A sentence over the picture; empty while all is well. */
  status(sentence: string, isLive: boolean): void {
    this.element.classList.toggle('live', isLive);
    fill(this.#status, sentence !== '' && h('p', null, h('span', { class: 'pulse small', 'aria-hidden': 'true' }), sentence));
  }

  /** Camera or microphone are gone; empty when they are back. */
  missing(kinds: readonly Device[]): void {
    this.#missing = kinds;
    this.#advise();
  }

  /** The call was read anew: what was written meanwhile, and a check that waits. */
  renewed(view: CallView): void {
    view.chat.forEach((line) => this.#chat.line(line, true));
    view.checks.filter(({ state }) => state === 'asked').forEach((check) => this.check(check));
  }

  /** A sentence that goes by itself: something was done that one should know of. */
  tell(sentence: string): void {
    clearTimeout(this.#noteTimer);
    this.#note.textContent = sentence;
    this.#note.hidden = false;
    this.acts.announce(sentence);
    this.#noteTimer = setTimeout(() => (this.#note.hidden = true), NOTE_MS);
  }

  /** How good the connection is. */
  heard(quality: 'good' | 'fair' | 'poor'): void {
    if (this.#weakness.heard(quality)) this.#advise();
    if (quality === this.#shownQuality) return;
    this.#shownQuality = quality;
    fill(this.#signal, icon(SIGNALS[quality]), t(`client.call.quality.${quality}`));
    this.#signal.classList.toggle('caution', quality !== 'good');
  }

  /** A line of chat. */
  line(line: ChatLine): void {
    this.#chat.line(line, true);
  }

  /** A check was asked or judged. */
  check(check: CheckView): void {
    this.#check.show(check);
  }

  /** The room goes away. */
  close(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#noteTimer);
    this.#watch();
    this.#check.close();
    this.#remote.srcObject = null;
    this.#own.srcObject = null;
  }

  /** One thing at a time to be mended by the person, the gravest first. */
  #advise(): void {
    const [kind] = this.#missing;
    if (kind !== undefined) {
      const again: HTMLButtonElement = button(t(`client.call.missing.${kind}.again`), () => void busy(again, () => this.acts.mend()));
      fill(this.#advice, h('div', { class: 'advice' }, icon(kind === 'video' ? videoOff : micOff), h('p', null, t(`client.call.missing.${kind}`)), again));
    } else fill(this.#advice, this.#weakness.isWeak && h('div', { class: 'advice' }, icon(signalLow), h('p', null, t('client.call.weak'))));
  }

  #controls(): HTMLElement {
    let muted = false;
    const mute: HTMLButtonElement = control(mic, t('client.call.mute'), () => {
      muted = !muted;
      this.acts.mute(muted);
      mute.setAttribute('aria-pressed', String(muted));
      fill(mute, icon(muted ? micOff : mic), h('span', null, t(muted ? 'client.call.unmute' : 'client.call.mute')));
    });
    const flip: HTMLButtonElement = control(switchCamera, t('client.call.flip'), () => void busy(flip, () => this.acts.flip()));
    const chat = control(messageSquare, t('client.call.chat'), () => this.#chat.open());
    this.#chat.badgeOn(chat);
    const hangUp = control(phoneOff, t('client.call.hang_up'), () => this.#askHangUp());
    hangUp.classList.add('danger');
    return h('div', { class: 'controls', role: 'toolbar', 'aria-label': t('client.call.controls') }, mute, flip, chat, hangUp);
  }

  #askHangUp(): void {
    const yes: HTMLButtonElement = button([icon(phoneOff), t('client.call.hang_up')], () => void busy(yes, () => this.acts.hangUp()).then(() => dialog.close()), 'danger');
    const dialog: HTMLDialogElement = h('dialog', { class: 'sheet', 'aria-labelledby': 'hang-title', onclose: () => dialog.remove() },
      h('h2', { id: 'hang-title' }, t('client.call.hang_up_sure')),
      h('p', null, t('client.call.hang_up_what')),
      h('div', { class: 'actions' }, yes, button(t('client.call.stay'), () => dialog.close())));
    document.body.append(dialog);
    dialog.showModal();
  }

  #askToHear(): void {
    const hear: HTMLButtonElement = button([icon(volume2), t('client.call.tap_to_hear')], () => {
      void this.#remote.play();
      hear.remove();
    }, 'primary hear');
    if (this.element.querySelector('.hear') === null) this.element.append(hear);
  }
}

function control(svg: string, name: string, act: () => void): HTMLButtonElement {
  return h('button', { type: 'button', class: 'control', onclick: act }, icon(svg), h('span', null, name));
}
