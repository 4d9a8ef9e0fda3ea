/** The live camera with its frame, hint, torch and shutter. */
import { flashlight, keyboard, idCard } from '@visavis/shared/icons';
import type { DocumentKind, Side } from '@visavis/shared/wire';

import { button, h, icon } from '../dom';
import { Calm, greyOf, hintOf, type Frame, type Grey, type Hint } from '../guide';
import { t } from '../words';

/** What the viewfinder shows and whom it tells. */
export interface Aim {
  title: string;
  kind: DocumentKind;
  side: Side;
  shoot(picture: Blob): void;
  type(): void;
  other(): void;
  say(sentence: string): void;
}

const LOOK_EVERY_MS = 180;
const GREY_WIDTH = 320;
const JPEG_QUALITY = 0.92;

/** One aiming at a document. */
export class Viewfinder {
  /** To be put on the screen. */
  readonly element: HTMLElement;
  readonly #video: HTMLVideoElement;
  readonly #frame: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #shutter: HTMLButtonElement;
  readonly #canvas = document.createElement('canvas');
  readonly #calm = new Calm();
  readonly #timer: ReturnType<typeof setInterval>;
  #before: Grey | null = null;
  #shown: Hint | null = null;

  constructor(
    private readonly stream: MediaStream,
    private readonly aim: Aim,
  ) {
    this.#video = h('video', { class: 'viewfinder', autoplay: true, playsInline: true, muted: true, 'aria-label': t('client.capture.picture'), onresize: () => this.#fit(), onloadedmetadata: () => this.#fit() });
    this.#video.srcObject = stream;
    this.#frame = h('div', { class: `frame ${aim.kind === 'passport' ? 'page' : 'card-shape'}`, 'aria-hidden': 'true' });
    this.#hint = h('p', { class: 'hint-live' });
    this.#shutter = h('button', { type: 'button', class: 'shutter', 'aria-label': t('client.capture.shutter'), onclick: () => void this.#shoot() }, h('span'));
    this.element = h('div', { class: 'finder' },
      this.#video,
      h('div', { class: 'finder-top' }, h('h1', { tabindex: '-1' }, aim.title), h('p', null, t(aim.kind === 'passport' ? 'client.capture.lead_passport' : 'client.capture.lead'))),
      h('div', { class: 'finder-middle' }, this.#frame, this.#hint),
      h('div', { class: 'finder-bottom' },
        h('div', { class: 'finder-row' }, this.#torch() ?? h('span'), this.#shutter, h('span')),
        h('div', { class: 'finder-row words' },
          button([icon(keyboard), t('client.capture.type')], () => aim.type(), 'glass'),
          button([icon(idCard), t('client.capture.other')], () => aim.other(), 'glass'))));
    this.#say('looking');
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  /** The camera itself stays the caller's to stop. */
  close(): void {
    clearInterval(this.#timer);
    this.#video.srcObject = null;
  }

  #torch(): HTMLElement | null {
    const [track] = this.stream.getVideoTracks();
    const abilities = (track?.getCapabilities?.() ?? {}) as { torch?: boolean };
    if (track === undefined || abilities.torch !== true) return null;
    let on = false;
    const torch: HTMLButtonElement = button(icon(flashlight), () => {
      on = !on;
      torch.setAttribute('aria-pressed', String(on));
      void track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).catch(() => torch.remove());
    }, 'glass round', { 'aria-label': t('client.capture.torch'), 'aria-pressed': 'false' });
    return torch;
  }

  /** A picture that lies across the screen (a webcam on an upright screen) is shown whole, any other fills the screen. */
  #fit(): void {
    const { videoWidth, videoHeight } = this.#video;
    const { width, height } = this.#video.getBoundingClientRect();
    this.element.classList.toggle('whole', (videoWidth > videoHeight && height > width) || (videoHeight > videoWidth && width > height));
  }

  #look(): void {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0 || document.hidden) return;
    const height = Math.round((GREY_WIDTH * videoHeight) / videoWidth);
    this.#canvas.width = GREY_WIDTH;
    this.#canvas.height = height;
    const paint = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (paint === null) return;
    paint.drawImage(this.#video, 0, 0, GREY_WIDTH, height);
    const now = greyOf(paint.getImageData(0, 0, GREY_WIDTH, height));
    this.#say(this.#calm.see(hintOf(now, this.#before, this.#frameInPicture())));
    this.#before = now;
  }

  /** Where the frame on the screen lies in the camera's picture. */
  #frameInPicture(): Frame {
    const screen = this.#video.getBoundingClientRect();
    const frame = this.#frame.getBoundingClientRect();
    const { videoWidth, videoHeight } = this.#video;
    const both = [screen.width / videoWidth, screen.height / videoHeight];
    const scale = (this.element.classList.contains('whole') ? Math.min(...both) : Math.max(...both)) || 1;
    const [wide, high] = [videoWidth * scale, videoHeight * scale];
    const left = frame.left - screen.left + (wide - screen.width) / 2;
    const top = frame.top - screen.top + (high - screen.height) / 2;
    return [left / wide, top / high, frame.width / wide, frame.height / high];
  }

  #say(hint: Hint): void {
    if (hint === this.#shown) return;
    this.#shown = hint;
    const sentence = t(`client.hint.${hint}`);
    this.#hint.textContent = sentence;
    this.#frame.classList.toggle('good', hint === 'good');
    this.aim.say(sentence);
  }

  async #shoot(): Promise<void> {
    const { videoWidth, videoHeight } = this.#video;
    if (videoWidth === 0) return;
    this.#shutter.disabled = true;
    const canvas = document.createElement('canvas');
    canvas.width = videoWidth;
    canvas.height = videoHeight;
    canvas.getContext('2d')?.drawImage(this.#video, 0, 0);
    const picture = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', JPEG_QUALITY));
    this.#shutter.disabled = false;
    if (picture !== null) this.aim.shoot(picture);
  }
}
