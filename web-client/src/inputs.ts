/** Inputs with a label, a hint and room for what is wrong. */
import { circleAlert } from '@visavis/shared/icons';

import { countries } from './countries';
import { fill, h, icon, type Child } from './dom';
import { joinDate, splitDate } from './form';
import { t, words } from './words';

/** What an input starts from. */
export interface Given {
  id: string;
  label: string;
  hint: string | null;
  value: string;
  type?: string;
  autocomplete?: string;
  typed(value: string): void;
}

/** An input on the screen. */
export interface Input {
  element: HTMLElement;
  set(value: string): void;
  focus(): void;
  blame(sentence: string | null): void;
}

/** A line of text. */
export function textInput(given: Given): Input {
  const input = h('input', { id: `field-${given.id}`, class: 'input', type: given.type ?? 'text', value: given.value, autocomplete: given.autocomplete ?? 'off', autocapitalize: given.type === undefined ? 'characters' : 'off', spellcheck: 'false', maxlength: '200', 'aria-describedby': `about-${given.id}`, oninput: () => given.typed(input.value) });
  return framed(given, h('label', { for: input.id }, given.label), input, [input], (value) => (input.value = value));
}

/** Day, month and year, each typed on its own: no calendar to page through to 1956. */
export function dateInputs(given: Given): Input {
  const parts = splitDate(given.value);
  const typed = (): void => given.typed(joinDate(day.value.trim(), month.value.trim(), year.value.trim()));
  const part = (which: 'day' | 'month' | 'year', length: number): HTMLInputElement =>
    h('input', { id: which === 'day' ? `field-${given.id}` : `field-${given.id}-${which}`, class: `input digits-${length}`, inputmode: 'numeric', maxlength: String(length), autocomplete: 'off', value: parts[which], oninput: typed, 'aria-describedby': `about-${given.id}` });
  const [day, month, year] = [part('day', 2), part('month', 2), part('year', 4)];
  const box = h('div', { class: 'date' }, ([['day', day], ['month', month], ['year', year]] as const).map(([which, input]) => h('label', null, h('span', { class: 'small muted' }, t(`client.date.${which}`)), input)));
  return framed(given, h('legend', null, given.label), box, [day, month, year], (value) => {
    const now = splitDate(value);
    [day.value, month.value, year.value] = [now.day, now.month, now.year];
  }, 'fieldset');
}

/** `M`, `F` or `X`. */
export function sexChoice(given: Given): Input {
  const options = (['F', 'M', 'X'] as const).map((value) => [value, t(`sex.${value}`)] as const);
  return choice(given, options);
}

/** A country by its name; codes we do not know stay as they are. */
export function countryChoice(given: Given): Input {
  return choice(given, countries(words.language));
}

function choice(given: Given, options: readonly (readonly [string, string])[]): Input {
  const select = h('select', { id: `field-${given.id}`, class: 'input', 'aria-describedby': `about-${given.id}`, onchange: () => given.typed(select.value) });
  const set = (value: string): void => {
    const known = options.some(([code]) => code === value) || value === '';
    const all = known ? options : [[value, value] as const, ...options];
    fill(select, h('option', { value: '' }, t('client.choose')), all.map(([code, name]) => h('option', { value: code }, name)));
    select.value = value;
  };
  set(given.value);
  return framed(given, h('label', { for: select.id }, given.label), select, [select], set);
}

function framed(given: Given, label: Child, content: HTMLElement, controls: readonly HTMLElement[], set: (value: string) => void, tag: 'div' | 'fieldset' = 'div'): Input {
  const problem = h('p', { class: 'problem' });
  const about = h('div', { id: `about-${given.id}` }, given.hint !== null && h('p', { class: 'hint' }, given.hint), problem);
  return {
    element: h(tag, { class: 'field' }, label, about, content),
    set,
    focus: () => controls[0]?.focus(),
    blame: (sentence) => {
      fill(problem, sentence !== null && [icon(circleAlert), h('span', null, sentence)]);
      problem.hidden = sentence === null;
      for (const control of controls) control.setAttribute('aria-invalid', String(sentence !== null));
    },
  };
}
