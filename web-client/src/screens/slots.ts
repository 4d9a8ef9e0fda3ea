/** The next free times: days as chips, times as buttons, in the customer's own zone. */
import { get } from '@visavis/shared/api';
import { calendarClock, calendarDays } from '@visavis/shared/icons';
import type { SlotView } from '@visavis/shared/wire';

import { busy, button, fill, h, icon } from '../dom';
import { sentenceOf, t, words, zoneName } from '../words';

const DAYS = 14;
const DAY_MS = 86_400_000;

/** The picker; `choose` books and throws when the time is gone. */
export function slotPicker(verb: string, choose: (slot: SlotView) => Promise<boolean>): HTMLElement {
  const box = h('div', { class: 'slots stack' }, h('p', { class: 'muted' }, t('client.loading')));
  let days = new Map<string, SlotView[]>();
  let day = '';
  let chosen: SlotView | null = null;

  const load = async (): Promise<void> => {
    const now = Date.now();
    try {
      const slots = await get<SlotView[]>(`/api/v1/slots?from=${new Date(now).toISOString()}&to=${new Date(now + DAYS * DAY_MS).toISOString()}`);
      days = grouped(slots.filter(({ free }) => free > 0));
      if (!days.has(day)) day = [...days.keys()][0] ?? '';
      draw();
    } catch (error) {
      fill(box, h('p', { role: 'alert' }, sentenceOf(error)), button(t('client.try_again'), () => void load()));
    }
  };

  const draw = (): void => {
    if (days.size === 0) {
      fill(box, h('p', { class: 'muted' }, t('client.slots.none')));
      return;
    }
    const confirm: HTMLButtonElement = button([icon(calendarClock), chosen === null ? t('client.slots.pick') : `${verb} ${moment(chosen)}`], () => void busy(confirm, take), 'primary wide');
    confirm.disabled = chosen === null;
    const take = async (): Promise<void> => {
      if (chosen !== null && !(await choose(chosen))) {
        chosen = null;
        await load();
      }
    };
    fill(box,
      h('div', { class: 'days', role: 'group', 'aria-label': t('client.slots.day') }, [...days.keys()].map((key) => {
        const at = days.get(key)?.[0]?.starts_at ?? key;
        return button([h('span', { class: 'small' }, words.time(at, { weekday: 'short' })), h('strong', null, words.time(at, { day: 'numeric', month: 'short' }))], () => { day = key; chosen = null; draw(); focus(`[data-day="${key}"]`); }, 'day', { 'aria-pressed': String(key === day), 'data-day': key });
      })),
      h('div', { class: 'times', role: 'group', 'aria-label': t('client.slots.time') }, (days.get(day) ?? []).map((slot) =>
        button(words.time(slot.starts_at, { hour: '2-digit', minute: '2-digit' }), () => { chosen = slot; draw(); focus(`[data-slot="${slot.id}"]`); }, 'time tabular', { 'aria-pressed': String(slot === chosen), 'data-slot': slot.id }))),
      h('p', { class: 'muted small zone' }, icon(calendarDays), t('client.slots.zone', { zone: zoneName() })),
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
