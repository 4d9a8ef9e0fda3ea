// Intake in a real browser: what is wrong with a photograph is said at once, typing is always a way, and a link brings the
// customer back to the same step on another phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Customer, looker, noComplaints } from './people.mjs';
import { browser, folder, person, phone, Server } from './rig.mjs';

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

test('a dark photograph is refused with its reason, and typing is a way out', { timeout: 120_000 }, async () => {
  const customer = await Customer.arrive(launched, server);
  const { page } = customer;
  const see = looker(page, screens);
  await customer.begin();
  await customer.press(/Citizen identity card/);
  await customer.sees('Photograph the front');
  await customer.show('dark');
  await customer.press('Take the photo');
  await page.getByText('It is too dark.').first().waitFor();
  await see('capture-refused');
  await customer.press('Take it again');
  await customer.press('Type it instead');
  await customer.sees('Is this right?');
  await page.getByText('Please type your details as they are printed on your document.').waitFor();

  await customer.press('Continue');
  await page.getByText(/fields need another look/).waitFor();
  await see('details-faults');
  await customer.field('Full name').fill('Nguyễn Thị Minh Khai');
  await customer.field('Document number').fill('001195012345');
  await page.getByRole('group', { name: /Date of birth/ }).getByLabel('Day').fill('14');
  await page.getByRole('group', { name: /Date of birth/ }).getByLabel('Month').fill('07');
  await page.getByRole('group', { name: /Date of birth/ }).getByLabel('Year').fill('1995');
  await customer.field('Sex').selectOption('F');
  await customer.field('Nationality').selectOption('VNM');
  await customer.confirm();
  noComplaints(page);
});

test('closing the page loses nothing: the link goes on at the same step', { timeout: 120_000 }, async () => {
  const customer = await Customer.arrive(launched, server);
  const { page } = customer;
  const begun = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/applications') && answer.status() === 201);
  await customer.begin();
  const { resume_token: token } = await (await begun).json();
  await customer.press(/Citizen identity card/);
  await customer.press('Type it instead');
  await customer.field('Full name').fill('Đặng Quốc Ước');
  const saved = page.waitForResponse((answer) => answer.url().endsWith('/api/v1/application/details') && answer.status() === 204);
  await customer.field('Document number').fill('040201067890');
  await saved;
  await page.context().close();

  const elsewhere = await person(launched, server, phone);
  await elsewhere.goto(`/#/resume/${token}`);
  await elsewhere.getByRole('heading', { name: 'Is this right?' }).waitFor();
  assert.equal(await elsewhere.getByLabel('Full name', { exact: true }).inputValue(), 'Đặng Quốc Ước');
  assert.ok(!elsewhere.url().includes(token), 'the secret does not stay in the address');
  noComplaints(elsewhere);

  const stranger = await person(launched, server, phone);
  await stranger.goto('/#/resume/no-such-link');
  await stranger.getByRole('heading', { name: 'This link is no longer valid' }).waitFor();
});
