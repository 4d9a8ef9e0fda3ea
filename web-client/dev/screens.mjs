// Pictures of every customer screen with made-up answers of the server: node web-client/dev/screens.mjs <out> [filter]
// Needs `npm run build` and Debian's Chromium. For looking at the pages while changing them; tests use the real server.
import { createServer } from 'node:http';
import { mkdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const out = process.argv[2] ?? 'target/screens/client';
const only = process.argv[3] ?? '';
const root = new URL('../dist/', import.meta.url).pathname;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
const CSP = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

const server = createServer(async (request, response) => {
  const path = new URL(request.url, 'http://x').pathname;
  const file = join(root, path === '/' ? 'index.html' : path);
  try {
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'content-security-policy': CSP }).end(await readFile(file));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const origin = `http://127.0.0.1:${server.address().port}`;

const capture = (side) => ({ id: `${side}-1`, side, accepted: true, problems: [], width: 1920, height: 1080, taken_at: '2026-11-22T04:00:00Z' });
const detail = (name, value, more = {}) => ({ name, value, read_value: value, source: 'print', confidence: 0.98, doubtful: false, required: true, checked: false, disagreements: [], crop: { capture: 'front-1', place: [0.36, 0.4, 0.4, 0.06] }, ...more });
const said = (name, value, source, capture) => ({ name, value, source, confidence: 0.97, capture, place: [0.36, 0.4, 0.4, 0.06] });
const base = {
  id: 'd1', reference: 'VX-7K2M-93QD', state: 'draft', step: 'document', locale: 'en', document_kind: 'citizen_card',
  sides: [{ side: 'front', capture: capture('front'), refused: 0 }, { side: 'back', capture: capture('back'), refused: 0 }],
  reading: { state: 'done', sides_done: 2, sides_total: 2 },
  details: [
    detail('number', '001099012345'),
    detail('full_name', 'NGUYỄN THỊ MINH KHAI', { doubtful: true, confidence: 0.6 }),
    detail('birth_date', '1999-04-12', { doubtful: true, disagreements: [{ code: 'sources_differ', fields: ['birth_date'], readings: [said('birth_date', '1999-04-12', 'qr', 'front-1'), said('birth_date', '1999-04-17', 'mrz', 'back-1')] }] }),
    detail('sex', 'F', { crop: null }),
    detail('nationality', 'VNM', { crop: null }),
    detail('residence', '12 Phố Huế, Hai Bà Trưng, Hà Nội', { required: false }),
    detail('expiry_date', '2034-04-12'),
  ],
  consents: ['data', 'recording', 'biometric'].map((kind) => ({ kind, version: '2026-11-01', given: false, required: true })),
  email: null, phone: null, outcome: null, redo_item: null, resume_token: 'abcdef0123456789',
};
const slots = Array.from({ length: 60 }, (_, at) => ({ id: `s${at}`, starts_at: new Date(Date.UTC(2026, 10, 23 + Math.floor(at / 12), 2, (at % 12) * 15)).toISOString(), minutes: 15, free: 1 }));
const booking = { id: 'b1', slot_id: 's3', starts_at: '2026-11-24T07:30:00Z', minutes: 15, state: 'booked', link_token: 'tok' };
const ticket = { id: 't1', state: 'waiting', position: 3, wait_low_minutes: 4, wait_high_minutes: 7, is_staffed: true, enqueued_at: '2026-11-22T04:00:00Z', callback: null, instead: ['callback', 'slot'], because: null };
const check = { id: 'k1', kind: 'left', state: 'asked', asked_at: '2026-11-22T04:00:00Z', media_ms: 9000, reason: null, has_still: false, challenge: null, chosen_because: null, measured: null, code: null, questions: null, place: null, likeness: null, void_because: null };
const asked = (kind, challenge, change = {}) => ({ type: 'check_changed', call_id: 'c1', check: { ...check, kind, challenge, ...change }, plan: null });
const sent = { state: 'sent', way: 'sms', attempts_left: 5, sends_left: 2, expires_at: new Date(Date.now() + 280_000).toISOString() };
const call = {
  id: 'c1', epoch: 1, state: 'live', agent_name: 'Mai Tran', started_at: new Date().toISOString(), peer: 'connected', checks: [], stills: [], ice_servers: [], plan: null, hints: [], comparison: [],
  chat: [{ id: 'l1', from: 'agent', text: 'Hello! Can you hear me?', at: '2026-11-22T04:00:00Z' }, { id: 'l2', from: 'customer', text: 'Yes, very well.', at: '2026-11-22T04:00:09Z' }],
};
const photo = `<svg xmlns="http://www.w3.org/2000/svg" width="1920" height="1080"><rect width="1920" height="1080" fill="#355"/><rect x="360" y="160" width="1200" height="757" rx="40" fill="#dfe8df"/><text x="700" y="478" font-size="60" font-family="sans-serif">NGUYỄN THỊ MINH KHAI</text></svg>`;

const shots = {
  welcome: { view: null },
  document: { step: 'document' },
  redo: { step: 'document', state: 'redo', outcome: 'document_unreadable' },
  capture: { step: 'capture_front', state: 'draft', after: (page) => page.waitForTimeout(1500) },
  refused: { step: 'capture_front', verdict: { ...capture('front'), accepted: false, problems: [{ code: 'blurred', refuses: true, value: 90 }, { code: 'glare', refuses: false, value: 2 }] }, after: shoot },
  wrong_side: { step: 'capture_front', verdict: { ...capture('front'), accepted: false, problems: [{ code: 'wrong_side', refuses: true, value: 1 }] }, after: shoot },
  wrong_document: { step: 'capture_front', verdict: { ...capture('front'), accepted: false, problems: [{ code: 'wrong_document', refuses: true, value: 1 }] }, after: shoot },
  flagged: { step: 'capture_front', verdict: { ...capture('front'), problems: [{ code: 'blurred', refuses: true, value: 90 }] }, after: shoot },
  accepted: { step: 'capture_back', verdict: capture('back'), after: shoot },
  no_camera: { step: 'capture_front', denied: true },
  reading: { step: 'reading', state: 'captured', reading: { state: 'running', sides_done: 1, sides_total: 2 }, after: (page) => page.waitForTimeout(1200) },
  details: { step: 'details', state: 'read' },
  details_settled: { step: 'details', state: 'read', after: (page) => page.locator('.reading').nth(1).click() },
  details_bad: { step: 'details', state: 'read', after: (page) => page.click('main .primary') },
  consents: { step: 'consents', state: 'read' },
  when: { step: 'when', state: 'confirmed' },
  when_held: { step: 'when', state: 'confirmed', after: async (page) => { await page.locator('.time').nth(4).click(); await page.waitForTimeout(1200); } },
  when_lost: { step: 'when', state: 'confirmed', hold: 'lost', after: async (page) => { await page.locator('.time').nth(4).click(); await page.waitForTimeout(600); } },
  when_full: { step: 'when', state: 'confirmed', refusal: 'full' },
  booked: { step: 'booked', state: 'booked' },
  ringing: { step: 'booked', state: 'booked', push: { type: 'ring', ring: { id: 'r1', booking_id: 'b1', agent_name: 'Mai Tran', expires_at: '2026-11-24T07:31:00Z' } } },
  'ringing-callback': { step: 'waiting', state: 'waiting', push: { type: 'ring', ring: { id: 'r1', booking_id: null, agent_name: 'Mai Tran', expires_at: '2026-11-24T07:31:00Z' } } },
  device: { step: 'when', state: 'confirmed', after: async (page) => { await page.locator('.now-card .button').click(); await page.waitForTimeout(1800); } },
  waiting: { step: 'waiting', state: 'waiting' },
  waiting_long: { step: 'waiting', state: 'waiting', ticket: { because: 'long_wait' } },
  waiting_unstaffed: { step: 'waiting', state: 'waiting', ticket: { because: 'unstaffed', is_staffed: false, instead: ['slot', 'callback'] } },
  waiting_callback: { step: 'waiting', state: 'waiting', after: async (page) => { await page.locator('.actions .button').first().click(); await page.waitForTimeout(400); } },
  waiting_called: { step: 'waiting', state: 'waiting', ticket: { instead: [], callback: { way: 'sms', rings: 0, again_at: null } } },
  waiting_appointment: { step: 'waiting', state: 'waiting', ticket: { position: 1, instead: [], callback: { way: 'appointment', rings: 0, again_at: null } } },
  waiting_again: { step: 'waiting', state: 'waiting', ticket: { instead: [], callback: { way: 'sms', rings: 1, again_at: '2026-11-22T04:12:00Z' } } },
  call: { step: 'call', state: 'in_call', after: (page) => page.waitForTimeout(1200) },
  check: { step: 'call', state: 'in_call', push: asked('left', null), after: (page) => page.waitForTimeout(1200) },
  'check-digits': { step: 'call', state: 'in_call', push: asked('digits', { type: 'digits', digits: '407193' }), after: (page) => page.waitForTimeout(1200) },
  'check-cover': { step: 'call', state: 'in_call', push: asked('document_cover', { type: 'cover', corner: 'bottom_right' }), after: (page) => page.waitForTimeout(1200) },
  'call-weak': { step: 'call', state: 'in_call', push: Array(4).fill({ type: 'peer_quality', call_id: 'c1', rtt_ms: 700, loss: 0.2, video_kbps: 90 }), after: (page) => page.waitForTimeout(1200) },
  'call-missing': { step: 'call', state: 'in_call', after: loseCamera },
  still: { step: 'call', state: 'in_call', push: { type: 'still_changed', call_id: 'c1', still: { id: 's1', state: 'asked', reason: null, camera: 'environment', asked_at: '2026-11-22T04:00:00Z', media_ms: 1, way: null, sent_sha256: null, sha256: null, width: null, height: null } }, after: (page) => page.waitForTimeout(1400) },
  'rear-camera': { step: 'call', state: 'in_call', push: { type: 'camera_asked', call_id: 'c1', camera: 'environment', torch: false }, after: (page) => page.waitForTimeout(1400) },
  'check-code': { step: 'call', state: 'in_call', push: asked('code', null, { code: sent }), after: (page) => page.waitForTimeout(1200) },
  'check-place': { step: 'call', state: 'in_call', push: asked('location', null), after: (page) => page.waitForTimeout(1200) },
  'check-questions': { step: 'call', state: 'in_call', push: asked('questions', null), after: (page) => page.waitForTimeout(1200) },
  again: { step: 'when', state: 'confirmed', outcome: 'check_unclear', redo_item: 'left' },
  chat: { step: 'call', state: 'in_call', after: async (page) => { await page.locator('.control').nth(2).click(); } },
  review: { step: 'done', state: 'called' },
  approved: { step: 'done', state: 'approved' },
  rejected: { step: 'done', state: 'rejected' },
  booking_link: { view: null, hash: '#/booking/tok' },
};

/** As when another program takes the camera and keeps it. */
async function loseCamera(page) {
  await page.locator('.self video').waitFor();
  await page.evaluate(() => {
    navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('busy', 'NotReadableError'));
    document.querySelector('.self video').srcObject.getVideoTracks()[0].dispatchEvent(new Event('ended'));
  });
  await page.waitForTimeout(800);
}

async function shoot(page) {
  await page.waitForTimeout(1200);
  await page.locator('.shutter').click();
  await page.waitForTimeout(800);
}

const looks = [
  { name: 'phone', width: 390, height: 844, scheme: 'light', locale: 'en-GB' },
  { name: 'phone-dark-vi', width: 390, height: 844, scheme: 'dark', locale: 'vi-VN' },
  { name: 'desktop', width: 1280, height: 800, scheme: 'light', locale: 'en-GB' },
  { name: 'narrow-vi', width: 320, height: 640, scheme: 'light', locale: 'vi-VN' },
].filter(({ name }) => !process.env.LOOK || name === process.env.LOOK);

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--disable-dev-shm-usage', '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required', '--disable-background-networking', '--disable-quic', '--no-first-run'],
});
await mkdir(out, { recursive: true });
for (const look of looks) {
  for (const [name, shot] of Object.entries(shots)) {
    if (only && !name.split('_').includes(only) && name !== only) continue;
    const context = await browser.newContext({ viewport: { width: look.width, height: look.height }, colorScheme: look.scheme, locale: look.locale, timezoneId: 'Asia/Ho_Chi_Minh', hasTouch: look.width < 500, isMobile: look.width < 500 });
    const page = await context.newPage();
    page.on('pageerror', (error) => console.log(`${look.name}/${name}: ${error.message}`));
    page.on('console', (message) => message.type() === 'error' && !message.text().includes('404') && !message.text().includes('401') && console.log(`${look.name}/${name}: ${message.text()}`));
    if (shot.denied) await page.addInitScript(() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError')); });
    const view = shot.view === null ? null : { ...base, ...shot };
    const answers = {
      '/api/v1/brand': { name: 'Sông Hồng Bank', accent: '#0b6b5c', phone_url: null, phone_qr_svg: null },
      '/api/v1/application': view, '/api/v1/application/reading': shot.reading ?? base.reading, '/api/v1/queue/estimate': { is_open: true, wait_low_minutes: 3, wait_high_minutes: 5, waiting: 2, refusal: shot.refusal ?? null },
      '/api/v1/slots': slots, '/api/v1/booking': booking, '/api/v1/bookings/by-link/tok': booking, '/api/v1/ticket': { ...ticket, ...shot.ticket }, '/api/v1/call': call, '/health': {},
      '/api/v1/consents': [], '/api/v1/application/captures/front': shot.verdict, '/api/v1/application/captures/back': shot.verdict, '/api/v1/application/details': {},
    };
    await page.route(/\/(api|health)/, (route) => {
      const path = new URL(route.request().url()).pathname;
      if (path.endsWith('/image')) return route.fulfill({ contentType: 'image/svg+xml', body: photo });
      if (path.endsWith('/hold')) return route.fulfill(shot.hold ? { status: 409, json: { code: 'slot_full', message: '', request_id: '', fields: [] } } : { json: { slot_id: 's4', until: new Date(Date.now() + 300_000).toISOString() } });
      const answer = answers[path];
      return answer == null ? route.fulfill({ status: 401, json: { code: 'signed_out', message: '', request_id: '', fields: [] } }) : route.fulfill({ json: answer });
    });
    await page.routeWebSocket(/live/, (socket) => {
      socket.send(JSON.stringify({ type: 'hello', run: 'r1', server_time: new Date().toISOString() }));
      socket.onMessage(() => undefined);
      for (const push of [shot.push ?? []].flat()) setTimeout(() => socket.send(JSON.stringify(push)), 900);
    });
    await page.goto(`${origin}/${shot.hash ?? ''}`);
    await page.waitForSelector('h1');
    await page.waitForTimeout(shot.push ? 1500 : 500);
    await shot.after?.(page).catch((error) => console.log(`${look.name}/${name}: ${error.message.split('\n')[0]}`));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (wide > 0) console.log(`${look.name}/${name}: ${wide} px too wide`);
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { rules: { 'color-contrast': { enabled: !document.body.classList.contains('full') } } }));
    for (const { id, impact, nodes } of violations) if (impact !== 'minor') console.log(`${look.name}/${name}: ${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 90)).join(' | ')}`);
    await page.screenshot({ path: join(out, `${name}.${look.name}.png`), fullPage: !/^(capture|call|check|chat|ringing|still|rear)/.test(name) });
    await context.close();
  }
}
await browser.close();
server.close();
