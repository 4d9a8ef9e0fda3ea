// A customer's page is closed, the worker of the site sleeps, and a push wakes it: the browser shows who is calling, and where a press leads.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, person, phone, stage } from './rig.mjs';

test('a push wakes the worker of a closed page, and the browser says who is calling', { timeout: 120_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const page = await person(await launch(), server, phone);
    const context = page.context();
    await context.grantPermissions(['notifications'], { origin: server.url });
    await page.goto('/');
    await page.evaluate(async () => {
      await navigator.serviceWorker.register('/sw.js');
      await navigator.serviceWorker.ready;
    });
    await page.close();

    const witness = await context.newPage();
    await witness.goto('/icon.svg');
    const devtools = await context.newCDPSession(witness);
    let registration;
    const versions = [];
    devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      registration = registrations.find(({ scopeURL, isDeleted }) => scopeURL === `${server.url}/` && !isDeleted)?.registrationId ?? registration;
    });
    devtools.on('ServiceWorker.workerVersionUpdated', (told) => versions.push(...told.versions.map(({ runningStatus }) => runningStatus)));
    await devtools.send('ServiceWorker.enable');
    await eventually('the registration', () => registration);
    await devtools.send('ServiceWorker.stopAllWorkers');
    await eventually('the worker sleeping', () => versions.at(-1) === 'stopped');

    const push = (data) => devtools.send('ServiceWorker.deliverPushMessage', { origin: server.url, registrationId: registration, data });
    const shown = () => witness.evaluate(async () => {
      const { [0]: worker } = await navigator.serviceWorker.getRegistrations();
      return (await worker.getNotifications()).map(({ title, body, tag, data, requireInteraction }) => ({ title, body, tag, path: data.path, requireInteraction }));
    });
    await push(JSON.stringify({ title: 'Bank of Examples', text: 'We are calling you now.', url: `${server.url}/#/ring/abc` }));
    const [ring] = await eventually('the notification', async () => ((await shown()).length > 0 ? shown() : null));
    assert.deepEqual(ring, { title: 'Bank of Examples', body: 'We are calling you now.', tag: 'ring', path: '/#/ring/abc', requireInteraction: true });
    assert.ok(versions.includes('running'), `it was woken: ${versions}`);

    // A second ring takes the place of the first, nothing leads off the site, and what is no message still shows something.
    await push(JSON.stringify({ title: 'Bank of Examples', text: 'Again.', url: 'https://elsewhere.example/x' }));
    await eventually('the second ring', async () => (await shown())[0]?.body === 'Again.');
    assert.deepEqual((await shown()).map(({ path }) => path), ['/']);
    await push('no JSON at all');
    await eventually('a notification in any case', async () => (await shown())[0]?.title === 'Visavis');
  });
});
