// The camera that helps: one hint at a time, a photo that takes itself, refusals that say what to do, and a contradiction on
// the document that the customer settles and the agent reads.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Colleague, Customer, looker, noComplaints } from './people.mjs';
import { browser, desktop, eventually, folder, phone, Server } from './rig.mjs';

let server;
let launched;
let screens;

before(async () => {
  server = await Server.start({ databaseUrl: process.env.TEST_DATABASE_URL, redisUrl: process.env.TEST_REDIS_URL });
  launched = await browser();
  screens = await folder('screens');
});

after(async () => {
  await launched?.close();
  await server?.stop();
});

/** A customer before the camera, with every scene a hand can make of a card. */
async function aiming(who = {}) {
  const customer = await Customer.arrive(launched, server, {
    more: {
      empty: { empty: true }, far: { fill: 0.45 }, near: { fill: 0.97 }, aside: { shift: 0.25 }, glare: { glare: 0.12 }, tilted: { tilt: 6, lean: 0.05, fill: 0.67 },
    },
    ...who,
  });
  await customer.begin();
  await customer.press(/Citizen identity card/);
  await customer.sees('Photograph the front');
  return customer;
}

const hint = (page, words) => page.locator('.hint-live').getByText(words, { exact: true }).waitFor();
const uploads = (page) => {
  const seen = [];
  page.on('response', (answer) => answer.request().method() === 'POST' && /captures\/(front|back)$/.test(answer.url()) && seen.push(answer));
  return seen;
};

test('the camera says one thing to change at a time and shoots by itself when the card is held still', { timeout: 180_000 }, async () => {
  const customer = await aiming();
  const { page } = customer;
  const see = looker(page, screens);
  const sent = uploads(page);
  for (const [scene, words] of [
    ['empty', 'Point the camera at your document'], ['dark', 'More light, please'], ['far', 'Move closer'], ['near', 'Move back a little'],
    ['aside', 'Fit the whole document into the frame'], ['glare', 'Tilt it away from the lamp'],
  ]) {
    await customer.show(scene);
    await hint(page, words);
    await see(`hint-${scene}`);
    assert.equal(await page.locator('.frame.good').count(), 0, `${scene} is not good`);
  }
  await page.evaluate(() => window.__camera.shake(0.02));
  await customer.show('tilted');
  await hint(page, 'Hold still');
  await eventually('the hint being read out', () => page.locator('[role=status]').filter({ hasText: 'Hold still' }).count());
  await page.waitForTimeout(1_500);
  assert.equal(sent.length, 0, 'nothing is taken while the hand moves');

  const steady = Date.now();
  // It is good for less than half a second, then the photo is taken: too short for looking again and again, so the page notes it.
  await page.evaluate(() => {
    const frame = document.querySelector('.frame');
    new MutationObserver(() => { window.wasGood ||= frame.classList.contains('good'); }).observe(frame, { attributes: true });
    window.__camera.shake(0);
  });
  await page.getByRole('button', { name: 'Use this photo' }).waitFor();
  assert.ok(await page.evaluate(() => window.wasGood), 'the frame turned green before');
  assert.equal(sent.length, 1, 'it was taken once, by itself');
  const view = await sent[0].json();
  assert.ok(view.accepted && view.problems.every((problem) => !problem.refuses), JSON.stringify(view));
  process.stdout.write(`# from a steady hand to an accepted photo: ${Date.now() - steady} ms\n`);
  noComplaints(page);
});

test('the camera’s own still is used when it is sound, and only then', { timeout: 180_000 }, async () => {
  const customer = await aiming();
  const { page } = customer;
  const sent = uploads(page);
  for (const [kind, width] of [['fine', 2160], ['turned', 1080], ['black', 1080]]) {
    await page.evaluate((still) => window.__camera.still(still), kind);
    await customer.show('front');
    const before = sent.length;
    const use = page.getByRole('button', { name: 'Use this photo' });
    await use.waitFor();
    const view = await sent[before].json();
    assert.equal(view.width, width, `${kind}: ${JSON.stringify(view)}`);
    await customer.show('empty');
    await customer.press('Take it again');
    await hint(page, 'Point the camera at your document');
  }
  noComplaints(page);
});

test('the keyboard alone takes a photo, and no motion is shown to who wants none', { timeout: 120_000 }, async () => {
  const customer = await aiming();
  const { page } = customer;
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await customer.show('far');
  await page.getByRole('button', { name: 'Take the photo' }).focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { name: /photo|again/i }).first().waitFor();
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.playState === 'running' && one.effect.getComputedTiming().duration > 1).map((one) => `${one.animationName ?? one.transitionProperty} of ${one.effect.target.className}`));
  assert.deepEqual(moving, []);
  noComplaints(page);
});

test('a refusal says what to do; after three the photo is taken as it is and the agent sees why', { timeout: 240_000 }, async () => {
  const customer = await aiming();
  const { page } = customer;
  const see = looker(page, screens);
  await customer.show('back');
  await customer.sees('This is the other side.');
  await page.getByText('Turn the document over.').waitFor();
  await see('refused-wrong-side');
  await customer.show('dark');
  for (let nth = 0; nth < 2; nth += 1) {
    await customer.press('Take it again');
    await customer.press('Take the photo');
    await page.getByText('It is too dark.').first().waitFor();
    await page.getByText('Go to a brighter place or switch on the light.').first().waitFor();
  }
  await customer.press('Take it again');
  await customer.press('Take the photo');
  await customer.sees('We take this photo as it is');
  await see('flagged');
  await customer.press('Use this photo');
  await customer.sees('Now the back');
  await customer.show('back');
  await customer.press('Use this photo');
  await page.getByRole('heading', { name: 'Is this right?' }).waitFor({ timeout: 60_000 });
  await customer.field('Full name').fill('Lê Thị Cờ');
  await customer.confirm();

  const supervisor = await Colleague.signIn(launched, server, 'huong');
  await openFile(supervisor, 'Lê Thị Cờ');
  await supervisor.page.getByText('Taken as it is').first().waitFor();
  await supervisor.page.getByText(/too dark \(brightness \d+ of 255\)/).first().waitFor();
  await supervisor.page.getByText('3 photographs were refused before').click();
  await looker(supervisor.page, screens)('file-flagged');
  noComplaints(page, supervisor.page);
});

test('a contradiction is settled with one tap, and the agent reads who said what', { timeout: 240_000 }, async () => {
  const customer = await Customer.arrive(launched, server, { more: { other_back: { side: 'back', number: '001195054321' } } });
  const { page } = customer;
  const see = looker(page, screens);
  await customer.begin();
  await customer.press(/Citizen identity card/);
  await customer.sees('Photograph the front');
  await customer.show('front');
  await customer.press('Use this photo');
  await customer.sees('Now the back');
  await customer.show('other_back');
  await customer.press('Use this photo');
  await page.getByRole('heading', { name: 'Is this right?' }).waitFor({ timeout: 60_000 });
  await page.getByText(/contradict/).first().waitFor();
  const choice = page.getByRole('group', { name: 'Document number: Which is right?' });
  const [code, lines] = [choice.getByRole('button', { name: /001195012345/ }), choice.getByRole('button', { name: /001195054321/ })];
  await Promise.all([code.waitFor(), lines.waitFor()]);
  await see('doubt');

  await customer.field('Email address').fill('khai@example.org');
  await customer.field('Phone number').fill('+84 912 345 678');
  await customer.press('Continue');
  const summary = page.locator('.summary');
  await summary.getByRole('link', { name: 'Document number' }).waitFor();
  await page.getByText('Say which is right').waitFor();
  await see('doubt-open');

  await lines.click();
  assert.equal(await customer.field('Document number').inputValue(), '001195054321');
  const saved = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/application/details') && answer.request().method() === 'PUT');
  await code.click();
  assert.equal(await customer.field('Document number').inputValue(), '001195012345');
  assert.equal(await code.getAttribute('aria-pressed'), 'true');
  await page.locator('main').getByText('You said what is right').waitFor();
  await saved;
  await see('doubt-settled');
  await customer.confirm();

  const supervisor = await Colleague.signIn(launched, server, 'huong');
  await openFile(supervisor, '001195012345');
  const list = supervisor.page.getByRole('region', { name: 'Contradictions' });
  await list.getByText('Sources say different things').first().waitFor();
  const kept = list.getByRole('listitem').filter({ hasText: '001195012345' }).last();
  await kept.getByText('QR code').waitFor();
  await kept.getByText('confirmed').waitFor();
  await list.getByRole('listitem').filter({ hasText: '001195054321' }).last().getByText('code lines').waitFor();
  await looker(supervisor.page, screens)('file-contradiction');
  noComplaints(page, supervisor.page);
});

test('every look: phone and desktop, light and dark, both languages', { timeout: 240_000 }, async () => {
  for (const [name, who] of [
    ['phone-dark-vi', { ...phone, colorScheme: 'dark', locale: 'vi-VN' }],
    ['desktop', { ...desktop, locale: 'en-GB' }],
    ['desktop-dark-vi', { ...desktop, colorScheme: 'dark', locale: 'vi-VN' }],
  ]) {
    const size = who.isMobile ? {} : { width: 1280, height: 720, fill: 0.6 };
    const customer = await Customer.arrive(launched, server, { ...who, more: { good: size, glare: { glare: 0.12, ...size } } });
    const { page } = customer;
    const see = looker(page, screens);
    await page.goto('/');
    await page.locator('main .primary').click();
    await page.locator('.choice').first().click();
    await page.locator('.finder').waitFor();
    await customer.show('glare');
    await page.locator('.frame[data-hint=glare]').waitFor();
    await see(`capture-glare.${name}`);
    await customer.show('good');
    await page.locator('.review .primary').waitFor();
    await see(`capture-good.${name}`);
    noComplaints(page);
    await page.context().close();
  }
});

/** Finds a file by what is typed into the search and opens it for an audit. */
async function openFile(colleague, words) {
  const { page } = colleague;
  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByLabel(/Name, document number/).fill(words);
  await page.locator('tbody tr').first().waitFor();
  await page.locator('tbody tr').first().click();
  await page.getByLabel('Purpose').selectOption('audit');
  await colleague.press('Open the file');
}
