/** Who is signed in at this console. */
import { computed, signal } from '@preact/signals';
import type { Role, StaffView } from '@visavis/shared/wire';
import * as door from '../door';

export type Session =
  | { phase: 'asking' }
  | { phase: 'unreachable' }
  | { phase: 'out'; because: 'fresh' | 'expired' | 'left' }
  | { phase: 'in'; staff: StaffView };

/** The session of this page. */
export const session = signal<Session>({ phase: 'asking' });

/** The person signed in, or null. */
export const staff = computed(() => (session.value.phase === 'in' ? session.value.staff : null));

/** Whether the person signed in has a role. */
export function hasRole(role: Role): boolean {
  return staff.value?.roles.includes(role) ?? false;
}

/** Finds out at start whether a session is still open. */
export async function resumeSession(): Promise<void> {
  session.value = { phase: 'asking' };
  try {
    session.value = { phase: 'in', staff: await door.whoAmI() };
  } catch (failure) {
    session.value = door.statusOf(failure) === 401 ? { phase: 'out', because: 'fresh' } : { phase: 'unreachable' };
  }
}

/** Signs in; what goes wrong is thrown for the form to tell. */
export async function signIn(name: string, password: string): Promise<void> {
  session.value = { phase: 'in', staff: await door.signIn(name, password) };
}

/** Signs out; the page forgets everything even when the server cannot be reached. */
export async function signOut(): Promise<void> {
  try {
    await door.signOut();
  } finally {
    session.value = { phase: 'out', because: 'left' };
  }
}

/** The server no longer knows the session. */
export function sessionExpired(): void {
  if (session.value.phase === 'in') session.value = { phase: 'out', because: 'expired' };
}
