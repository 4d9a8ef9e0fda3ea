/** You are not forgotten: position, range, and what you may do meanwhile. */
import { find, post } from '@visavis/shared/api';
import { bell, calendarDays, circleCheck } from '@visavis/shared/icons';
import type { TicketView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, fill, h, icon } from '../dom';
import { t, waitRange } from '../words';

const LOOK_EVERY_MS = 10_000;

/** The queue. */
export function waiting(app: App): Screen {
  const card = h('div', { class: 'card queue-card' }, h('p', { class: 'muted' }, t('client.loading')));
  let ticket: TicketView | null = null;
  let said = -1;
  const draw = (now: TicketView): void => {
    ticket = now;
    const next = now.position === 1 || now.state === 'offered';
    const headline = now.state === 'offered' ? t('client.waiting.offered') : next ? t('client.waiting.next') : t('client.waiting.position', { position: now.position });
    fill(card,
      h('p', { class: 'position tabular', 'aria-hidden': 'true' }, now.state === 'offered' ? icon(bell) : String(now.position)),
      h('h2', null, headline),
      h('p', { class: 'tabular' }, now.state === 'offered' ? t('client.waiting.moment') : now.is_staffed ? waitRange(now.wait_low_minutes, now.wait_high_minutes) : t('client.waiting.nobody')));
    if (said !== now.position) app.shell.say(headline);
    said = now.position;
  };
  const look = async (): Promise<void> => {
    const now = await find<TicketView>('/api/v1/ticket').catch(() => null);
    if (now !== null) draw(now);
    if (now === null || now.state === 'accepted' || now.state === 'abandoned') await app.refresh().catch(() => undefined);
  };
  const leaveQueue: HTMLButtonElement = button(t('client.waiting.leave'), () => void busy(leaveQueue, () => app.attempt(async () => {
    if (ticket !== null) await post(`/api/v1/tickets/${ticket.id}/leave`);
    await app.proceed();
  })), 'quiet');

  void look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    title: t('client.waiting.title'),
    body: h('div', { class: 'stack' },
      card,
      h('div', { class: 'banner' }, icon(circleCheck), h('p', null, t('client.waiting.stay'))),
      h('div', { class: 'actions row' }, button([icon(calendarDays), t('client.waiting.slot')], () => void app.detour('change_slot'), 'quiet'), leaveQueue)),
    push: (push) => {
      if (push.type === 'ticket_changed') draw(push.ticket);
    },
    leave: () => clearInterval(timer),
  };
}
