/** Where the reader is, as it stands in the hash; nothing personal ever stands in it. Pure. */

export type Route = { name: 'desk' } | { name: 'bookings' } | { name: 'team' } | { name: 'risk' } | { name: 'files' } | { name: 'file'; id: string };

const ID = /^[0-9A-Za-z_-]{1,64}$/;

/** Reads a hash such as `#/files/01J…`; anything unknown is the first page. */
export function parseRoute(hash: string): Route {
  const [page = '', id = ''] = hash.replace(/^#\/?/, '').split('/');
  if (page === 'files' && ID.test(id)) return { name: 'file', id };
  if (page === 'bookings' || page === 'files' || page === 'team' || page === 'risk') return { name: page };
  return { name: 'desk' };
}

/** The hash of a route. */
export function href(route: Route): string {
  return route.name === 'file' ? `#/files/${route.id}` : `#/${route.name}`;
}
