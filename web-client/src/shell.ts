/** What stands around every screen: the house, the progress, the language, troubles, the resume link, a ringing call. */
import { post } from '@visavis/shared/api';
import { LANGUAGES, type Language } from '@visavis/shared/i18n';
import { check, circleAlert, cross, globe, link, shieldCheck, wifiOff } from '@visavis/shared/icons';
import type { LiveState } from '@visavis/shared/protocol';
import type { ResumeLink, RingView } from '@visavis/shared/wire';

import type { App, Screen } from './app';
import { button, fill, h, icon } from './dom';
import type { ScreenName } from './screens/index';
import { t, words, type Key } from './words';

/** The five parts of the way, and the screens of each. */
const PARTS: readonly { key: Key; screens: readonly ScreenName[] }[] = [
  { key: 'client.part.document', screens: ['document'] },
  { key: 'client.part.photos', screens: ['capture_front', 'capture_back', 'reading'] },
  { key: 'client.part.details', screens: ['details', 'consents'] },
  { key: 'client.part.call', screens: ['when', 'change_slot', 'booked', 'device', 'device_check', 'waiting', 'call'] },
  { key: 'client.part.done', screens: ['done'] },
];
/** States after which there is nothing to come back to. */
const OVER: readonly string[] = ['approved', 'rejected', 'expired'];
const LOST_SHOWN_AFTER_MS = 2_500;

/** The frame of the page. */
export class Shell {
  readonly #head = h('header', { class: 'head' });
  readonly #progress = h('nav', { class: 'progress' });
  readonly #trouble = h('div', { class: 'troubles', role: 'alert' });
  readonly #lost = h('div', { class: 'lost', role: 'status' });
  readonly #main = h('main', { id: 'main' });
  readonly #foot = h('footer', { class: 'foot' });
  readonly #said = h('div', { class: 'unseen', role: 'status', 'aria-live': 'polite' });
  #next: string | null = null;
  #lostTimer: ReturnType<typeof setTimeout> | undefined;
  #ringing: { id: string; stop: () => void } | null = null;

  constructor(
    root: HTMLElement,
    private readonly app: App,
  ) {
    root.append(this.#head, this.#progress, this.#trouble, this.#lost, this.#main, this.#foot, this.#said);
  }

  /** Shows a screen and takes the focus to its heading. */
  show(screen: Screen, name: ScreenName): void {
    this.clearTrouble();
    if (this.#next !== null && name !== 'call') {
      this.#notice(this.#next);
      this.#next = null;
    }
    document.documentElement.lang = words.language;
    document.body.classList.toggle('full', screen.full ?? false);
    if (screen.full) fill(this.#main, screen.body);
    else fill(this.#main, h('h1', { tabindex: '-1' }, screen.title), screen.body);
    this.#main.dataset['screen'] = name;
    this.#drawProgress(name);
    this.draw();
    document.title = `${screen.title} · ${this.app.brand.name}`;
    scrollTo(0, 0);
    const heading = this.#main.querySelector<HTMLElement>('h1');
    heading?.setAttribute('tabindex', '-1');
    heading?.focus({ preventScroll: true });
  }

  /** Draws the head and the foot anew. */
  draw(): void {
    const { view, brand } = this.app;
    const select = h('select', { class: 'input language', 'aria-label': t('language.switch'), onchange: () => void this.app.speak(select.value as Language) });
    for (const { code, name } of LANGUAGES) select.append(h('option', { value: code, lang: code, selected: code === words.language }, name));
    fill(this.#head, h('a', { class: 'house', href: '/' }, icon(shieldCheck), h('span', null, brand.name)), h('div', { class: 'pick' }, icon(globe), select));
    const open = view !== null && !OVER.includes(view.state);
    fill(
      this.#foot,
      open && button([icon(link), t('client.resume.open')], () => void this.offerLink(), 'quiet'),
      view !== null && h('p', { class: 'muted small tabular' }, t('client.reference', { reference: view.reference })),
    );
  }

  /** Says something to screen readers only. */
  say(sentence: string): void {
    this.#said.textContent = sentence;
  }

  /** Says what went wrong, above the screen. */
  trouble(sentence: string): void {
    this.#notice(sentence, 'negative');
    this.#trouble.scrollIntoView({ block: 'nearest' });
  }

  /** Says something above the next screen that is not the call. */
  tellNext(sentence: string): void {
    this.#next = sentence;
  }

  /** Takes the banner away. */
  clearTrouble(): void {
    fill(this.#trouble);
  }

  /** Tells of a lost connection once it lasts. */
  connection(state: LiveState): void {
    clearTimeout(this.#lostTimer);
    if (state !== 'lost') fill(this.#lost);
    else this.#lostTimer = setTimeout(() => fill(this.#lost, h('div', { class: 'banner caution' }, icon(wifiOff), h('p', null, t('client.connection.lost')))), LOST_SHOWN_AFTER_MS);
  }

  /** An agent rings. */
  async ring(ring: RingView): Promise<void> {
    if (this.#ringing?.id === ring.id) return;
    this.ringEnded();
    const ringing = { id: ring.id, stop: (): void => undefined };
    this.#ringing = ringing;
    const { openRing } = await import('./ringing');
    if (this.#ringing === ringing) ringing.stop = openRing(this.app, ring, () => this.ringEnded());
  }

  /** The ringing is over, whoever ended it. */
  ringEnded(): void {
    this.#ringing?.stop();
    this.#ringing = null;
  }

  #notice(sentence: string, tone = 'caution'): void {
    fill(this.#trouble, h('div', { class: `banner ${tone}` }, icon(circleAlert), h('p', null, sentence), this.#dismiss()));
  }

  #dismiss(): HTMLElement {
    return button(icon(cross), () => this.clearTrouble(), 'quiet round', { 'aria-label': t('client.close') });
  }

  #drawProgress(name: ScreenName): void {
    const at = PARTS.findIndex(({ screens }) => screens.includes(name));
    this.#progress.hidden = at < 0;
    if (at < 0) return;
    this.#progress.setAttribute('aria-label', t('client.progress'));
    fill(
      this.#progress,
      h('ol', null, PARTS.map(({ key }, index) =>
        h('li', { class: index < at ? 'past' : index === at ? 'now' : 'next', 'aria-current': index === at ? 'step' : null },
          h('span', { class: 'dot', 'aria-hidden': 'true' }, index < at ? icon(check) : String(index + 1)),
          h('span', { class: 'part' }, t(key)),
          index < at && h('span', { class: 'unseen' }, ` ${t('client.part.finished')}`)))),
    );
  }

  /** Opens the link that continues elsewhere. */
  async offerLink(): Promise<void> {
    const address = await this.addressElsewhere();
    if (address === null) return;
    const { openResumeLink } = await import('./resume-link');
    openResumeLink(address);
  }

  /**
   * The address at which another browser or device continues here; null when the server did not make one. A page on
   * `localhost` names the address phones of the same network reach, where the server has one.
   */
  async addressElsewhere(): Promise<string | null> {
    const isLocal = location.hostname === 'localhost' || location.hostname === '127.0.0.1';
    const origin = (isLocal && this.app.brand.phone_url?.replace(/\/$/, '')) || location.origin;
    if (this.app.view === null) return `${origin}/`;
    const token = this.app.resumeToken ?? (await this.#newToken());
    return token === null ? null : `${origin}/#/resume/${token}`;
  }

  async #newToken(): Promise<string | null> {
    const made = await this.app.attempt(async () => {
      const { token } = await post<ResumeLink>('/api/v1/application/resume-link');
      this.app.resumeToken = token;
    });
    return made ? this.app.resumeToken : null;
  }
}
