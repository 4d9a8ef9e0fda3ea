/** The server's clock as far as this page knows it, ticking twice a second while the page is open. */
import { signal } from '@preact/signals';

let ahead = 0;

/** Epoch milliseconds by the server's clock. */
export const now = signal(Date.now());

/** Takes over the time the server told, so that countdowns do not depend on this computer's clock. */
export function learnServerTime(rfc3339: string): void {
  const told = Date.parse(rfc3339);
  if (Number.isFinite(told)) ahead = told - Date.now();
  now.value = Date.now() + ahead;
}

setInterval(() => {
  now.value = Date.now() + ahead;
}, 500);

/** Whole seconds since `at`, never negative. */
export function secondsSince(at: string | null): number {
  return at === null ? 0 : Math.max(0, Math.floor((now.value - Date.parse(at)) / 1000));
}

/** Whole seconds until `at`, never negative. */
export function secondsUntil(at: string | null): number {
  return at === null ? 0 : Math.max(0, Math.ceil((Date.parse(at) - now.value) / 1000));
}
