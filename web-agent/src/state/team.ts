/** What supervisors watch and change: agents, the roster, notes, how the queue does. The server decides; this page shows. */
import { signal } from '@preact/signals';
import type { AgentView, CatalogueView, LiveCalls, NoteView, QueueHealth, ShiftView } from '@visavis/shared/wire';
import * as door from '../door';
import { localDay } from './bookings';

/** Everything on the page, as last told; null until the first answer. */
export interface TeamState {
  agents: AgentView[];
  catalogue: CatalogueView;
  health: QueueHealth;
  notes: NoteView[];
  live: LiveCalls;
}

export const team = signal<TeamState | null>(null);
/** The last thing that did not work. */
export const teamFailure = signal<unknown>(null);
/** What the last cut shift came to: customers who lost their appointment. */
export const lastCut = signal<number | null>(null);
/** The day of the roster shown, `YYYY-MM-DD`. */
export const rosterDay = signal(localDay(new Date()));
/** Its shifts. */
export const roster = signal<ShiftView[] | null>(null);

/** Reads everything anew. */
export async function loadTeam(): Promise<void> {
  try {
    const [agents, catalogue, health, notes, live] = await Promise.all([door.agents(), door.catalogue(), door.queueHealth(), door.queueNotes(), door.liveCalls()]);
    team.value = { agents, catalogue, health, notes, live };
  } catch (failure) {
    teamFailure.value = failure;
  }
}

/** Reads the roster of the day shown. */
export async function loadRoster(): Promise<void> {
  const day = rosterDay.value;
  try {
    const rows = await door.shifts(day);
    if (day === rosterDay.value) roster.value = rows;
  } catch (failure) {
    teamFailure.value = failure;
  }
}

/** Does something, then reads everything anew; whether it worked. */
export async function change(act: () => Promise<unknown>): Promise<boolean> {
  teamFailure.value = null;
  let worked = true;
  try {
    await act();
  } catch (failure) {
    teamFailure.value = failure;
    worked = false;
  }
  await Promise.all([loadTeam(), loadRoster()]);
  return worked;
}

/** Takes a shift off the roster and says whom it cost an appointment. */
export function cut(shift: string): Promise<boolean> {
  return change(async () => {
    lastCut.value = (await door.cutShift(shift)).called_off;
  });
}
