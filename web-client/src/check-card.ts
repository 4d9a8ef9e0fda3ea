/** What the agent asks for: large words and an arrow, in the customer's own left and right, and a ring around the own picture. */
import { arrowDown, arrowLeft, arrowRight, arrowUp, circleCheck, globe, hand, idCard, lock, messageSquare, mic, rotateCcw, scanFace } from '@visavis/shared/icons';
import { isMeasured } from '@visavis/shared/pose/reading';
import type { Challenge, CheckKind, CheckView } from '@visavis/shared/wire';

import { Aloud } from './aloud';
import { CodeForm, PlaceForm } from './answers';
import { fill, h, icon } from './dom';
import { HeadGuide } from './head-guide';
import { t } from './words';

/** The own picture is shown mirrored, so the customer's left is on the left of the screen. */
const ARROWS: Readonly<Record<CheckKind, string>> = {
  frontal: scanFace, left: arrowLeft, right: arrowRight, up: arrowUp, down: arrowDown,
  hand, digits: mic, document_tilt: idCard, document_cover: idCard, document_number: idCard,
  code: lock, questions: messageSquare, location: globe,
};
const THANKS_MS = 1_800;

/** The instruction over a call. */
export class CheckCard {
  /** To be put on the screen. */
  readonly element = h('div', { class: 'check', hidden: true });
  #asked: string | null = null;
  readonly #hint = h('p', { class: 'check-hint' });
  readonly #guide: HeadGuide;
  readonly #aloud = new Aloud();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #form: CodeForm | PlaceForm | null = null;

  constructor(
    private readonly self: HTMLElement,
    own: HTMLVideoElement,
    private readonly announce: (sentence: string) => void,
    private readonly house: string,
  ) {
    this.#guide = new HeadGuide(self, own, (hint) => {
      const sentence = hint === null ? '' : t(`client.guide.${hint}`);
      if (this.#hint.textContent === sentence) return;
      this.#hint.textContent = sentence;
      this.#aloud.hint(sentence);
    });
  }

  /** A check was asked or judged, or comes again because the connection broke. */
  show(check: CheckView): void {
    if (check.void_because !== null) this.#again(check);
    else if (check.state === 'asked' && check.id === this.#asked && this.#form !== null) this.#tell(check);
    else if (check.state === 'asked') this.#ask(check);
    else if (check.id === this.#asked) this.#thank(check.state === 'passed');
  }

  /** The call is over. */
  close(): void {
    clearTimeout(this.#timer);
    this.#guide.close();
    this.#aloud.close();
  }

  #ask(check: CheckView): void {
    clearTimeout(this.#timer);
    this.#asked = check.id;
    const sentence = t(`client.check.${check.kind}`);
    this.element.hidden = false;
    this.element.className = 'check asked';
    const exact = exactly(check.challenge);
    fill(this.element, h('div', { class: `arrow ${check.kind}` }, icon(ARROWS[check.kind])), h('p', null, sentence), exact, this.#hint, this.#aloud.button);
    this.#form = check.kind === 'code' ? new CodeForm(check.code) : check.kind === 'location' ? new PlaceForm(this.house, check) : null;
    if (this.#form !== null) this.element.append(this.#form.element);
    this.#guide.ask(isMeasured(check.kind) ? check.kind : null);
    // What is answered on the page needs the room the picture would take.
    if (this.#form === null) this.self.dataset['check'] = check.kind;
    this.announce(sentence);
    // Figures are for the customer's own voice.
    this.#aloud.say(exact && check.challenge?.type !== 'digits' ? `${sentence}. ${exact.textContent}` : sentence);
    if (this.#form instanceof CodeForm) this.#form.focus();
  }

  #tell(check: CheckView): void {
    if (this.#form instanceof CodeForm) this.#form.show(check.code);
    else this.#form?.show(check);
  }

  /** Stays until the next one is asked: the agent sees first that all is well again. */
  #again(check: CheckView): void {
    if (this.#asked !== null && this.#asked !== check.id) return;
    clearTimeout(this.#timer);
    this.#asked = null;
    this.#form = null;
    this.#guide.ask(null);
    delete this.self.dataset['check'];
    const sentence = t('client.check.again');
    this.element.hidden = false;
    this.element.className = 'check';
    fill(this.element, icon(rotateCcw), h('p', null, sentence));
    this.announce(sentence);
    this.#aloud.say(sentence);
  }

  #thank(passed: boolean): void {
    this.#asked = null;
    this.#form = null;
    this.#guide.ask(null);
    delete this.self.dataset['check'];
    const sentence = t(passed ? 'client.check.thanks' : 'client.check.noted');
    this.element.className = passed ? 'check thanked' : 'check';
    fill(this.element, icon(passed ? circleCheck : rotateCcw), h('p', null, sentence));
    this.announce(sentence);
    this.#timer = setTimeout(() => (this.element.hidden = true), THANKS_MS);
  }
}

/** What exactly is asked, where it was drawn. */
function exactly(challenge: Challenge | null): HTMLElement | false {
  switch (challenge?.type) {
    case 'digits':
      return h('p', { class: 'check-digits tabular' }, challenge.digits.split('').join(' '));
    case 'hand':
      return h('p', { class: 'check-exactly' }, t(`challenge.hand.${challenge.side}`, { fingers: String(challenge.fingers) }));
    case 'cover':
      return h('p', { class: 'check-exactly' }, t(`challenge.cover.${challenge.corner}`));
    default:
      return false;
  }
}
