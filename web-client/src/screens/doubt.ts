/** What stands around a field that the customer is asked to look at: why, what each source says, and one tap to say what is right. */
import { check, circleAlert, circleCheck } from '@visavis/shared/icons';
import type { DetailView, FileReading } from '@visavis/shared/wire';

import type { App } from '../app';
import { countries } from '../countries';
import { cropOf } from '../crop';
import { button, fill, h, icon } from '../dom';
import { DATES, isDate, type Form } from '../form';
import { t, words } from '../words';

/** The frame of a field. */
export interface Marks {
  /** The mark and the choice; the field itself is put after them. */
  element: HTMLElement;
  /** Whether the photographs are shown with the choice. */
  hasChoice: boolean;
  /** Draws anew what depends on what the customer did. */
  draw(): void;
}

/** Marks a field; `take` is told the value the customer chose. */
export function marks(app: App, form: Form, detail: DetailView, take: (value: string) => void): Marks {
  const chip = h('p', { class: 'chip' });
  const why = h('div', { class: 'why' }, [...new Set(detail.disagreements.map(({ code }) => code))].map((code) => h('p', { class: 'small' }, t(`client.disagreement.${code}`))));
  const others = detail.disagreements.find(({ code }) => code === 'sources_differ')?.readings ?? [];
  const choice = h('div', { class: 'readings', role: 'group', 'aria-label': `${t(`field.${detail.name}`)}: ${t('client.details.which')}` });
  const element = h('div', { class: 'detail' }, chip, why, choice);

  const settle = (value: string): void => {
    form.settle(detail.name, value);
    take(value);
    draw();
    app.shell.say(t('client.details.chosen'));
  };
  const pick = (reading: FileReading): HTMLElement => {
    const isChosen = form.isSettled(detail) && form.value(detail.name) === reading.value;
    const crop = reading.source === 'qr' || reading.capture === null || reading.place === null ? null : cropOf(app.view, { capture: reading.capture, place: reading.place }, '');
    return button([crop, h('span', { class: 'says' }, isChosen && icon(check), h('span', null, h('strong', null, shown(detail.name, reading.value)), h('span', { class: 'small muted' }, t(`source.${reading.source}`))))],
      () => settle(reading.value), 'reading', { 'aria-pressed': String(isChosen) });
  };

  const draw = (): void => {
    const isOpen = form.isOpen(detail);
    const isDoubtful = isOpen || (detail.doubtful && !form.isSettled(detail) && !form.isTyped(detail.name));
    element.classList.toggle('doubtful', isDoubtful);
    chip.className = isDoubtful ? 'chip caution' : 'chip positive';
    chip.hidden = !isDoubtful && !(detail.disagreements.length > 0 && form.isSettled(detail));
    if (chip.hidden) fill(chip);
    else fill(chip, icon(isDoubtful ? circleAlert : circleCheck), isDoubtful ? t('client.details.check') : t('client.details.chosen'));
    why.hidden = !isDoubtful;
    if (others.length > 1) fill(choice, h('p', { class: 'legend' }, t('client.details.which')), others.map(pick));
    else fill(choice, isOpen && button([icon(check), t('client.details.is_right')], () => settle(form.value(detail.name)), 'small-button'));
    choice.hidden = choice.childElementCount === 0;
  };
  draw();
  return { element, hasChoice: others.length > 1, draw };
}

/** A value as people write it. */
function shown(name: string, value: string): string {
  if (DATES.includes(name) && isDate(value)) return words.time(`${value}T00:00:00Z`, { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' });
  if (name === 'sex' && (value === 'F' || value === 'M' || value === 'X')) return t(`sex.${value}`);
  if (name === 'nationality') return countries(words.language).find(([code]) => code === value)?.[1] ?? value;
  return value;
}
