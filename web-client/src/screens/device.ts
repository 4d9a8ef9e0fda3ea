/** Will the call work: own picture, level of the voice, the network; one thing to mend at a time. */
import { post } from '@visavis/shared/api';
import { circleAlert, circleCheck, mic, phone, switchCamera, video, volume2, wifi } from '@visavis/shared/icons';
import type { TicketView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { CameraError, openCallDevices, stop } from '../camera';
import { chimeOnce } from '../chime';
import { busy, button, fill, h, icon } from '../dom';
import { LevelMeter, measureNetwork, type Network } from '../probe';
import { cameraTrouble } from '../trouble';
import { t } from '../words';

/** The last screen before the queue. */
export const device = (app: App): Screen => make(app, true);
/** The same long before a booked call: nothing is called. */
export const deviceCheck = (app: App): Screen => make(app, false);

function make(app: App, calls: boolean): Screen {
  const body = h('div', { class: 'stack' });
  let stream: MediaStream | null = null;
  let meter: LevelMeter | null = null;
  let facing: 'user' | 'environment' = 'user';
  let gone = false;
  const leave = (): void => {
    gone = true;
    meter?.close();
    stop(stream);
  };

  const check = async (): Promise<void> => {
    meter?.close();
    stop(stream);
    fill(body, h('p', { class: 'muted', role: 'status' }, t('client.device.asking')));
    try {
      stream = await openCallDevices(facing);
    } catch (error) {
      if (!gone) fill(body, cameraTrouble(error instanceof CameraError ? error.trouble : 'unknown', { app, again: () => void check(), instead: { words: t('client.back'), go: () => void app.proceed() } }));
      return;
    }
    if (gone) stop(stream);
    else show(stream);
  };

  const show = (own: MediaStream): void => {
    const picture = h('video', { class: facing === 'user' ? 'own mirrored' : 'own', autoplay: true, playsInline: true, muted: true, 'aria-label': t('client.device.own') });
    picture.srcObject = own;
    const level = h('span');
    const heard = h('li', null, icon(mic), h('span', null, t('client.device.say')));
    const network = h('li', null, icon(wifi), h('span', null, t('client.device.measuring')));
    meter = new LevelMeter(own, (loud, wasHeard) => {
      level.style.width = `${Math.round(loud * 100)}%`;
      if (wasHeard && heard.className === '') verdict(heard, 'positive', t('client.device.heard'));
    });
    void measureNetwork().then((result) => !gone && verdict(network, result === 'good' ? 'positive' : 'caution', t(`client.device.network.${result}` as `client.device.network.${Network}`)));
    const go: HTMLButtonElement = button([icon(phone), t('client.device.go')], () => void busy(go, () => app.attempt(async () => {
      await post<TicketView>('/api/v1/tickets');
      await app.proceed();
    })), 'primary wide');
    fill(body,
      h('div', { class: 'own-box' }, picture, button(icon(switchCamera), () => { facing = facing === 'user' ? 'environment' : 'user'; void check(); }, 'glass round', { 'aria-label': t('client.call.flip') })),
      h('ul', { class: 'card verdicts' },
        verdict(h('li', null, icon(video), h('span')), 'positive', t('client.device.seen')),
        heard,
        h('li', { class: 'meter-row' }, h('div', { class: 'meter', role: 'img', 'aria-label': t('client.device.level') }, level)),
        network),
      button([icon(volume2), t('client.device.sound')], () => chimeOnce(), 'wide'),
      calls ? go : h('p', null, t('client.device.booked')),
      button(t(calls ? 'client.back' : 'client.device.done'), () => void app.proceed(), calls ? 'quiet' : 'primary wide'));
  };

  void check();
  return { title: t('client.device.title'), body, leave };
}

function verdict(line: HTMLElement, tone: 'positive' | 'caution', sentence: string): HTMLElement {
  line.className = tone;
  fill(line, icon(tone === 'positive' ? circleCheck : circleAlert), h('span', null, sentence));
  return line;
}
