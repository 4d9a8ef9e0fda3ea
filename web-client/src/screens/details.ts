/** Is this you: every field with the piece of the photograph it was read from, doubtful ones marked, edited in place. */
import { camera, chevronRight, circleAlert, circleCheck, info } from '@visavis/shared/icons';
import type { ApplicationView, DetailView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, fill, h, icon } from '../dom';
import { cropOf } from '../crop';
import { DATES, Form, type Part } from '../form';
import { marks } from './doubt';
import { dateInputs, sexChoice, textInput, countryChoice, type Input } from '../inputs';
import { t, type Key } from '../words';
import { redoBanner } from './redo';

/** The form. */
export function details(app: App): Screen {
  const form = formOf(app);
  const summary = h('div', { class: 'summary', tabindex: '-1' });
  const inputs = new Map<string, Input>();
  const rows = h('div', { class: 'card fields' });
  const told = h('div');
  const go = (part: string) => (event: Event): void => {
    event.preventDefault();
    inputs.get(part)?.focus();
  };
  const tell = (): void => fill(told, notice(app.view, form, go));
  const draw = (): void => fill(rows, (app.view?.details ?? []).map((detail) => row(app, form, detail, inputs, tell)));
  let drawn = contradictions(app.view);
  draw();
  tell();
  const contacts = (['email', 'phone'] as const).map((part) => {
    const input = textInput({ id: part, label: t(`field.${part}`), hint: t(`client.details.${part}_hint`), value: form.value(part), type: part === 'email' ? 'email' : 'tel', autocomplete: part === 'email' ? 'email' : 'tel', typed: (value) => form.type(part, value) });
    inputs.set(part, input);
    return input.element;
  });

  const blame = (): void => {
    for (const [part, input] of inputs) {
      const problem = form.problems.get(part);
      input.blame(problem === undefined ? null : sentence(problem));
    }
    const bad = [...inputs.keys()].filter((part) => form.problems.has(part));
    told.hidden = bad.length > 0;
    fill(summary, bad.length > 0 && h('div', { class: 'banner negative' }, icon(circleAlert), h('div', null,
      h('h2', null, t('client.details.summary', { count: bad.length })),
      h('ul', null, bad.map((part) => h('li', null, h('a', { href: `#field-${part}`, onclick: go(part) }, t(`field.${part}` as Key))))))));
  };
  const goOn: HTMLButtonElement = button([t('client.next'), icon(chevronRight)], () => void busy(goOn, next), 'primary wide');
  const next = async (): Promise<void> => {
    if (form.check()) {
      await app.attempt(async () => {
        await form.save();
        await app.detour('consents');
      });
      return;
    }
    blame();
    summary.focus();
    summary.scrollIntoView({ block: 'start' });
  };

  blame();
  return {
    title: t('client.details.title'),
    body: h('form', { class: 'stack', novalidate: true, onsubmit: (event: Event) => { event.preventDefault(); void next(); } },
      redoBanner(app.view),
      summary,
      told,
      rows,
      h('div', { class: 'card fields' }, h('h2', null, t('client.details.contact')), h('p', { class: 'muted small' }, t('client.details.contact_why')), contacts),
      goOn,
      h('div', { class: 'actions row' },
        button([icon(camera), t('client.details.again')], () => void app.detour('capture_front'), 'quiet'),
        button(t('client.capture.other'), () => void app.detour('document'), 'quiet'))),
    update: (view) => {
      form.adopt(view);
      if (contradictions(view) !== drawn) {
        drawn = contradictions(view);
        draw();
      }
      tell();
      for (const { name, value } of view.details) if (!form.isTyped(name)) inputs.get(name)?.set(value);
    },
    leave: () => void form.save().catch(() => undefined),
  };
}

/** The form of this page, made once per application. */
export function formOf(app: App): Form {
  if (app.view === null) throw new Error('there is no application');
  app.form ??= new Form(app.view);
  app.form.adopt(app.view);
  return app.form;
}

/** What contradicts itself, as one text to compare. */
function contradictions(view: ApplicationView | null): string {
  return JSON.stringify(view?.details.map(({ name, disagreements }) => [name, disagreements]));
}

function notice(view: ApplicationView | null, form: Form, go: (part: string) => (event: Event) => void): HTMLElement | null {
  if (view === null) return null;
  const { state } = view.reading;
  const open = view.details.filter((detail) => form.isOpen(detail));
  if (open.length > 0) {
    return h('div', { class: 'banner caution doubts' }, icon(circleAlert), h('div', null,
      h('h2', null, t('client.details.doubts', { count: open.length })),
      h('ul', null, open.map(({ name }) => h('li', null, h('a', { href: `#field-${name}`, onclick: go(name) }, t(`field.${name}`)))))));
  }
  if (state === 'done') {
    const doubtful = view.details.some((detail) => detail.doubtful && !form.isTyped(detail.name));
    return doubtful
      ? h('div', { class: 'banner caution' }, icon(circleAlert), h('p', null, t('client.details.read_doubtful')))
      : h('div', { class: 'banner positive' }, icon(circleCheck), h('p', null, t('client.details.read_well')));
  }
  return h('div', { class: 'banner' }, icon(info), h('p', null, t(state === 'failed' ? 'client.details.not_read' : 'client.details.type')));
}

function row(app: App, form: Form, detail: DetailView, inputs: Map<string, Input>, tell: () => void): HTMLElement {
  const name: Part = detail.name;
  const given = {
    id: name,
    label: detail.required ? t(`field.${detail.name}`) : t('client.details.optional', { field: t(`field.${detail.name}`) }),
    hint: detail.name === 'full_name' ? t('client.details.name_hint') : null,
    value: form.value(name),
    typed: (value: string) => {
      form.type(name, value);
      mark.draw();
      tell();
    },
  };
  const input = DATES.includes(detail.name) ? dateInputs(given) : detail.name === 'sex' ? sexChoice(given) : detail.name === 'nationality' ? countryChoice(given) : textInput(given);
  inputs.set(detail.name, input);
  const mark = marks(app, form, detail, (value) => {
    input.set(value);
    input.blame(null);
    tell();
  });
  const crop = detail.crop === null || mark.hasChoice ? null : cropOf(app.view, detail.crop, t('client.details.crop', { field: t(`field.${detail.name}`) }));
  mark.element.append(...(crop === null ? [] : [crop]), input.element);
  return mark.element;
}

function sentence(problem: string): string {
  if (problem === 'undecided') return t('client.details.decide');
  const known: readonly string[] = ['required', 'malformed', 'too_long', 'implausible', 'expired'];
  return t(known.includes(problem) ? (`field.bad.${problem}` as Key) : 'field.bad.malformed');
}
