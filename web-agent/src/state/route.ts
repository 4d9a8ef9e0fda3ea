/** Where the reader is. Kept in the hash; nothing personal ever stands in it. */
import { computed, signal } from '@preact/signals';

export type Route = { name: 'desk' } | { name: 'bookings' } | { name: 'files' } | { name: 'recordings' } | { name: 'file'; id: string };

const ID = /^[0-9A-Za-z_-]{1,64}$/;

/** Reads a hash such as `#/files/01J…`; anything unknown is the first page. */
export function parseRoute(hash: string): Route {
  const [page = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  if (page === 'files' && ID.test(id)) return { name: 'file', id };
  if (page === 'bookings' || page === 'files' || page === 'recordings') return { name: page };
  return { name: 'desk' };
}

/** The hash of a route. */
export function href(route: Route): string {
  return route.name === 'file' ? `#/files/${route.id}` : `#/${route.name}`;
}

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
