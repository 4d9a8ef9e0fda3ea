/**
 * Takes a picture of every screen of the built console, without a server.
 * `node web-agent/dev/screens.mjs [folder] [name part]` after `npm run build`; widths, themes and languages as in `SHOTS`.
 * Says what axe-core finds serious, what the page complained about, and what is wider than its window.
 */
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import * as fixtures from './fixtures.mjs';
import { fakePeer } from './peer.mjs';

const DIST = fileURLToPath(new URL('../dist/', import.meta.url));
const [folder = fileURLToPath(new URL('../../target/screens/console/', import.meta.url)), part = ''] = process.argv.slice(2);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:";

const server = createServer(async (request, answer) => {
  const path = new URL(request.url, 'http://x').pathname.replace(/^\/console\/?/, '') || 'index.html';
  const body = await readFile(join(DIST, path)).catch(() => null);
  answer.writeHead(body ? 200 : 404, { 'content-type': TYPES[extname(path)] ?? 'text/plain', 'content-security-policy': CSP });
  answer.end(body ?? 'not found');
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const agent = ['agent'];
const supervisor = ['supervisor'];
const wide = { width: 1440, height: 900 };
const middle = { width: 1280, height: 800 };
const narrow = { width: 1024, height: 768 };

/** name, roles, desk, hash, size, theme, language, what to do before the picture, answers that differ */
const SHOTS = [
  ['signin', null, {}, '', wide, 'light', 'en'],
  ['signin-wrong', null, {}, '', wide, 'dark', 'vi', signInWrong],
  ['signin-limited', null, { limited: true }, '', middle, 'light', 'en', signInWrong],
  ['desk-ready', agent, {}, '', wide, 'light', 'en'],
  ['desk-break', agent, { presence: 'break', reason: 'lunch' }, '', middle, 'dark', 'vi', presenceMenu],
  ['desk-wrapup', agent, { presence: 'wrap_up', wrap_up_until: new Date(Date.now() + 97_000).toISOString() }, '', narrow, 'light', 'vi'],
  ['desk-undecided', agent, { presence: 'wrap_up', wrap_up_until: new Date(Date.now() + 97_000).toISOString(), undecided_dossier_id: 'd1' }, '', wide, 'light', 'en'],
  ['desk-empty', agent, { presence: 'offline', waiting: 0, oldest_since: null, noBookings: true }, '', narrow, 'dark', 'en', phoneCode],
  ['offer', agent, { presence: 'offered', offer: true }, '', wide, 'light', 'en'],
  ['offer-callback', agent, { presence: 'offered', offer: { is_callback: true, rung_before: 1, is_returning: false } }, '', wide, 'light', 'en'],
  ['desk-calling-back', agent, { presence: 'offered', ringing: { dossier_id: 'd1', booking_id: null, name: 'NGUYỄN THỊ MINH KHAI', expires_at: new Date(Date.now() + 47_000).toISOString() } }, '', wide, 'light', 'en'],
  ['offer-vi', agent, { presence: 'offered', offer: true }, '#/bookings', narrow, 'dark', 'vi'],
  ['call', agent, { presence: 'in_call', call_id: 'c1' }, '', wide, 'light', 'en', inCall],
  ['call-middle', agent, { presence: 'in_call', call_id: 'c1' }, '', middle, 'dark', 'vi', inCall],
  ['call-narrow', agent, { presence: 'in_call', call_id: 'c1' }, '', narrow, 'light', 'vi', inCall],
  ['call-fail', agent, { presence: 'in_call', call_id: 'c1' }, '', wide, 'dark', 'en', press('f')],
  ['call-keys', agent, { presence: 'in_call', call_id: 'c1' }, '', middle, 'light', 'en', press('?')],
  ['call-hangup', agent, { presence: 'in_call', call_id: 'c1' }, '', middle, 'light', 'vi', press('h')],
  ['call-photo', agent, { presence: 'in_call', call_id: 'c1' }, '', middle, 'light', 'en', press('z')],
  ['call-greet', agent, { presence: 'in_call', call_id: 'c1', checks: [] }, '', wide, 'light', 'en', inCall],
  ['call-digits', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.digits }, '', wide, 'light', 'en', inCall],
  ['call-tilt', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.tilt }, '', middle, 'dark', 'vi', inCall],
  ['call-document', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.repeat }, '', wide, 'light', 'en', documentStep],
  ['call-code', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.coded }, '', wide, 'light', 'en', inCall],
  ['call-questions', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.questioned }, '', middle, 'dark', 'vi', inCall],
  ['call-place', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.located }, '', wide, 'light', 'en', inCall],
  ['call-listed', agent, { presence: 'in_call', call_id: 'c1', listed: true }, '', wide, 'light', 'en', suspicion],
  ['call-redo', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.settled }, '', wide, 'light', 'en', redo],
  ['risk', supervisor, {}, '#/risk', { width: 1440, height: 900 }, 'light', 'en'],
  ['risk-narrow', supervisor, {}, '#/risk', { width: 1024, height: 900 }, 'dark', 'vi'],
  ['call-more', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.repeat }, '', wide, 'light', 'en', inCall],
  ['call-decide', agent, { presence: 'in_call', call_id: 'c1', checks: fixtures.settled }, '', wide, 'light', 'en', decide],
  ['call-decide-narrow', agent, { presence: 'in_call', call_id: 'c1' }, '', narrow, 'dark', 'vi', press('d')],
  ['call-away', agent, { presence: 'in_call', call_id: 'c1', peer: 'reconnecting' }, '', middle, 'light', 'en', inCall],
  ['call-float', agent, { presence: 'in_call', call_id: 'c1' }, '', middle, 'light', 'en', elsewhere],
  ['bookings', agent, {}, '#/bookings', wide, 'light', 'en', ringing],
  ['bookings-narrow', agent, {}, '#/bookings', narrow, 'dark', 'vi'],
  ['bookings-empty', agent, { noBookings: true }, '#/bookings', middle, 'light', 'vi'],
  ['files', supervisor, {}, '#/files', wide, 'light', 'en', scrolled],
  ['files-narrow', supervisor, {}, '#/files', narrow, 'dark', 'vi', filterDays],
  ['files-none', supervisor, { noFiles: true }, '#/files', middle, 'light', 'en', typed],
  ['files-error', supervisor, { broken: true }, '#/files', middle, 'light', 'vi'],
  ['files-forbidden', agent, { forbidden: true }, '#/files', middle, 'light', 'en'],
  ['purpose', supervisor, {}, '#/files/d1', middle, 'light', 'en'],
  ['file', supervisor, {}, '#/files/d1', { width: 1440, height: 1900 }, 'light', 'en', opened],
  ['file-filming', supervisor, { filming: true }, '#/files/d1', { width: 1280, height: 1500 }, 'light', 'en', opened],
  ['file-second', supervisor, { second: true }, '#/files/d1', { width: 1440, height: 1900 }, 'light', 'en', orderOpened],
  ['team', supervisor, {}, '#/team', { width: 1440, height: 1200 }, 'light', 'en'],
  ['team-hours', supervisor, {}, '#/team', { width: 1440, height: 2400 }, 'light', 'en', hoursChanged],
  ['team-watch', supervisor, {}, '#/team', { width: 1440, height: 1000 }, 'light', 'en', watching],
  ['team-watch-narrow', supervisor, {}, '#/team', narrow, 'dark', 'vi', watching],
  ['team-narrow', supervisor, {}, '#/team', { width: 1024, height: 1200 }, 'dark', 'vi'],
  ['file-dark', supervisor, {}, '#/files/d1', { width: 1280, height: 1900 }, 'dark', 'vi', opened],
  ['file-narrow', supervisor, {}, '#/files/d1', narrow, 'light', 'vi', opened],
];

async function watching(page) {
  await page.getByRole('button', { name: /^(Look on|Theo dõi)$/ }).first().click();
  await page.waitForTimeout(300);
}

async function signInWrong(page) {
  await page.fill('#name', 'lan');
  await page.fill('#password', 'wrong');
  await page.press('#password', 'Enter');
  await page.waitForSelector('.banner');
}
async function presenceMenu(page) {
  await page.click('.presence');
}
async function phoneCode(page) {
  await page.click('.topbar .popover:nth-of-type(1) >> nth=-1').catch(() => undefined);
  await page.locator('.topbar button.icon-only').first().click();
}
async function inCall(page) {
  await page.waitForSelector('.call-script');
  await page.waitForTimeout(1500);
}
function press(key) {
  return async (page) => {
    await inCall(page);
    await page.keyboard.press(key);
    await page.waitForTimeout(300);
  };
}
async function decide(page) {
  await press('d')(page);
  await page.click('label:has(input[value=reject])');
  await page.waitForTimeout(100);
}
async function redo(page) {
  await press('d')(page);
  await page.click('label:has(input[value=redo])');
  await page.waitForTimeout(100);
}
async function documentStep(page) {
  await inCall(page);
  await page.click('button[aria-controls=step-document]');
  await page.waitForTimeout(300);
}
async function suspicion(page) {
  await inCall(page);
  await page.click('.file-head .popover > button');
  await page.waitForTimeout(100);
}
async function elsewhere(page) {
  await inCall(page);
  await page.click('.rail a >> nth=2');
  await page.waitForTimeout(800);
}
async function ringing(page) {
  await page.click('.booking-booked .button >> nth=0');
}
async function scrolled(page) {
  await page.locator('.table-frame').evaluate((frame) => frame.scrollTo(0, 300));
}
async function filterDays(page) {
  await page.click('.filters .popover > button');
  await page.click('.date-range button >> nth=1');
  await page.click('.filters .chip >> nth=0');
  await page.click('.filters .popover > button');
}
async function typed(page) {
  await page.fill('input[type=search]', 'zzz');
  await page.waitForTimeout(500);
}
async function hoursChanged(page) {
  await page.locator('.hours-day .hours-part input').nth(1).fill('11:00');
  await page.locator('.hours-day .hours-part input').nth(1).blur();
  await page.locator('.team-plan .primary').last().click();
  await page.waitForTimeout(300);
}
async function opened(page) {
  await page.click('button[type=submit]');
  await page.waitForSelector('.file-title');
  await page.waitForTimeout(400);
}

async function orderOpened(page) {
  await opened(page);
  await page.click('.order summary');
}

const OFFER = { value: null };
const error = (status, code) => ({ status, json: { code, message: code, request_id: '01JB2MZ', fields: [] } });

function answerOf(path, roles, state) {
  const { limited, broken, forbidden, noFiles, noBookings, checks, peer, offer, second, filming, listed, ...desk } = state;
  if (path === '/brand') return { json: fixtures.brand };
  if (path === '/staff/me') return roles ? { json: fixtures.staff(roles) } : error(401, 'not_signed_in');
  if (path === '/staff/sign-in') return limited ? { ...error(429, 'limited'), headers: { 'retry-after': '750' } } : error(401, 'bad_credentials');
  if (path === '/desk') return { json: fixtures.desk({ ...desk, offer: offer ? (OFFER.value ??= { ...fixtures.offer(), ...offer }) : null }) };
  if (path === '/bookings') return { json: noBookings ? [] : fixtures.bookings };
  if (path === '/calls/c1') return { json: { ...fixtures.call(checks), ...(peer ? { peer } : {}), ...(listed ? { hints: fixtures.hints } : {}) } };
  if (path === '/calls/c1/file') return { json: { ...fixtures.file(), ...(listed ? { listed: fixtures.listed } : {}) } };
  if (path === '/checks/questions/sheet') return { json: fixtures.sheets.questions };
  if (path === '/checks/location/sheet') return { json: fixtures.sheets.location };
  if (path === '/late-flags') return { json: fixtures.late };
  if (path === '/negative-list') return { json: fixtures.negativeList };
  if (path === '/dossiers') return broken ? error(500, 'unavailable') : forbidden ? error(403, 'forbidden') : { json: noFiles ? { rows: [], total: 0, page: 1 } : fixtures.page };
  if (path === '/dossiers/d1') return { json: fixtures.dossier(filming ? 'filming' : second ? 'second' : desk.undecided_dossier_id ? 'called' : 'approved') };
  if (path === '/agents') return { json: fixtures.agents };
  if (path === '/queue/catalogue') return { json: fixtures.catalogue };
  if (path === '/queue/health') return { json: fixtures.health };
  if (path === '/queue/notes') return { json: fixtures.notes };
  if (path === '/live-calls') return { json: fixtures.liveCalls };
  if (path === '/dossiers/d1/wrap-up-notes') return { json: fixtures.wrapUpNotes };
  if (path === '/hours') return { json: fixtures.hours };
  if (path === '/hours/check') return { json: { bookings: fixtures.bookings.slice(0, 2), shifts: fixtures.shifts } };
  if (path === '/shifts') return { json: fixtures.shifts };
  if (path.endsWith('/portrait')) return { contentType: 'image/svg+xml', body: fixtures.portrait() };
  if (path.endsWith('/image')) return { contentType: 'image/svg+xml', body: fixtures.card(path.includes('front') ? 'front' : 'back') };
  if (path.endsWith('/still')) return { contentType: 'image/svg+xml', body: fixtures.still() };
  if (path.endsWith('/call')) return { status: 204 };
  return error(404, 'not_found');
}

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--disable-dev-shm-usage', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required'],
});
mkdirSync(folder, { recursive: true });
for (const [name, roles, state, hash, viewport, colorScheme, locale, act] of SHOTS) {
  if (!name.includes(part)) continue;
  OFFER.value = null;
  const context = await browser.newContext({ viewport, colorScheme, locale, timezoneId: 'Asia/Ho_Chi_Minh', reducedMotion: 'reduce', permissions: ['camera', 'microphone'] });
  const page = await context.newPage();
  page.on('pageerror', (wrong) => console.error(name, 'page error:', wrong.message));
  page.on('console', (said) => said.type() === 'error' && !/Failed to load resource/.test(said.text()) && console.error(name, said.text()));
  await page.addInitScript(fakePeer);
  await page.routeWebSocket(/\/live\/staff/, (socket) => {
    const push = (message) => socket.send(JSON.stringify(message));
    push({ type: 'hello', run: 'r1', server_time: new Date().toISOString() });
    socket.onMessage((text) => {
      const said = JSON.parse(text);
      if (said.type === 'offer') push({ type: 'answer', call_id: said.call_id, epoch: said.epoch, sdp: 'answer' });
      if (said.type === 'offer') push({ type: 'peer_quality', call_id: said.call_id, rtt_ms: 340, loss: 0.04, video_kbps: 610, frozen_ms: 0, mos: 3.4, own_mos: 4.3 });
    });
  });
  await page.route('**/api/v1/**', (route) => route.fulfill(answerOf(new URL(route.request().url()).pathname.replace('/api/v1', ''), roles, state)));
  await page.goto(`${origin}/console/${hash}`);
  await page.waitForTimeout(500);
  try {
    await act?.(page);
  } catch (wrong) {
    console.error(name, wrong.message.split('\n')[0]);
  }
  await page.waitForTimeout(150);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.evaluate(axe);
  const broken = await page.evaluate(async () => (await globalThis.axe.run(document, { resultTypes: ['violations'] })).violations.filter((one) => one.impact === 'serious' || one.impact === 'critical').map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).slice(0, 3).join(' | ')}`));
  for (const line of broken) console.error(name, line);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (overflow > 0) console.error(name, `is ${overflow}px wider than the window`);
  await context.close();
}
await browser.close();
server.close();
