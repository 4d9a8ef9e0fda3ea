/** Now or later: how long a call now would take, beside the next free times. */
import { find, post } from '@visavis/shared/api';
import { clock, phone } from '@visavis/shared/icons';
import type { BookingView, TicketView, WaitEstimate } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { button, fill, h, icon } from '../dom';
import { t, waitRange, words } from '../words';
import { redoBanner } from './redo';
import { holdHere, slotPicker } from './slots';

const LOOK_EVERY_MS = 15_000;

/** The choice after the form. */
export function when(app: App): Screen {
  const now = h('div', { class: 'card now-card stack' }, h('p', { class: 'muted' }, t('client.loading')));
  const draw = (estimate: WaitEstimate | null): void => {
    const refusal = estimate?.refusal ?? null;
    const open = (estimate?.is_open ?? false) && refusal === null;
    const wait = estimate === null ? t('client.when.unknown') : refusal !== null && estimate.is_open ? t(`client.when.${refusal}`) : open ? waitRange(estimate.wait_low_minutes, estimate.wait_high_minutes) : t('client.when.closed');
    fill(now,
      h('h2', null, icon(phone), t('client.when.now')),
      h('p', { class: 'wait tabular' }, icon(clock), wait),
      button(t('client.when.call'), () => void app.detour('device'), open ? 'primary wide' : 'wide', { disabled: estimate !== null && !open }));
  };
  const look = async (): Promise<void> => draw(await find<WaitEstimate>(`/api/v1/queue/estimate?locale=${words.language}`).catch(() => null));
  void look();
  const timer = setInterval(() => void look(), LOOK_EVERY_MS);
  return {
    title: t('client.when.title'),
    body: h('div', { class: 'stack' },
      redoBanner(app.view),
      now,
      h('div', { class: 'card stack' }, h('h2', null, t('client.when.later')), slotPicker({ verb: t('client.slots.book'), locale: app.view?.locale ?? words.language, hold: holdHere, choose: (slot) => app.attempt(async () => {
        await post<BookingView>('/api/v1/bookings', { slot_id: slot.id });
        await app.proceed();
      }) }))),
    leave: () => clearInterval(timer),
  };
}

/** Another time than the one booked, or a time instead of waiting. */
export function changeSlot(app: App): Screen {
  const choose = async (slotId: string): Promise<void> => {
    const booking = await find<BookingView>('/api/v1/booking');
    if (booking?.state === 'booked') {
      await post(`/api/v1/bookings/${booking.id}/reschedule`, { slot_id: slotId });
    } else {
      const ticket = await find<TicketView>('/api/v1/ticket');
      if (ticket !== null && (ticket.state === 'waiting' || ticket.state === 'offered')) await post(`/api/v1/tickets/${ticket.id}/leave`);
      await post('/api/v1/bookings', { slot_id: slotId });
    }
    await app.proceed();
  };
  return {
    title: t('client.slots.title'),
    body: h('div', { class: 'stack' },
      h('div', { class: 'card' }, slotPicker({ verb: t('client.slots.book'), locale: app.view?.locale ?? words.language, hold: holdHere, choose: (slot) => app.attempt(() => choose(slot.id)) })),
      button(t('client.back'), () => void app.proceed(), 'quiet')),
  };
}
