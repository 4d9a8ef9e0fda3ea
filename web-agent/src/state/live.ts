/** The console's live socket: one for the page, open while somebody is signed in. */
import { signal } from '@preact/signals';
import { Live, liveAddress, type LiveState, type Push } from '@visavis/shared/protocol';
import type { LiveCommand } from '@visavis/shared/wire';
import { learnServerTime } from './clock';

/** How the connection to the server is doing. */
export const connection = signal<LiveState>('closed');

const pushed = new Set<(push: Push) => void>();
const opened = new Set<(isNewRun: boolean) => void>();
let live: Live | null = null;

/** Hears every push from now on; the answer ends it. */
export function onPush(hear: (push: Push) => void): () => void {
  pushed.add(hear);
  return () => pushed.delete(hear);
}

/**
 * Is told after every (re)connection, when everything shown must be read anew, and whether the server itself had started
 * anew; the answer ends it.
 */
export function onOpen(hear: (isNewRun: boolean) => void): () => void {
  opened.add(hear);
  return () => opened.delete(hear);
}

/** Says something to the server; false when there is no connection. */
export function say(command: LiveCommand): boolean {
  return live?.send(command) ?? false;
}

/** Opens the socket. */
export function connect(): void {
  if (live !== null) return;
  connection.value = 'connecting';
  live = new Live(liveAddress('/api/v1/live/staff', location), {
    push: (push) => {
      if (push.type === 'hello') learnServerTime(push.server_time);
      for (const hear of [...pushed]) hear(push);
    },
    opened: (_, isNewRun) => {
      for (const hear of [...opened]) hear(isNewRun);
    },
    state: (state) => {
      connection.value = state;
    },
  });
}

/** Closes it. */
export function disconnect(): void {
  live?.close();
  live = null;
  connection.value = 'closed';
}

const nudge = (): void => live?.nudge();
addEventListener('online', nudge);
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) nudge();
});
