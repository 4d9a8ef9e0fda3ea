/** What a check asks the customer to do on the page itself: type a code, say where they are. */
import { post } from '@visavis/shared/api';
import type { CheckView, CodeView, GivePlace } from '@visavis/shared/wire';

import { busy, button, fill, h } from './dom';
import { sentenceOf, t } from './words';

const FIGURES = 6;
/** How long a browser may take to find out where it is. */
const PLACE_MS = 15_000;

/** The form of a one-time code; the server says how it stands, also after every try. */
export class CodeForm {
  readonly element = h('form', { class: 'check-answer', onsubmit: (event: Event) => void this.#send(event) });
  readonly #says = h('p', { class: 'check-hint', role: 'status' });
  readonly #input = h('input', { class: 'input code-input tabular', id: 'one-time-code', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: '9', 'aria-label': t('client.code.label'), oninput: () => this.#typed() });
  readonly #go = h('button', { type: 'submit', class: 'button primary', disabled: true }, t('client.code.check'));
  readonly #again: HTMLButtonElement = button(t('client.code.again'), () => void busy(this.#again, () => this.#resend()), 'quiet');

  constructor(code: CodeView | null) {
    fill(this.element, this.#input, this.#says, h('div', { class: 'check-buttons' }, this.#go, this.#again));
    this.show(code);
  }

  /** The code changed. */
  show(code: CodeView | null): void {
    const isOld = code !== null && Date.parse(code.expires_at) <= Date.now();
    const state = code === null ? 'none' : isOld && code.state === 'sent' ? 'expired' : code.state;
    this.#says.textContent = t(`client.code.${state}`, { way: code === null ? '' : t(`client.code.by_${code.way}`), left: code?.attempts_left ?? 0 });
    const isOpen = state === 'sent' || state === 'sending';
    this.#input.disabled = !isOpen;
    this.#again.hidden = code === null || code.sends_left === 0 || state === 'matched' || state === 'spent';
    this.#typed();
  }

  /** Ready to be typed into. */
  focus(): void {
    this.#input.focus();
  }

  #typed(): void {
    this.#go.disabled = this.#input.disabled || this.#input.value.replace(/\D/g, '').length !== FIGURES;
  }

  async #send(event: Event): Promise<void> {
    event.preventDefault();
    await busy(this.#go, async () => {
      try {
        const code = await post<CodeView>('/api/v1/call/code', { code: this.#input.value });
        this.show(code);
        if (code.state === 'sent') this.#says.textContent = t('client.code.wrong', { left: code.attempts_left });
        if (code.state !== 'matched') this.#input.value = '';
      } catch (error) {
        this.#says.textContent = sentenceOf(error);
      }
    });
    this.#typed();
  }

  async #resend(): Promise<void> {
    try {
      this.show(await post<CodeView>('/api/v1/call/code/again'));
      this.#input.value = '';
      this.focus();
    } catch (error) {
      this.#says.textContent = sentenceOf(error);
    }
  }
}

/** The question where the customer is: the exact words that are filed, yes and no side by side. */
export class PlaceForm {
  readonly element = h('div', { class: 'check-answer' });
  readonly #says = h('p', { class: 'check-hint', role: 'status' });
  readonly #yes: HTMLButtonElement = button(t('client.place.yes'), () => void busy(this.#yes, () => this.#locate()), 'primary');
  readonly #no: HTMLButtonElement = button(t('client.place.no'), () => void busy(this.#no, () => this.#answer({ outcome: 'declined', latitude: null, longitude: null, accuracy_m: null })), 'quiet');

  constructor(house: string, check: CheckView) {
    fill(this.element, h('p', { class: 'check-consent' }, t('place.consent', { house })), this.#says, h('div', { class: 'check-buttons' }, this.#yes, this.#no));
    this.show(check);
  }

  /** The answer was filed. */
  show(check: CheckView): void {
    if (check.place !== null) this.#says.textContent = t(`client.place.${check.place}`);
  }

  async #locate(): Promise<void> {
    this.#says.textContent = t('client.place.looking');
    const found = await new Promise<GivePlace>((resolve) => {
      const none: GivePlace = { outcome: 'unavailable', latitude: null, longitude: null, accuracy_m: null };
      if (!('geolocation' in navigator)) return resolve(none);
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => resolve({ outcome: 'given', latitude: coords.latitude, longitude: coords.longitude, accuracy_m: coords.accuracy }),
        (error) => resolve(error.code === error.PERMISSION_DENIED ? { ...none, outcome: 'declined' } : none),
        { enableHighAccuracy: true, timeout: PLACE_MS, maximumAge: 0 },
      );
    });
    await this.#answer(found);
  }

  async #answer(place: GivePlace): Promise<void> {
    try {
      await post('/api/v1/call/place', place);
      this.#says.textContent = t(`client.place.${place.outcome}`);
    } catch (error) {
      this.#says.textContent = sentenceOf(error);
    }
  }
}
