/** How to be called back: where the message goes. The place in line is kept. */
import { circleAlert } from '@visavis/shared/icons';
import type { AskCallback, CallbackWay } from '@visavis/shared/wire';

import type { App } from './app';
import { busy, button, fill, h, icon } from './dom';
import { wakeMe, wakeState } from './wakeable';
import { t } from './words';

/** What a person may ask for; an appointment rings by itself. */
type Way = Exclude<CallbackWay, 'appointment'>;
const WAYS: readonly Way[] = ['sms', 'email', 'page'];

/** Opens the sheet; `ask` sends what was chosen and says whether it was taken. */
export function askCallback(app: App, ask: (body: AskCallback) => Promise<boolean>): void {
  const known = { sms: app.view?.phone ?? '', email: app.view?.email ?? '', page: '' };
  let way: Way = known.sms === '' && known.email !== '' ? 'email' : 'sms';
  const input = h('input', { class: 'input', id: 'callback-address', maxlength: '200', spellcheck: 'false', autocapitalize: 'off' });
  const label = h('label', { for: input.id });
  const problem = h('p', { class: 'problem', id: 'callback-problem', hidden: true }, icon(circleAlert), h('span', null, t('error.bad_address')));
  const field = h('div', { class: 'field' }, label, input, problem);
  const note = h('p', { class: 'muted small' });
  const draw = (): void => {
    field.hidden = way === 'page';
    problem.hidden = true;
    input.removeAttribute('aria-invalid');
    fill(label, t(way === 'email' ? 'client.callback.email' : 'client.callback.number'));
    input.type = way === 'email' ? 'email' : 'tel';
    input.autocomplete = way === 'email' ? 'email' : 'tel';
    input.value = known[way];
    fill(note, t(way === 'page' ? 'client.callback.note_page' : 'client.callback.note'));
  };
  const choice = (one: Way): HTMLElement => {
    const radio = h('input', { type: 'radio', name: 'way', value: one, checked: one === way, onchange: () => { way = one; draw(); } });
    return h('label', { class: 'callback-way' }, radio, h('span', null, t(`client.callback.way.${one}`)));
  };
  const send = async (): Promise<void> => {
    const address = input.value.trim();
    const wrong = (way === 'sms' && address.replace(/\D/g, '').length < 6) || (way === 'email' && !address.includes('@'));
    if (wrong) {
      problem.hidden = false;
      input.setAttribute('aria-invalid', 'true');
      input.setAttribute('aria-describedby', problem.id);
      input.focus();
      return;
    }
    const taken = await ask({ way, address: way === 'page' ? null : address });
    dialog.close();
    // Asked for once the place is safe; whoever says no is still rung in the ways above.
    if (taken) await wakeMe().catch(() => false);
  };
  const yes: HTMLButtonElement = button(t('client.callback.yes'), () => undefined, 'primary', { type: 'submit' });
  const dialog: HTMLDialogElement = h('dialog', { class: 'sheet', 'aria-labelledby': 'callback-title', onclose: () => dialog.remove() },
    h('h2', { id: 'callback-title' }, t('client.callback.title')),
    h('p', null, t('client.callback.why')),
    h('form', { class: 'stack', novalidate: true, onsubmit: (event: Event) => { event.preventDefault(); void busy(yes, send); } },
      h('fieldset', { class: 'field callback-ways' }, h('legend', null, t('client.callback.how')), WAYS.map(choice)),
      field,
      note,
      wakeState() === 'ask' && h('p', { class: 'muted small' }, t('client.wake.asked')),
      h('div', { class: 'actions' }, yes, button(t('client.back'), () => dialog.close()))));
  draw();
  document.body.append(dialog);
  dialog.showModal();
}
