/**
 * The next free times: days as chips, times as buttons, in the customer's own zone. A chosen time is held for a few minutes, so
 * that nobody else takes it while the customer decides.
 */
import { ApiError, get, post } from '@visavis/shared/api';
import { calendarClock, calendarDays, circleAlert, clock } from '@visavis/shared/icons';
import type { HoldView, SlotView } from '@visavis/shared/wire';

import { busy, button, fill, h, icon } from '../dom';
import { sentenceOf, t, words, zoneName } from '../words';

const DAYS = 14;
const DAY_MS = 86_400_000;

/** How the picker is used. */
export interface Picking {
  /** What the button says before the time. */
  verb: string;
  /** The language of the file: only times at which somebody speaks it are shown. */
  locale: string;
  /** Takes the time; says whether that worked. */
  choose(slot: SlotView): Promise<boolean>;
  /** Has the server hold the chosen time for this customer. */
  hold?: (slot: SlotView) => Promise<HoldView>;
}

/** Holds a time for whoever is known on this page. */
export function holdHere(slot: SlotView): Promise<HoldView> {
  return post<HoldView>(`/api/v1/slots/${slot.id}/hold`);
}

/** The picker. */
export function slotPicker(picking: Picking): HTMLElement {
  const box = h('div', { class: 'slots stack' }, h('p', { class: 'muted' }, t('client.loading')));
  const held = h('p', { class: 'muted small zone tabular', role: 'timer' });
  let days = new Map<string, SlotView[]>();
  let day = '';
  let chosen: SlotView | null = null;
  let until = 0;
  let notice: string | null = null;
  let turn = 0;

  const load = async (): Promise<void> => {
    const now = Date.now();
    try {
      const slots = await get<SlotView[]>(`/api/v1/slots?from=${new Date(now).toISOString()}&to=${new Date(now + DAYS * DAY_MS).toISOString()}&locale=${encodeURIComponent(picking.locale)}`);
      days = grouped(slots.filter(({ id, free }) => free > 0 || id === chosen?.id));
      if (!days.has(day)) day = [...days.keys()][0] ?? '';
      draw();
    } catch (error) {
      fill(box, h('p', { role: 'alert' }, sentenceOf(error)), button(t('client.try_again'), () => void load()));
    }
  };

  /** The time is gone: said kindly, with the times that are there now; the day and everything else stays. */
  const lost = async (sentence: string): Promise<void> => {
    chosen = null;
    until = 0;
    notice = sentence;
    await load();
  };
  const pick = async (slot: SlotView): Promise<void> => {
    chosen = slot;
    until = 0;
    notice = null;
    turn += 1;
    const mine = turn;
    draw();
    focus(`[data-slot="${slot.id}"]`);
    if (picking.hold === undefined) return;
    try {
      const hold = await picking.hold(slot);
      if (mine === turn) until = Date.parse(hold.until);
      count();
    } catch (error) {
      // Without a hold the time can still be taken, first come first served.
      const gone = error instanceof ApiError && (error.code === 'slot_full' || error.code === 'booking_too_late' || error.status === 404);
      if (mine === turn && gone) await lost(t('client.slots.just_taken'));
    }
  };
  const count = (): void => {
    if (until === 0) return fill(held);
    const left = Math.max(0, Math.ceil((until - Date.now()) / 1000));
    if (left === 0) return void lost(t('client.slots.hold_over'));
    fill(held, icon(clock), t('client.slots.held', { time: `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}` }));
  };
  const ticking = setInterval(() => (box.isConnected || until === 0 ? count() : clearInterval(ticking)), 1000);

  const draw = (): void => {
    if (days.size === 0) {
      fill(box, h('p', { class: 'muted' }, t('client.slots.none')));
      return;
    }
    const confirm: HTMLButtonElement = button([icon(calendarClock), chosen === null ? t('client.slots.pick') : `${picking.verb} ${moment(chosen)}`], () => void busy(confirm, take), 'primary wide');
    confirm.disabled = chosen === null;
    const take = async (): Promise<void> => {
      if (chosen !== null && !(await picking.choose(chosen))) {
        chosen = null;
        until = 0;
        await load();
      }
    };
    count();
    fill(box,
      notice !== null && h('div', { class: 'banner caution', role: 'alert' }, icon(circleAlert), h('p', null, notice)),
      h('div', { class: 'days', role: 'group', 'aria-label': t('client.slots.day') }, [...days.keys()].map((key) => {
        const at = days.get(key)?.[0]?.starts_at ?? key;
        return button([h('span', { class: 'small' }, words.time(at, { weekday: 'short' })), h('strong', null, words.time(at, { day: 'numeric', month: 'short' }))], () => { day = key; draw(); focus(`[data-day="${key}"]`); }, 'day', { 'aria-pressed': String(key === day), 'data-day': key });
      })),
      h('div', { class: 'times', role: 'group', 'aria-label': t('client.slots.time') }, (days.get(day) ?? []).map((slot) =>
        button(words.time(slot.starts_at, { hour: '2-digit', minute: '2-digit' }), () => void pick(slot), 'time tabular', { 'aria-pressed': String(slot.id === chosen?.id), 'data-slot': slot.id }))),
      h('p', { class: 'muted small zone' }, icon(calendarDays), t('client.slots.zone', { zone: zoneName() })),
      held,
      confirm);
  };
  const focus = (selector: string): void => box.querySelector<HTMLElement>(selector)?.focus();

  void load();
  return box;
}

/** “Tue 24 Nov, 14:30” in the customer's zone. */
export function moment(slot: { starts_at: string }): string {
  return `${words.time(slot.starts_at, { weekday: 'short', day: 'numeric', month: 'short' })}, ${words.time(slot.starts_at, { hour: '2-digit', minute: '2-digit' })}`;
}

function dayOf(slot: SlotView): string {
  const at = new Date(slot.starts_at);
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

function grouped(slots: readonly SlotView[]): Map<string, SlotView[]> {
  const days = new Map<string, SlotView[]>();
  for (const slot of slots) days.set(dayOf(slot), [...(days.get(dayOf(slot)) ?? []), slot]);
  return days;
}
