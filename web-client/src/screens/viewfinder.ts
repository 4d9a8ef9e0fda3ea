/** The live camera with its frame, hint, torch and shutter; shoots by itself once the picture is good and steady. */
import { flashlight, keyboard, idCard } from '@visavis/shared/icons';
import type { DocumentKind, Side } from '@visavis/shared/wire';

import { button, h, icon } from '../dom';
import type { Advice, Hint } from '../guide/hints';
import type { Part } from '../guide/sight';
import { takeStill } from '../guide/still';
import { Watch } from '../guide/watch';
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

/** Hints are read out no faster than this: a listener needs time to move. */
const SAY_EVERY_MS = 1_500;

/** One aiming at a document. */
export class Viewfinder {
  /** To be put on the screen. */
  readonly element: HTMLElement;
  readonly #video: HTMLVideoElement;
  readonly #frame: HTMLElement;
  readonly #hint: HTMLElement;
  readonly #shutter: HTMLButtonElement;
  readonly #watch: Watch;
  #shown: Hint | null = null;
  #saidAt = -Infinity;
  #later: ReturnType<typeof setTimeout> | undefined;
  #isTaking = false;
  #isClosed = false;

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
      h('div', { class: 'finder-middle' }, h('div', { class: 'frame-box' }, this.#frame, this.#hint)),
      h('div', { class: 'finder-bottom' },
        h('div', { class: 'finder-row' }, this.#torch() ?? h('span'), this.#shutter, h('span')),
        h('div', { class: 'finder-row words' },
          button([icon(keyboard), t('client.capture.type')], () => aim.type(), 'glass'),
          button([icon(idCard), t('client.capture.other')], () => aim.other(), 'glass'))));
    this.#tell({ hint: 'looking', steady: 0, shoot: false });
    this.#watch = new Watch(this.#video, () => this.#places(), (advice) => this.#tell(advice));
  }

  /** The camera itself stays the caller's to stop. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#later);
    this.#watch.close();
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

  /** Where the frame and the screen lie in the camera's picture. */
  #places(): { frame: Part; view: Part } {
    const screen = this.#video.getBoundingClientRect();
    const frame = this.#frame.getBoundingClientRect();
    const { videoWidth, videoHeight } = this.#video;
    const both = [screen.width / videoWidth, screen.height / videoHeight];
    const scale = (this.element.classList.contains('whole') ? Math.min(...both) : Math.max(...both)) || 1;
    const [wide, high] = [videoWidth * scale, videoHeight * scale];
    const part = (box: DOMRect): Part => {
      const left = (box.left - screen.left + (wide - screen.width) / 2) / wide;
      const top = (box.top - screen.top + (high - screen.height) / 2) / high;
      return [Math.max(0, left), Math.max(0, top), Math.min(1, left + box.width / wide), Math.min(1, top + box.height / high)];
    };
    return { frame: part(frame), view: part(screen) };
  }

  #tell({ hint, steady, shoot }: Advice): void {
    if (this.#isClosed || this.#isTaking) return;
    this.#shutter.style.setProperty('--steady', String(steady));
    if (hint !== this.#shown) {
      this.#shown = hint;
      this.#hint.textContent = t(`client.hint.${hint}`);
      this.#frame.dataset['hint'] = hint;
      this.#frame.classList.toggle('good', hint === 'good');
      this.#say();
    }
    if (shoot) void this.#shoot();
  }

  /** Says the hint that is shown, now or when the one before was heard. */
  #say(): void {
    clearTimeout(this.#later);
    this.#later = setTimeout(() => {
      this.#saidAt = performance.now();
      if (this.#shown !== null) this.aim.say(t(`client.hint.${this.#shown}`));
    }, Math.max(0, this.#saidAt + SAY_EVERY_MS - performance.now()));
  }

  async #shoot(): Promise<void> {
    if (this.#isTaking) return;
    this.#isTaking = true;
    this.#shutter.disabled = true;
    clearTimeout(this.#later);
    this.#hint.textContent = t('client.capture.taking');
    this.aim.say(t('client.capture.taking'));
    const picture = await takeStill(this.stream, this.#video);
    if (this.#isClosed) return;
    if (picture !== null) {
      this.aim.shoot(picture);
      return;
    }
    this.#isTaking = false;
    this.#shown = null;
    this.#shutter.disabled = false;
  }
}
