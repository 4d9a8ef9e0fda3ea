// How a customer, an agent and a supervisor use the pages: by what they can read and press, never by how it is built.
import assert from 'node:assert/strict';
import { desktop, eventually, person, phone, specimens, zone } from './rig.mjs';

/** The button that has the server draw; others lead there. */
const GO = /^Go(?! there)/;

/** The checks with the words the customer reads; in which order they come, the server draws. */
export const CHECKS = { frontal: /Look straight/, left: /to your left/, right: /to your right/, up: /Look up/, down: /Look down/ };

export class Customer {
  /** Somebody with a document in their hands; with `cards`, what they can hold up to the camera instead. */
  static async arrive(browser, server, { kind = 'citizen_card', more = {}, cards, ...who } = {}) {
    const customer = new Customer();
    const scenes = { front: {}, back: { side: 'back' }, dark: { light: 0.12 }, ...more };
    const options = (scene) => Object.entries({ kind, side: 'front', width: 1080, height: 1920, fill: 0.75, ...scene }).flatMap(([name, value]) => (value === true ? [`--${name}`] : [`--${name}`, String(value)]));
    cards ??= await specimens(Object.fromEntries(Object.entries(scenes).map(([name, scene]) => [name, options(scene)])));
    customer.page = await person(browser, server, { ...phone, cards, tone: 880, hue: 190, ...who });
    customer.page.on('dialog', (dialog) => dialog.accept());
    return customer;
  }

  async show(what) {
    await this.page.evaluate((name) => window.__camera?.show(name), what);
    await this.page.waitForTimeout(400);
  }

  async press(name, options = {}) {
    await this.page.getByRole('button', { name, ...options }).first().click();
  }

  async sees(name) {
    await this.page.getByRole('heading', { name }).first().waitFor();
  }

  async begin(look = async () => {}) {
    await this.page.goto('/');
    await this.sees('Show us that you are you');
    await look('welcome');
    await this.press('Start');
    await this.sees('Which document do you have with you?');
    await look('document');
  }

  /** Holds both sides up to the camera; the page shoots by itself. */
  async photograph(look = async () => {}) {
    await this.press(/Citizen identity card/);
    await this.sees('Photograph the front');
    await this.show('front');
    await look('capture');
    await this.page.getByRole('button', { name: 'Use this photo' }).waitFor();
    await look('capture-good');
    await this.press('Use this photo');
    await this.sees('Now the back');
    await this.show('back');
    await this.press('Use this photo');
    await look('reading');
    await this.page.getByRole('heading', { name: 'Is this right?' }).waitFor({ timeout: 45_000 });
  }

  /** The value a field of the form holds. */
  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  async confirm(look = async () => {}) {
    await this.field('Email address').fill('khai@example.org');
    await this.field('Phone number').fill('+84 912 345 678');
    await this.page.evaluate(() => scrollTo(0, 0));
    await look('details');
    await this.press('Continue');
    await this.sees('What you agree to');
    for (const box of await this.page.getByRole('switch').all()) if (!(await box.isChecked())) await box.check();
    await look('consents');
    await this.press('Agree and send');
    await this.sees('When shall we talk?');
    await this.show('face');
    await this.page.getByRole('button', { name: 'Call now' }).waitFor();
    await look('when');
  }

  /** To the question "now or later" without photographs: what the pages would send, typed. For scenes about what follows. */
  async confirmQuickly() {
    await this.page.goto('/');
    await this.page.evaluate(async () => {
      const send = async (method, path, body) => {
        const answer = await fetch(`/api/v1${path}`, { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body ?? {}) });
        if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
        return answer.json().catch(() => null);
      };
      await send('POST', '/applications', { locale: 'en', time_zone: 'Asia/Ho_Chi_Minh' });
      await send('POST', '/application/document', { kind: 'passport' });
      await send('POST', '/application/type-myself');
      const { consents } = await (await fetch('/api/v1/application')).json();
      const fields = { number: 'C1234567', surname: 'TRẦN', given_names: 'BÌNH AN', full_name: 'TRẦN BÌNH AN', birth_date: '1990-05-17', sex: 'M', nationality: 'VNM', expiry_date: '2033-01-31', issuer: 'VNM' };
      const details = { fields: Object.entries(fields).map(([name, value]) => ({ name, value })), email: 'an@example.org', phone: '+84912345679' };
      await send('POST', '/application/confirm', { details, consents: consents.map((consent) => ({ ...consent, given: true })) });
    });
    await this.page.reload();
    await this.sees('When shall we talk?');
    await this.show('face');
  }

  /** Books, or moves the appointment to, the nth of the times offered; the appointment as the server has it then. */
  async book(nth) {
    const time = this.page.getByRole('button', { name: /^\d{1,2}:\d{2}/ }).or(this.page.getByText(/^\d{1,2}:\d{2}$/)).nth(nth);
    await time.click();
    await this.press(/^Book/);
    await this.sees('You are booked');
    return this.booking();
  }

  /** The appointment as the server has it. */
  booking() {
    return this.page.evaluate(async () => (await fetch('/api/v1/booking')).json());
  }

  async callNow(look = async () => {}) {
    await this.press('Call now');
    await this.sees('Quick check before the call');
    await this.page.getByText('We can hear you.').waitFor();
    await look('device');
    await this.press('Join the queue');
    await this.sees('You are in line');
    await look('waiting');
  }

  /** Waits until the agent's picture really plays. */
  async hearsAndSees() {
    await playing(this.page);
  }
}

export class Colleague {
  static async signIn(browser, server, name, look = async () => {}, who = {}) {
    const colleague = new Colleague();
    colleague.page = await person(browser, server, { ...desktop, tone: 1500, hue: 25, ...who });
    const { password, display_name: shown } = server.people.find((one) => one.name === name);
    await colleague.page.goto('/console');
    await colleague.page.getByLabel('Sign-in name').fill(name);
    await colleague.page.getByLabel('Password', { exact: true }).fill(password);
    await look('sign-in', colleague.page);
    await colleague.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await colleague.page.getByRole('button', { name: shown }).waitFor();
    return colleague;
  }

  async press(name, options = {}) {
    await this.page.getByRole('button', { name, ...options }).first().click();
  }

  async getReady(look = async () => {}) {
    await look('desk-offline');
    await this.press('I am ready');
    await this.page.getByText('Ready for the next call').waitFor();
  }

  /** Opens the list of appointments at the day of one of them. */
  async openBookings(booking) {
    await this.page.getByRole('link', { name: 'Bookings', exact: true }).click();
    await this.page.getByRole('heading', { name: 'Bookings' }).waitFor();
    await this.page.locator('input[type=date]').fill(atSite(booking.starts_at).day);
  }

  /** Waits until the open list shows the appointment of somebody as `state` at its time: pushed, the page is not loaded again. */
  async seesBooking(name, booking, state) {
    const card = this.page.locator('.booking').filter({ hasText: name });
    await card.getByText(state, { exact: true }).waitFor();
    await card.getByText(atSite(booking.starts_at).time, { exact: true }).waitFor();
    return card;
  }

  async accept(look = async () => {}) {
    await this.page.getByRole('button', { name: /^Accept/ }).waitFor();
    await look('offer');
    await this.press(/^Accept/);
    await playing(this.page);
  }

  /** The greeting and the document are done: the first check is next. */
  async toChecks() {
    await this.press(/^(Next|Done)/);
    await this.press(/^(Next|Done)/);
  }

  /** Ends the call, as the agent does who is asked whether that is meant. */
  async hangUp() {
    await this.press(/^Hang up/);
    await this.page.getByRole('dialog').getByRole('button', { name: /^Hang up/ }).click();
  }

  /** Leads through the script: greeting, document, then Go until the draw holds nothing more, each check judged as passed. */
  async check(customer, look = async () => {}) {
    await this.toChecks();
    const drawn = [];
    while (await this.canGo()) {
      drawn.push(await this.go(customer));
      if (drawn.at(-1) === 'left' && !drawn.slice(0, -1).includes('left')) {
        await look('call-agent', this.page);
        await look('call-customer', customer.page);
      }
      await this.page.waitForTimeout(700);
      await this.pass(drawn.at(-1));
    }
    return drawn;
  }

  /** Whether the draw holds another check; the decision opens when not. */
  async canGo() {
    const go = this.page.getByRole('button', { name: GO });
    await go.or(this.page.locator('form.decision')).first().waitFor();
    return go.isVisible();
  }

  /** Presses Go; what the customer was asked to do. */
  async go(customer) {
    await this.press(GO);
    const words = await eventually('an instruction', () => customer.page.locator('.check.asked > p').first().textContent());
    return Object.keys(CHECKS).find((kind) => CHECKS[kind].test(words));
  }

  /** Judges the check as passed and waits until that is filed. */
  async pass(kind) {
    await this.press(/^Passed/);
    await eventually(`the check "${kind}" being filed`, async () => !(await this.page.getByText('The customer sees the instruction now.').isVisible()));
  }

  /** Opens the file of somebody to review it. */
  async review(name) {
    await this.page.getByRole('link', { name: 'Files' }).first().click();
    await this.page.getByText(name).first().click();
    await this.page.getByLabel('Purpose').selectOption('review');
    await this.press('Open the file');
  }

  async approve(look = async () => {}) {
    await this.page.getByText('Approve', { exact: true }).first().click();
    await look('decision');
    await this.press('Approve the customer');
  }
}

/** A confirmed customer and an agent in a call: who they are beyond the usual, perhaps at servers of their own; `waits` is told of the customer in line. */
export async function inCall({ server, launch }, { customer: who, agent: other, servers = {}, waits = async () => {} } = {}) {
  const customer = await Customer.arrive(await launch(), servers.customer ?? server, who);
  await customer.confirmQuickly();
  const agent = await Colleague.signIn(await launch(), servers.agent ?? server, 'lan', undefined, other);
  await agent.getReady();
  await customer.callNow();
  await waits(customer);
  await agent.accept();
  await customer.hearsAndSees();
  return { customer, agent };
}

/** A point in time as the wall clock of the site shows it: `{ day: '2026-03-02', time: '09:15' }`. */
function atSite(at) {
  const [day, time] = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' }).format(new Date(at)).split(' ');
  return { day, time };
}

/** Waits until a video on the page shows moving pictures of somebody else. */
export async function playing(page, limit = 30_000) {
  await eventually(
    'the other end being seen',
    () => page.evaluate(() => [...document.querySelectorAll('video')].some((video) => !video.muted && video.videoWidth > 0 && !video.paused && video.currentTime > 0.3) || [...document.querySelectorAll('video')].filter((video) => video.videoWidth > 0 && video.currentTime > 0.3).length >= 2),
    limit,
  );
}

/** Waits until the other end's picture moves after it stood still: new pictures in each of three looks. */
export async function movesAgain(page, limit = 40_000) {
  const count = () => page.evaluate(() => Math.max(0, ...[...document.querySelectorAll('video')].filter((video) => !video.muted).map((video) => video.getVideoPlaybackQuality().totalVideoFrames)));
  let [last, moves] = [await count(), 0];
  await eventually('the picture moving again', async () => {
    const now = await count();
    moves = now > last ? moves + 1 : 0;
    last = now;
    return moves >= 3;
  }, limit);
}

/** A file of a recording, as the page of a supervisor gets it. */
export async function fetchRecording(page, call, name) {
  const bytes = await page.evaluate(async ([id, file]) => {
    const answer = await fetch(`/api/v1/recordings/${id}/${file}?purpose=audit`);
    if (!answer.ok) throw new Error(`${file}: ${answer.status}`);
    const buffer = new Uint8Array(await answer.arrayBuffer());
    let text = '';
    for (let at = 0; at < buffer.length; at += 0x8000) text += String.fromCharCode(...buffer.subarray(at, at + 0x8000));
    return btoa(text);
  }, [call, name]);
  return Buffer.from(bytes, 'base64');
}

/** A looker that keeps screenshots as `<folder>/<name>.png`. */
export function looker(page, folder) {
  return async (name, other = page) => {
    await other.waitForTimeout(250);
    await other.screenshot({ path: `${folder}/${name}.png` });
  };
}

/** Fails when a page complained. */
export function noComplaints(...pages) {
  for (const page of pages) assert.deepEqual(page.problems, []);
}
