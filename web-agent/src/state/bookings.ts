/** The appointments of one day, kept fresh by pushes. */
import { effect, signal } from '@preact/signals';
import type { BookingRow } from '@visavis/shared/wire';
import * as door from '../door';
import { callId, desk, setPresence } from './desk';
import { now } from './clock';
import { onPush } from './live';
import { go } from './route';

export type DayList = { phase: 'loading' } | { phase: 'failed'; failure: unknown } | { phase: 'ready'; rows: BookingRow[] };

/** The day shown, `YYYY-MM-DD` in the reader's zone. */
export const day = signal(localDay(new Date()));
/** Its appointments. */
export const list = signal<DayList>({ phase: 'loading' });
/** Today's appointments still to come, for the desk. */
export const upcoming = signal<BookingRow[] | null>(null);
/** The appointment whose customer is being rung by this agent. */
export const ringing = signal<{ bookingId: string; booking: BookingRow | null; since: number } | null>(null);
/** What came of the last ring, until the next one. */
export const ringOutcome = signal<{ bookingId: string; failure: unknown } | null>(null);
/** Appointments that changed under the reader's eyes, to be marked for a moment. */
export const touched = signal<ReadonlySet<string>>(new Set());

/** `YYYY-MM-DD` of a moment in the reader's own zone. */
export function localDay(at: Date): string {
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The day `days` later. */
export function dayAfter(from: string, days: number): string {
  const [year = 0, month = 1, date = 1] = from.split('-').map(Number);
  return localDay(new Date(year, month - 1, date + days));
}

let asked = 0;

/** Reads the day shown; a slower answer for another day is dropped. */
export async function loadDay(quiet = false): Promise<void> {
  const mine = ++asked;
  if (!quiet) list.value = { phase: 'loading' };
  try {
    const rows = await door.bookings(day.value);
    if (mine === asked) list.value = { phase: 'ready', rows: byTime(rows) };
  } catch (failure) {
    if (mine === asked && !quiet) list.value = { phase: 'failed', failure };
  }
}

/** Reads what is still to come today. */
export async function loadUpcoming(): Promise<void> {
  try {
    const rows = await door.bookings(localDay(new Date()));
    upcoming.value = byTime(rows).filter((row) => row.state === 'booked');
  } catch {
    upcoming.value ??= [];
  }
}

/** Shows another day. */
export function showDay(which: string): void {
  day.value = which;
  void loadDay();
}

/** Rings the customer of an appointment. */
export async function ring(booking: BookingRow): Promise<void> {
  ringOutcome.value = null;
  ringing.value = { bookingId: booking.id, booking, since: now.peek() };
  try {
    await door.callBooking(booking.id);
  } catch (failure) {
    ringing.value = null;
    ringOutcome.value = { bookingId: booking.id, failure };
  }
}

/** Closes the notice about the last ring. */
export function forgetOutcome(): void {
  ringOutcome.value = null;
}

/** The desk says that a customer is being rung: also after a reload, when the page has forgotten who. */
async function showRinging(bookingId: string): Promise<void> {
  if (ringing.peek()?.bookingId === bookingId) return;
  ringing.value = { bookingId, booking: null, since: Date.parse(desk.peek()?.since ?? '') || now.peek() };
  await loadUpcoming();
  const booking = upcoming.peek()?.find((row) => row.id === bookingId) ?? null;
  if (ringing.peek()?.bookingId === bookingId) ringing.value = { bookingId, booking, since: ringing.peek()?.since ?? now.peek() };
}

/** Nobody is rung any more: the customer answered, and the call is on the desk, or not. */
function ringEnded(bookingId: string | null): void {
  ringing.value = null;
  if (bookingId === null) return;
  if (callId.peek() === null) ringOutcome.value = { bookingId, failure: null };
  else go({ name: 'desk' });
}

/** Stops ringing; the server knows this as going offline, so the agent is made ready again at once. */
export async function stopRinging(): Promise<void> {
  await setPresence('offline');
  ringOutcome.value = null;
  await setPresence('ready');
}

function byTime(rows: BookingRow[]): BookingRow[] {
  return [...rows].sort((a, b) => a.starts_at.localeCompare(b.starts_at) || a.id.localeCompare(b.id));
}

function mark(id: string): void {
  touched.value = new Set([...touched.value, id]);
  setTimeout(() => {
    touched.value = new Set([...touched.value].filter((other) => other !== id));
  }, 4000);
}

/** Follows the server from now on; call once. */
export function followBookings(): void {
  onPush((push) => {
    if (push.type === 'bookings_changed') {
      mark(push.booking_id);
      void loadUpcoming();
      void loadDay(true);
    }
  });
  let rung: string | null = null;
  effect(() => {
    if (desk.value === null) return;
    const rings = desk.value.ringing_booking_id;
    if (rings === rung) return;
    const before = rung;
    rung = rings;
    if (rings !== null) void showRinging(rings);
    else ringEnded(before);
  });
}
