/** What you agree to: one switch and one plain sentence each, the full text one tap away. */
import { ApiError, get, post } from '@visavis/shared/api';
import { bookOpen, chevronRight, circleAlert } from '@visavis/shared/icons';
import type { ApplicationView, ConsentKind, ConsentText, ConsentView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, fill, h, icon } from '../dom';
import { sentenceOf, t } from '../words';
import { formOf } from './details';

/** The switches. */
export function consents(app: App): Screen {
  const form = formOf(app);
  const summary = h('div', { class: 'summary', tabindex: '-1' });
  const problems = new Map<ConsentKind, HTMLElement>();
  const wanted = form.consents();

  const blame = (): void => {
    const bad = wanted.filter(({ kind }) => form.problems.has(`consent.${kind}`));
    for (const [kind, line] of problems) line.hidden = !form.problems.has(`consent.${kind}`);
    fill(summary, bad.length > 0 && h('div', { class: 'banner negative' }, icon(circleAlert), h('p', null, t('client.consents.missing'))));
  };
  const send: HTMLButtonElement = button([t('client.consents.send'), icon(chevronRight)], () => void busy(send, confirm), 'primary wide');
  const confirm = async (): Promise<void> => {
    for (const { kind, required, given } of form.consents()) if (required && !given) form.problems.set(`consent.${kind}`, 'required');
    blame();
    if (form.problems.size > 0) return summary.focus();
    try {
      app.shell.clearTrouble();
      const view = await post<ApplicationView>('/api/v1/application/confirm', { details: form.details(), consents: form.consents() });
      await app.proceed(view);
    } catch (error) {
      if (!(error instanceof ApiError) || error.fields.length === 0) return app.fail(error);
      form.blame(error.fields);
      if (form.hasBadDetails()) await app.detour('details');
      else blame();
    }
  };

  const row = (consent: ConsentView): HTMLElement => {
    const problem = h('p', { class: 'problem', hidden: true, id: `problem-${consent.kind}` }, icon(circleAlert), h('span', null, t('client.consents.needed')));
    problems.set(consent.kind, problem);
    const toggle = h('input', { type: 'checkbox', role: 'switch', class: 'switch', id: `consent-${consent.kind}`, checked: form.isGiven(consent.kind), 'aria-describedby': `plain-${consent.kind} problem-${consent.kind}`, onchange: () => { form.give(consent.kind, toggle.checked); blame(); } });
    return h('li', { class: 'consent' },
      h('div', { class: 'consent-head' }, h('label', { for: toggle.id }, t(`consent.${consent.kind}.title`), !consent.required && h('span', { class: 'muted small' }, ` ${t('client.consents.optional')}`)), toggle),
      h('p', { class: 'muted', id: `plain-${consent.kind}` }, t(`client.consent.${consent.kind}`, { house: app.brand.name })),
      problem,
      button([icon(bookOpen), t('client.consents.full')], () => void readText(app, consent), 'quiet small-button'));
  };
  return {
    title: t('client.consents.title'),
    body: h('form', { class: 'stack', novalidate: true, onsubmit: (event: Event) => event.preventDefault() },
      h('p', { class: 'muted' }, t('client.consents.lead')),
      summary,
      h('ul', { class: 'card consents' }, wanted.map(row)),
      h('p', { class: 'muted small' }, t('client.consents.withdraw')),
      send,
      button(t('client.consents.back'), () => void app.detour('details'), 'quiet')),
  };
}

async function readText(app: App, consent: ConsentView): Promise<void> {
  const body = h('div', { class: 'full-text', tabindex: '0' }, t('client.loading'));
  const dialog: HTMLDialogElement = h('dialog', { class: 'sheet', 'aria-labelledby': 'text-title', onclose: () => dialog.remove() },
    h('h2', { id: 'text-title' }, t(`consent.${consent.kind}.title`)),
    body,
    h('p', { class: 'muted small' }, t('client.consents.version', { version: consent.version })),
    h('div', { class: 'actions' }, button(t('client.close'), () => dialog.close(), 'primary')));
  document.body.append(dialog);
  dialog.showModal();
  try {
    const texts = await get<ConsentText[]>(`/api/v1/consents?locale=${app.view?.locale ?? 'en'}`);
    const text = texts.find(({ kind }) => kind === consent.kind)?.text ?? '';
    body.lang = app.view?.locale ?? 'en';
    fill(body, text.split(/\n{2,}/).map((part: string) => h('p', null, part)));
  } catch (error) {
    body.textContent = sentenceOf(error);
  }
}
