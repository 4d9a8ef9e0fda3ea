/** A call of the house rings: on screen, by sound, by vibration and in the title. */
import { post } from '@visavis/shared/api';
import { phone, phoneIncoming } from '@visavis/shared/icons';
import type { RingView } from '@visavis/shared/wire';

import type { App } from './app';
import { startChime } from './chime';
import { busy, button, h, icon } from './dom';
import { t } from './words';

/** Opens the ringing and calls `over` once it was answered or put off; what is returned closes it. */
export function openRing(app: App, ring: RingView, over: () => void): () => void {
  const agent = ring.agent_name;
  const stopChime = startChime(t('client.ring.title', { agent }));
  const answer: HTMLButtonElement = button([icon(phone), t('client.ring.answer')], () => void busy(answer, () => reply('answer')), 'primary');
  const later: HTMLButtonElement = button(t('client.ring.later'), () => void busy(later, () => reply('decline')));
  const dialog: HTMLDialogElement = h('dialog', { class: 'sheet ring', 'aria-labelledby': 'ring-title', oncancel: (event: Event) => event.preventDefault() },
    h('div', { class: 'bell' }, icon(phoneIncoming)),
    h('h2', { id: 'ring-title' }, t('client.ring.title', { agent })),
    h('p', null, t(ring.booking_id === null ? 'client.ring.callback' : 'client.ring.house', { house: app.brand.name })),
    h('div', { class: 'actions' }, answer, later));

  const close = (): void => {
    stopChime();
    dialog.remove();
  };
  const reply = async (verb: 'answer' | 'decline'): Promise<void> => {
    const done = await app.attempt(() => post(`/api/v1/ring/${verb}`));
    over();
    if (done) await app.refresh();
  };

  document.body.append(dialog);
  dialog.showModal();
  return close;
}
