// Before the call: what the page finds out about camera, light, voice and the ways to the media server, and that nobody gets stuck.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heads } from './heads.mjs';
import { Colleague, Customer, looker, noComplaints } from './people.mjs';
import { desktop, eventually, folder, stage } from './rig.mjs';

const looks = await folder('devices');

/** Cuts ways out of every answer, as a network does that lets nothing through there. */
async function block(page, ways) {
  await page.context().addInitScript(`{
    const set = RTCPeerConnection.prototype.setRemoteDescription;
    RTCPeerConnection.prototype.setRemoteDescription = function (description) {
      const sdp = description.sdp.replace(/^a=candidate:\\S+ \\d+ (${ways}) .*\\r\\n/gim, '');
      return set.call(this, { type: description.type, sdp });
    };
  }`);
  await page.reload();
}

/** A camera the page may not use, for one reason or another. */
const refuse = (page, name) => page.evaluate((why) => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', why)); }, name);

async function atTheDoor(customer) {
  await customer.confirmQuickly();
  await customer.press('Call now');
}

const says = (customer, words) => customer.page.getByText(words).first().waitFor({ timeout: 30_000 });

test('what the page measures is measured, filed with the call and shown to the agent', { timeout: 180_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await atTheDoor(customer);
    const look = looker(customer.page, looks);
    for (const words of ['Your camera works.', 'The light on your face is good.', 'We can hear you.', 'Your connection is good.']) await says(customer, words);
    await look('good-phone');
    const figures = await customer.page.locator('.figures').textContent();
    assert.match(figures, /^\d+ ms there and back, 0% lost, [\d.]+ Mbit\/s up$/);
    const [, up] = /([\d.]+) Mbit/.exec(figures);
    assert.ok(Number(up) > 0.8 && Number(up) < 4, `${up} Mbit/s is what was sent`);
    const agent = await Colleague.signIn(await launch(), server, 'lan');
    await agent.getReady();
    await customer.press('Join the queue');
    await customer.sees('You are in line');
    await agent.accept();
    await agent.page.getByText('Checked before the call').click();
    await looker(agent.page, looks)('agent');
    const rows = await agent.page.locator('.rehearsal-list li').allTextContents();
    assert.equal(rows.length, 5, 'camera, light, microphone, and two ways: there is no relay here');
    assert.match(rows.join('\n'), /Camera\s*works[^]*Straight \(UDP\)\s*\d+ ms · 0% lost · [\d.]+ Mbit\/s up\s*open[^]*Detour \(TCP\)\s*\d+ ms · 0% lost\s*open/);
    noComplaints(customer.page, agent.page);
  });
});

test('a network without UDP is told from one without any way, and both may go on', { timeout: 180_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await atTheDoor(customer);
    await block(customer.page, 'udp');
    await customer.show('face');
    await customer.press('Call now');
    await says(customer, 'Your network blocks the fast way for calls.');
    await block(customer.page, 'tcp');
    await customer.show('face');
    await customer.press('Call now');
    await says(customer, 'Calls do not get through your network.');
    await says(customer, 'The call will probably not come about.');
    await looker(customer.page, looks)('no-way-phone');
    await customer.press('Go on anyway');
    await customer.sees('You are in line');
  });
});

test('a covered lens, a still picture, bad light and a missing face are named one at a time, with what to do', { timeout: 180_000 }, async () => {
  const cards = await heads();
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server, { ...desktop, isMobile: false, cards });
    await atTheDoor(customer);
    await says(customer, 'Your connection is good.');
    await customer.show('covered');
    await says(customer, 'Your picture is black.');
    await says(customer, 'Open the slide or take the sticker off the camera.');
    await says(customer, 'Without a good picture the agent cannot identify you');
    const look = looker(customer.page, looks);
    await look('covered-desktop');
    await customer.press('Use my phone instead');
    await customer.page.locator('.qr svg path').nth(1).waitFor();
    await look('handover-desktop');
    const address = await customer.page.getByRole('textbox', { name: 'Your personal link' }).inputValue();
    assert.match(address, /#\/resume\/[\w-]{20,}$/);
    await customer.press('Close');
    await customer.show('face');
    await says(customer, 'Your camera works.');
    await customer.show('nothing new');
    await says(customer, 'Your picture stands still.');
    await customer.show('face');
    await says(customer, 'Your camera works.');
    await customer.page.getByRole('button', { name: 'Join the queue' }).waitFor();
    assert.equal(await customer.page.getByText('Open the slide').count(), 0, 'advice goes when its cause has gone');
    await customer.show('snow');
    await says(customer, 'We do not see your face.');
    assert.equal(await customer.page.getByText('The light on your face is good.').isVisible(), false, 'nothing is said of a face that is not there');
    await look('nobody-desktop');
    await customer.show('head-frontal');
    await customer.page.getByText('We do not see your face.').waitFor({ state: 'detached' });
    await says(customer, 'The light on your face is good.');
    noComplaints(customer.page);
  });
});

test('no camera: advice for this browser, and a call without a picture rather than none', { timeout: 180_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    await refuse(customer.page, 'NotReadableError');
    await customer.press('Call now');
    await customer.sees('Another app is using your camera');
    await says(customer, 'Close Teams, Zoom');
    await refuse(customer.page, 'NotAllowedError');
    await customer.press('Try again');
    await customer.sees('You have not allowed the camera');
    await says(customer, 'Click the symbol to the left of the address');
    await looker(customer.page, looks)('denied-phone');
    const agent = await Colleague.signIn(await launch(), server, 'lan');
    await agent.getReady();
    await customer.press('Go on anyway');
    await customer.sees('You are in line');
    await agent.press(/^Accept/);
    await eventually('the agent being seen by a customer without a camera', () => customer.page.evaluate(() => [...document.querySelectorAll('video.remote')].some((video) => video.videoWidth > 0 && video.currentTime > 0.3)), 40_000);
    await agent.page.getByText('Checked before the call').click();
    await agent.page.getByText('not allowed').waitFor();
    await agent.page.getByText('went on anyway').waitFor();
  });
});

test('inside another app the way out is shown from the first page on', { timeout: 120_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const zalo = 'Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Mobile Safari/537.36 Zalo android/24100';
    const customer = await Customer.arrive(await launch(), server);
    await customer.page.addInitScript((agent) => Object.defineProperty(navigator, 'userAgent', { get: () => agent }), zalo);
    await customer.page.goto('/');
    await says(customer, 'You are inside Zalo');
    await looker(customer.page, looks)('in-app-phone');
    await customer.page.getByRole('button', { name: 'Open in Chrome' }).waitFor();
    await atTheDoor(customer);
    await says(customer, 'You are inside Zalo');
    await customer.page.evaluate(() => navigation.addEventListener('navigate', (event) => {
      window.__went = event.destination.url;
      event.preventDefault();
    }));
    await customer.press('Open in Chrome');
    const went = await eventually('the page going where Android opens Chrome', () => customer.page.evaluate(() => window.__went), 5_000);
    assert.match(went, /^intent:\/\/localhost:\d+\/#\/resume\/[\w-]{20,}#Intent;scheme=http;package=com\.android\.chrome;S\.browser_fallback_url=http%3A/);
  });
});
