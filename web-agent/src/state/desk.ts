/** The agent's own desk: presence, the offered call, the queue. The server decides; this page shows. */
import { computed, effect, signal } from '@preact/signals';
import type { DeskView, OfferView, Presence } from '@visavis/shared/wire';
import * as door from '../door';
import { onOpen, onPush } from './live';
import { hasRole } from './session';
import { startChime, stopChime } from './sound';

export const DECLINE_REASONS = ['busy', 'technical', 'conflict'] as const;
export const BREAK_REASONS = ['short', 'lunch', 'training', 'technical'] as const;

/** The desk as the server last told it; null until the first answer. */
export const desk = signal<DeskView | null>(null);
/** The last thing that did not work on the desk. */
export const deskFailure = signal<unknown>(null);
/** An accept or decline is on its way. */
export const isAnswering = signal(false);
/** The call offered just now. */
export const offer = computed<OfferView | null>(() => desk.value?.offer ?? null);
/** The call under way. */
export const callId = computed(() => desk.value?.call_id ?? null);

/** Reads the desk anew. */
export async function loadDesk(): Promise<void> {
  try {
    desk.value = await door.desk();
  } catch (failure) {
    deskFailure.value = failure;
  }
}

async function attempt(act: () => Promise<unknown>): Promise<void> {
  deskFailure.value = null;
  try {
    await act();
  } catch (failure) {
    deskFailure.value = failure;
  }
  await loadDesk();
}

/** Chooses ready, break or offline. */
export function setPresence(presence: Presence, reason: string | null = null): Promise<void> {
  return attempt(() => door.setPresence(presence, reason));
}

/** Takes the offered call. */
export async function accept(): Promise<void> {
  const offered = offer.value;
  if (offered === null || isAnswering.value) return;
  isAnswering.value = true;
  await attempt(() => door.accept(offered));
  isAnswering.value = false;
}

/** Gives the offered call back to the queue. */
export async function decline(reason: string): Promise<void> {
  const offered = offer.value;
  if (offered === null || isAnswering.value) return;
  isAnswering.value = true;
  await attempt(() => door.decline(offered, reason));
  isAnswering.value = false;
}

/** Takes more time to finish the call. */
export function moreTime(seconds: number): Promise<void> {
  return attempt(() => door.wrapUp(seconds, null));
}

/** Writes down what whoever decides about the file should know; whether it was taken. */
export async function writeNote(note: string): Promise<boolean> {
  await attempt(() => door.wrapUp(null, note));
  return deskFailure.value === null;
}

/** Follows the server from now on; call once. */
export function followDesk(): void {
  onOpen(() => {
    if (hasRole('agent')) void loadDesk();
  });
  onPush((push) => {
    if (push.type === 'desk_changed') {
      // Several servers tell one desk; what was overtaken on the way is not shown.
      if (desk.value === null || push.desk.epoch >= desk.value.epoch) desk.value = push.desk;
    } else if (push.type === 'queue_changed' && desk.value !== null) {
      const { waiting, oldest_since, ready_agents } = push;
      desk.value = { ...desk.value, waiting, oldest_since, ready_agents };
    }
  });
  effect(() => {
    if (offer.value === null) stopChime();
    else startChime();
  });
}
