/** Instructions read aloud for whoever asks for it, by a voice of the browser itself: nothing is sent anywhere. */
import { volume2 } from '@visavis/shared/icons';

import { fill, h, icon } from './dom';
import { t, words } from './words';

/** A voice that stays on once it was asked for, until it is asked to be silent. */
export class Aloud {
  /** The button that asks for it; nothing in a browser without a voice. */
  readonly button: HTMLButtonElement | null;
  #isOn = false;
  #last = '';

  constructor() {
    this.button = 'speechSynthesis' in globalThis ? h('button', { type: 'button', class: 'check-aloud', onclick: () => this.#toggle() }) : null;
    this.#show();
  }

  /** An instruction: it takes the place of what is being said. */
  say(sentence: string): void {
    this.#last = sentence;
    if (!this.#isOn) return;
    speechSynthesis.cancel();
    speechSynthesis.speak(spoken(sentence));
  }

  /** A hint: left out while something is being said. */
  hint(sentence: string): void {
    if (this.#isOn && sentence !== '' && !speechSynthesis.speaking) speechSynthesis.speak(spoken(sentence));
  }

  /** Says no more. */
  close(): void {
    if (this.#isOn) speechSynthesis.cancel();
    this.#isOn = false;
  }

  #toggle(): void {
    if (this.#isOn) this.close();
    else {
      this.#isOn = true;
      this.say(this.#last);
    }
    this.#show();
  }

  #show(): void {
    if (this.button === null) return;
    this.button.setAttribute('aria-pressed', String(this.#isOn));
    fill(this.button, icon(volume2), t(this.#isOn ? 'client.check.silent' : 'client.check.aloud'));
  }
}

function spoken(sentence: string): SpeechSynthesisUtterance {
  const utterance = new SpeechSynthesisUtterance(sentence);
  utterance.lang = words.language === 'en' ? 'en-GB' : 'vi-VN';
  return utterance;
}
