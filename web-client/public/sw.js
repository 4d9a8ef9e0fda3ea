/**
 * Wakes a customer whose page is closed: shows who is calling, and opens the page when the notification is pressed.
 * Every push shows a notification (iOS ends subscriptions of those that do not). Caches nothing.
 */
self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('push', (event) => {
  let told = {};
  try {
    told = event.data ? event.data.json() : {};
  } catch {
    told = {};
  }
  const title = typeof told.title === 'string' ? told.title : 'Visavis';
  const options = { body: typeof told.text === 'string' ? told.text : '', tag: 'ring', renotify: true, requireInteraction: true, icon: '/icon.svg', vibrate: [400, 200, 400], data: { path: pathOf(told.url) } };
  event.waitUntil(self.registration.showNotification(title, options));
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(open(event.notification.data?.path ?? '/'));
});

/** Only what lies within this site is opened. */
function pathOf(url) {
  try {
    const at = new URL(url, self.location.origin);
    return at.origin === self.location.origin ? at.pathname + at.hash : '/';
  } catch {
    return '/';
  }
}

async function open(path) {
  const pages = await self.clients.matchAll({ type: 'window', includeUncontrolled: true });
  const page = pages.find((one) => new URL(one.url).pathname === '/');
  if (page === undefined) return self.clients.openWindow(path);
  await page.focus();
  // A page that is open rings by itself; the link is for one that is not known here.
  return undefined;
}
