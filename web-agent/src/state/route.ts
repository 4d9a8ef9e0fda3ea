/** Where the reader is. Kept in the hash; nothing personal ever stands in it. */
import { computed, signal } from '@preact/signals';
import { href, parseRoute, type Route } from '../rules/route';

const hash = signal(location.hash);
addEventListener('hashchange', () => {
  hash.value = location.hash;
});

/** The page on screen. */
export const route = computed(() => parseRoute(hash.value));

/** Goes to a page; `replace` leaves no way back to this one. */
export function go(to: Route, replace = false): void {
  if (replace) history.replaceState(null, '', href(to));
  else history.pushState(null, '', href(to));
  hash.value = location.hash;
}

addEventListener('popstate', () => {
  hash.value = location.hash;
});
