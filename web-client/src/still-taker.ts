/**
 * Takes the photograph the agent asked for: a moment to hold still (or to say no), the shot, the way to the server. The data
 * channel of the call first, HTTPS when that does not work.
 */
import { post, put } from '@visavis/shared/api';
import { camera as cameraIcon, circleCheck, triangleAlert } from '@visavis/shared/icons';
import { sha256Of, type StillSender } from '@visavis/shared/still-sender';
import type { StillView } from '@visavis/shared/wire';

import { button, fill, h, icon } from './dom';
import { takeStill } from './guide/still';
import { t } from './words';

const COUNT_FROM = 3;
const SHOWN_MS = 2_500;
/** The camera is busy with the call, too; a fine photograph is worth a wait. */
const PHOTO_WITHIN_MS = 8_000;

/** What it takes. */
export interface Tools {
  stream(): MediaStream | null;
  own(): HTMLVideoElement | null;
  /** Turns to the camera that is asked for, if it can. */
  face(camera: 'user' | 'environment'): Promise<void>;
  sender: StillSender;
  agent: string;
  announce(sentence: string): void;
}

/** The card over the call. */
export class StillTaker {
  /** To be put on the screen. */
  readonly element = h('div', { class: 'check still-card', hidden: true });
  #current: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tools: Tools) {}

  /** A photograph was asked for, or is over. */
  show(still: StillView): void {
    if (still.state === 'asked') {
      if (this.#current !== still.id) void this.#take(still);
    } else if (still.id === this.#current) {
      this.#end(still.state === 'filed' ? t('client.still.filed') : still.state === 'declined' ? t('client.still.declined') : still.state === 'refused' ? t('client.still.refused') : '', still.state === 'filed');
    }
  }

  /** The call is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#current = null;
    this.tools.sender.close();
  }

  async #take(still: StillView): Promise<void> {
    clearTimeout(this.#timer);
    this.#current = still.id;
    await this.tools.face(still.camera);
    if (!(await this.#countDown(still))) return;
    this.#say(t('client.still.taking'));
    const [stream, own] = [this.tools.stream(), this.tools.own()];
    const picture = stream === null || own === null ? null : await takeStill(stream, own, PHOTO_WITHIN_MS);
    if (this.#current !== still.id) return;
    if (picture === null) return this.#decline(still.id, 'no_camera');
    await this.#send(still.id, picture);
  }

  /** Three, two, one; false when the customer would rather not. */
  #countDown(still: StillView): Promise<boolean> {
    const sentence = t(still.camera === 'environment' ? 'client.still.hold_document' : 'client.still.hold', { agent: this.tools.agent });
    const count = h('p', { class: 'still-count tabular', 'aria-hidden': 'true' }, String(COUNT_FROM));
    this.tools.announce(sentence);
    this.element.hidden = false;
    return new Promise((done) => {
      const refuse = button(t('client.still.not_now'), () => {
        clearTimeout(this.#timer);
        void this.#decline(still.id, 'not_now');
        done(false);
      }, 'glass');
      fill(this.element, icon(cameraIcon), h('p', null, sentence), count, refuse);
      const tick = (left: number): void => {
        if (this.#current !== still.id) return done(false);
        count.textContent = String(left);
        this.#timer = setTimeout(() => (left > 1 ? tick(left - 1) : done(true)), 1_000);
      };
      tick(COUNT_FROM);
    });
  }

  async #send(id: string, picture: Blob): Promise<void> {
    const bytes = await picture.arrayBuffer();
    const sha256 = await sha256Of(bytes);
    const bar = h('progress', { max: 1, 'aria-label': t('client.still.sending') });
    fill(this.element, icon(cameraIcon), h('p', null, t('client.still.sending')), bar);
    try {
      await this.tools.sender.send(id, bytes, sha256, (share) => (bar.value = share));
    } catch {
      if (this.#current !== id) return;
      bar.removeAttribute('value');
      try {
        await put(`/api/v1/call/stills/${id}?sha256=${sha256}`, picture);
      } catch {
        if (this.#current === id) await this.#decline(id, 'failed');
      }
    }
  }

  async #decline(id: string, reason: 'not_now' | 'no_camera' | 'failed'): Promise<void> {
    await post(`/api/v1/call/stills/${id}/decline`, { reason }).catch(() => undefined);
    if (this.#current === id) this.#end(t(reason === 'not_now' ? 'client.still.declined' : 'client.still.failed'), false);
  }

  #say(sentence: string): void {
    fill(this.element, icon(cameraIcon), h('p', null, sentence));
    this.tools.announce(sentence);
  }

  #end(sentence: string, isFiled: boolean): void {
    clearTimeout(this.#timer);
    this.#current = null;
    this.tools.sender.close();
    this.element.hidden = sentence === '';
    if (sentence === '') return;
    fill(this.element, icon(isFiled ? circleCheck : triangleAlert), h('p', null, sentence));
    this.tools.announce(sentence);
    this.#timer = setTimeout(() => (this.element.hidden = true), SHOWN_MS);
  }
}
