/** Opens the live socket while somebody is signed in, and notices a session that ended behind the page's back. */
import { effect } from '@preact/signals';
import * as door from '../door';
import { desk } from './desk';
import { connect, connection, disconnect } from './live';
import { room } from './room';
import { session, sessionExpired } from './session';

/** Follows sign-in and sign-out from now on; call once. */
export function followConnection(): void {
  door.whenSessionIsLost(sessionExpired);
  effect(() => {
    const phase = session.value.phase;
    if (phase === 'in') connect();
    else if (phase === 'out') leave();
  });
  effect(() => {
    if (connection.value === 'lost') void stillKnown();
  });
}

function leave(): void {
  disconnect();
  room.peek()?.close();
  room.value = null;
  desk.value = null;
}

async function stillKnown(): Promise<void> {
  try {
    await door.whoAmI();
  } catch (failure) {
    if (door.statusOf(failure) === 401) sessionExpired();
  }
}
