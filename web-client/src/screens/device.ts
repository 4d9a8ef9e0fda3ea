/**
 * Will the call work: own picture and the light on it, the level of the voice, the ways to the media server. One thing to
 * mend at a time, and a way on whatever was found.
 */
import { post } from '@visavis/shared/api';
import { circleAlert, circleCheck, mic, phone, smartphone, sun, switchCamera, video, volume2, wifi } from '@visavis/shared/icons';
import type { TicketView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { here } from '../browser';
import { CameraError, openCallDevices, stop, type CameraTrouble } from '../camera';
import { chimeOnce } from '../chime';
import { busy, button, fill, h, icon } from '../dom';
import { wayOut } from '../in-app';
import { bestOf } from '../rehearsal/figures';
import { faultsOf, Trial, type Found } from '../rehearsal/trial';
import { cameraTrouble } from '../trouble';
import { t, words, type Key } from '../words';

/** The last screen before the queue. */
export const device = (app: App): Screen => make(app, true);
/** The same long before a booked call: nothing is called. */
export const deviceCheck = (app: App): Screen => make(app, false);

function make(app: App, calls: boolean): Screen {
  const check = new DeviceCheck(app, calls);
  void check.begin();
  return { title: t('client.device.title'), body: check.element, leave: () => check.close() };
}

type Tone = 'positive' | 'caution' | '';

class DeviceCheck {
  readonly element = h('div', { class: 'stack' });
  readonly #trial: Trial;
  readonly #level = h('span');
  readonly #lines = { camera: h('li'), light: h('li'), microphone: h('li'), network: h('li') };
  readonly #advice = h('div', { role: 'status' });
  readonly #go: HTMLButtonElement;
  readonly #anyway = h('p', { class: 'muted small' });
  #stream: MediaStream | null = null;
  #facing: 'user' | 'environment' = 'user';
  #shown = '';
  #gone = false;

  constructor(private readonly app: App, private readonly calls: boolean) {
    this.#go = button('', () => void this.#goOn(), 'primary wide');
    this.#trial = new Trial({
      loud: (loud) => void (this.#level.style.width = `${Math.round(loud * 100)}%`),
      news: (found) => this.#draw(found),
    });
  }

  /** Opens the devices and shows what comes of it. */
  async begin(): Promise<void> {
    stop(this.#stream);
    fill(this.element, wayOut(this.app), h('p', { class: 'muted', role: 'status' }, t('client.device.asking')));
    try {
      this.#stream = await openCallDevices(this.#facing);
    } catch (error) {
      if (!this.#gone) this.#trouble(error instanceof CameraError ? error.trouble : 'unknown');
      return;
    }
    if (this.#gone) stop(this.#stream);
    else this.#show(this.#stream);
  }

  /** Ends everything; the lamp of the camera goes out. */
  close(): void {
    this.#gone = true;
    this.#trial.close();
    stop(this.#stream);
  }

  #show(own: MediaStream): void {
    const picture = h('video', { class: this.#facing === 'user' ? 'own mirrored' : 'own', autoplay: true, playsInline: true, muted: true, 'aria-label': t('client.device.own') });
    picture.srcObject = own;
    this.#shown = '';
    const { camera, light, microphone, network } = this.#lines;
    fill(this.element,
      wayOut(this.app),
      h('div', { class: 'own-box' }, picture, button(icon(switchCamera), () => void this.#flip(), 'glass round', { 'aria-label': t('client.call.flip') })),
      h('ul', { class: 'card verdicts' },
        camera, light, microphone,
        h('li', { class: 'meter-row' }, h('div', { class: 'meter', role: 'img', 'aria-label': t('client.device.level') }, this.#level)),
        network),
      this.#advice,
      button([icon(volume2), t('client.device.sound')], () => chimeOnce(), 'wide'),
      !this.calls && h('p', null, t('client.device.booked')),
      this.#anyway,
      this.#go,
      button(t('client.back'), () => void this.app.proceed(), 'quiet'));
    this.#trial.watch(own, picture);
    this.#draw(this.#trial.found);
  }

  /** No picture at all: what happened, what to do, and how to go on without. */
  #trouble(trouble: CameraTrouble): void {
    this.#trial.blind(trouble);
    const ways = { app: this.app, again: () => void this.begin(), instead: { words: t('client.device.go_anyway'), go: () => void this.#goOn() } };
    fill(this.element,
      wayOut(this.app),
      cameraTrouble(trouble, ways),
      h('p', { class: 'muted small' }, t('client.device.anyway.camera')),
      button(t('client.back'), () => void this.app.proceed(), 'quiet'));
  }

  #draw(found: Found): void {
    const key = JSON.stringify([found.camera, found.light, found.face === 'unseen', found.microphone, found.network]);
    if (key === this.#shown) return;
    this.#shown = key;
    const { camera, light, microphone, network } = this.#lines;
    const seen = found.camera === null ? 'looking' : found.camera === 'black' || found.camera === 'frozen' ? found.camera : 'good';
    line(camera, found.camera === null ? '' : seen === 'good' ? 'positive' : 'caution', video, t(`client.device.camera.${seen}`));
    // Nothing is said of the light on a face that is not seen, unless it is the light that hides it.
    light.hidden = found.light === 'unknown' || (found.light === 'good' && found.face === 'unseen');
    if (found.light !== 'unknown') line(light, found.light === 'good' ? 'positive' : 'caution', sun, t(`client.device.light.${found.light}`));
    const heard = found.microphone;
    line(microphone, heard === 'heard' ? 'positive' : heard === 'quiet' ? '' : 'caution', mic, t(heard === 'heard' ? 'client.device.heard' : heard === 'quiet' ? 'client.device.say' : 'client.device.microphone.silent'));
    line(network, found.network === null ? '' : found.network === 'good' ? 'positive' : 'caution', wifi, found.network === null ? t('client.device.measuring') : t(`client.device.network.${found.network}`), figures(found));
    const [worst] = faultsOf(found);
    fill(this.#advice, worst !== undefined && this.#mend(worst, found));
    fill(this.#anyway, worst !== undefined && t(`client.device.anyway.${worst}`));
    // A weak network or poor light is worth a word; without picture, sound or any way the call is likely to be in vain.
    const isInVain = worst === 'camera' || worst === 'microphone' || worst === 'no_network';
    fill(this.#go, this.calls && icon(phone), t(isInVain ? 'client.device.go_anyway' : this.calls ? 'client.device.go' : 'client.device.done'));
    this.#go.classList.toggle('primary', !isInVain);
  }

  /** The one thing to mend now, and the phone where that may be quicker. */
  #mend(fault: string, found: Found): HTMLElement {
    const key = fault === 'camera' ? `camera.${found.camera}` : fault === 'microphone' ? 'microphone.silent' : fault === 'light' ? `light.${found.light}` : fault === 'face' ? 'face' : `network.${found.network}`;
    const advice = words.maybe(`client.device.${key}.advice`) ?? '';
    const toPhone = fault === 'camera' && here().system === 'desktop' && this.app.view !== null;
    return h('div', { class: 'banner caution' }, icon(circleAlert),
      h('div', { class: 'stack tight' },
        h('p', null, advice),
        toPhone && h('p', { class: 'small' }, t('client.device.phone_why')),
        toPhone && button([icon(smartphone), t('client.device.phone')], () => void this.app.shell.offerLink())));
  }

  async #flip(): Promise<void> {
    this.#facing = this.#facing === 'user' ? 'environment' : 'user';
    await this.begin();
  }

  async #goOn(): Promise<void> {
    await busy(this.#go, async () => {
      await this.#trial.file();
      this.app.goesOnAnyway = this.#trial.found.camera !== 'good';
      if (!this.calls) return this.app.proceed();
      await this.app.attempt(async () => {
        await post<TicketView>('/api/v1/tickets');
        await this.app.proceed();
      });
    });
  }
}

function figures(found: Found): string {
  const best = found.routes === null ? null : bestOf(found.routes);
  if (best === null || best.rtt_ms === null) return '';
  const shown: Record<string, string> = {
    rtt: words.number(Math.round(best.rtt_ms)),
    loss: words.number(best.loss ?? 0, { style: 'percent', maximumFractionDigits: 0 }),
    up: words.number((best.uplink_kbps ?? 0) / 1000, { maximumFractionDigits: 1 }),
  };
  const key: Key = best.uplink_kbps === null ? 'client.device.figures' : 'client.device.figures_up';
  return t(key, shown);
}

function line(item: HTMLElement, tone: Tone, symbol: string, sentence: string, more = ''): void {
  item.className = tone;
  const sign = tone === 'positive' ? circleCheck : tone === 'caution' ? circleAlert : symbol;
  fill(item, icon(sign), h('span', null, sentence, more !== '' && h('span', { class: 'muted small tabular figures' }, more)));
}
