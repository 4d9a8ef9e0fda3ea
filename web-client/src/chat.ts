/** Writing beside the call. */
import { cross, send } from '@visavis/shared/icons';
import type { ChatLine } from '@visavis/shared/wire';

import { button, fill, h, icon } from './dom';
import { t, words } from './words';

/** What a chat needs of the call. */
export interface Mouth {
  say(text: string): boolean;
  announce(sentence: string): void;
}

/** The chat of one call. */
export class Chat {
  /** To be put on the screen. */
  readonly element: HTMLElement;
  readonly #lines = h('ol', { class: 'lines' });
  readonly #input: HTMLTextAreaElement;
  readonly #trouble = h('p', { class: 'problem', role: 'alert' });
  readonly #known = new Set<string>();
  #badge: HTMLElement | null = null;
  #opener: HTMLElement | null = null;
  #unread = 0;

  constructor(
    private readonly agent: string,
    private readonly mouth: Mouth,
  ) {
    this.#input = h('textarea', { class: 'input', rows: '1', maxlength: '1000', 'aria-label': t('client.chat.write'), placeholder: t('client.chat.write'), onkeydown: (event: KeyboardEvent) => {
      if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#send();
    } });
    this.element = h('section', { class: 'chat', hidden: true, 'aria-label': t('client.call.chat'), onkeydown: (event: KeyboardEvent) => event.key === 'Escape' && this.#close() },
      h('div', { class: 'chat-head' }, h('h2', null, t('client.chat.with', { name: agent })), button(icon(cross), () => this.#close(), 'quiet round', { 'aria-label': t('client.close') })),
      this.#lines,
      this.#trouble,
      h('div', { class: 'chat-write' }, this.#input, button(icon(send), () => this.#send(), 'primary round', { 'aria-label': t('client.chat.send') })));
  }

  /** The button that opens it and carries the number of unread lines. */
  badgeOn(opener: HTMLElement): void {
    this.#opener = opener;
    this.#badge = h('span', { class: 'badge', hidden: true });
    opener.append(this.#badge);
  }

  /** Shows it. */
  open(): void {
    this.element.hidden = false;
    this.#count(0);
    this.#input.focus();
    this.#toEnd();
  }

  /** A line from either end; `isNew` when it was not there at the start. */
  line(line: ChatLine, isNew: boolean): void {
    if (this.#known.has(line.id)) return;
    this.#known.add(line.id);
    const own = line.from === 'customer';
    this.#lines.append(h('li', { class: own ? 'own' : 'theirs' },
      h('span', { class: 'small muted' }, `${own ? t('client.chat.you') : this.agent} · ${words.time(line.at, { hour: '2-digit', minute: '2-digit' })}`),
      h('p', null, line.text)));
    this.#toEnd();
    if (own || !isNew) return;
    if (this.element.hidden) this.#count(this.#unread + 1);
    this.mouth.announce(`${this.agent}: ${line.text}`);
  }

  #send(): void {
    const text = this.#input.value.trim();
    if (text === '') return;
    const said = this.mouth.say(text);
    fill(this.#trouble, !said && t('client.chat.not_sent'));
    if (said) this.#input.value = '';
    this.#input.focus();
  }

  #close(): void {
    this.element.hidden = true;
    this.#opener?.focus();
  }

  #count(unread: number): void {
    this.#unread = unread;
    if (this.#badge === null) return;
    this.#badge.hidden = unread === 0;
    this.#badge.textContent = String(unread);
    this.#opener?.setAttribute('aria-label', unread === 0 ? t('client.call.chat') : t('client.chat.unread', { count: unread }));
  }

  #toEnd(): void {
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
