/** When the call is, with everything that may change about it; the same by the link of an invitation. */
import { ApiError, find, get, post } from '@visavis/shared/api';
import { calendarClock, calendarDays, phone, video } from '@visavis/shared/icons';
import type { BookingView, HoldView, RingView } from '@visavis/shared/wire';

import type { App, Screen } from '../app';
import { busy, button, fill, h, icon } from '../dom';
import { t, words, zoneName } from '../words';
import { moment, slotPicker } from './slots';

/** The customer may join by hand from this long before the time. */
const CALL_FROM_MS = 15 * 60_000;
const TICK_MS = 15_000;

/** Booked, on the customer's own page. */
export function booked(app: App): Screen {
  const box = h('div', { class: 'stack' }, h('p', { class: 'muted' }, t('client.loading')));
  const wake = h('div');
  void import('../wakeable').then(({ wakeOffer }) => fill(wake, wakeOffer(app)));
  let booking: BookingView | null = null;
  const draw = (): void => {
    if (booking === null) return;
    const { id } = booking;
    const cancel: HTMLButtonElement = button(t('client.booked.cancel'), () => askCancel(async () => {
      await app.attempt(() => post(`/api/v1/bookings/${id}/cancel`));
      await app.proceed();
    }), 'quiet');
    const soon = Date.parse(booking.starts_at) - Date.now() < CALL_FROM_MS;
    fill(box,
      timeCard(booking),
      h('p', null, soon ? t('client.booked.soon') : t('client.booked.ring')),
      soon && button([icon(phone), t('client.booked.call')], () => void app.detour('device'), 'primary wide'),
      wake,
      button([icon(video), t('client.booked.check')], () => void app.detour('device_check'), 'wide'),
      h('div', { class: 'actions row' }, button([icon(calendarDays), t('client.booked.change')], () => void app.detour('change_slot'), 'quiet'), cancel));
  };
  const load = async (): Promise<void> => {
    booking = await find<BookingView>('/api/v1/booking');
    if (booking === null) await app.refresh();
    draw();
    const ring = await find<RingView>('/api/v1/ring');
    if (ring !== null) await app.shell.ring(ring);
  };
  void load().catch((error: unknown) => app.fail(error));
  const timer = setInterval(draw, TICK_MS);
  return { title: t('client.booked.title'), body: box, update: () => void load(), leave: () => clearInterval(timer) };
}

/** The page of the link in an invitation; nobody needs to be known here but by the link. */
export function bookingLink(app: App): Screen {
  const path = `/api/v1/bookings/by-link/${app.bookingToken ?? ''}`;
  const box = h('div', { class: 'stack' }, h('p', { class: 'muted' }, t('client.loading')));
  const open = (): Promise<void> => app.proceed();
  const show = (booking: BookingView, picking = false): void => {
    if (booking.state !== 'booked') {
      fill(box, h('div', { class: 'banner' }, icon(calendarDays), h('p', null, t(`client.booked.state.${booking.state}`))), button(t('client.booked.to_page'), () => void leaveLink(app, open), 'primary wide'));
      return;
    }
    fill(box,
      timeCard(booking),
      picking
        ? h('div', { class: 'card' }, slotPicker({ verb: t('client.slots.book'), locale: app.view?.locale ?? words.language, hold: (slot) => post<HoldView>(`${path}/hold`, { slot_id: slot.id }), choose: (slot) => app.attempt(async () => show(await post<BookingView>(`${path}/reschedule`, { slot_id: slot.id }))) }))
        : button([icon(calendarDays), t('client.booked.change')], () => show(booking, true), 'wide'),
      button(t('client.booked.cancel'), () => askCancel(async () => {
        await app.attempt(() => post(`${path}/cancel`));
        await load();
      }), 'wide'),
      button(t('client.booked.to_page'), () => void leaveLink(app, open), 'quiet'));
  };
  const load = async (): Promise<void> => {
    try {
      show(await get<BookingView>(path));
    } catch (error) {
      if (!(error instanceof ApiError) || (error.status !== 404 && error.status !== 410)) return app.fail(error);
      fill(box, h('p', null, t('client.link.unknown_why')), h('a', { class: 'button primary wide', href: '/' }, t('client.link.begin')));
    }
  };
  void load();
  return { title: t('client.booked.link_title'), body: box };
}

async function leaveLink(app: App, open: () => Promise<void>): Promise<void> {
  history.replaceState(null, '', location.pathname);
  app.bookingToken = null;
  await open();
}

function timeCard(booking: BookingView): HTMLElement {
  return h('div', { class: 'card time-card' },
    icon(calendarClock),
    h('div', null,
      h('p', { class: 'big tabular' }, moment(booking)),
      h('p', { class: 'muted small' }, t('client.booked.length', { count: booking.minutes }), ' · ', zoneName()),
      h('p', { class: 'muted small' }, words.time(booking.starts_at, { dateStyle: 'full' }))));
}

function askCancel(cancel: () => Promise<void>): void {
  const yes: HTMLButtonElement = button(t('client.booked.cancel_yes'), () => void busy(yes, cancel).then(() => dialog.close()), 'danger');
  const dialog: HTMLDialogElement = h('dialog', { class: 'sheet', 'aria-labelledby': 'cancel-title', onclose: () => dialog.remove() },
    h('h2', { id: 'cancel-title' }, t('client.booked.cancel_sure')),
    h('p', null, t('client.booked.cancel_what')),
    h('div', { class: 'actions' }, yes, button(t('client.booked.cancel_no'), () => dialog.close())));
  document.body.append(dialog);
  dialog.showModal();
}
