// Starts the real server with its own data folder and free ports, and the browsers that use it.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, mkdir, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { fox } from './fox.mjs';

const run = promisify(execFile);
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const binary = process.env.VISAVIS_BINARY ?? path.join(root, 'target/debug/visavis');
const specimenBinary = path.join(root, 'target/debug/examples/specimen');

/** The zone of the site and its people: one in which it is day now, since nobody is on duty at night. */
export const zone = ['Asia/Ho_Chi_Minh', 'Europe/Amsterdam', 'America/Los_Angeles'].find((one) => {
  const hour = Number(new Intl.DateTimeFormat('en-GB', { timeZone: one, hour: 'numeric', hourCycle: 'h23' }).format());
  return hour >= 8 && hour < 20;
});

/** What {@link obey} makes a page do in a network that drops UDP: it never learns the UDP address, so nothing is ever sent there. */
export const withoutUdp = `
  const set = Real.prototype.setRemoteDescription;
  Real.prototype.setRemoteDescription = function (description) {
    const sdp = description.sdp.replace(/^a=candidate:\\S+ \\d+ udp .*\\r\\n/gim, '');
    return set.call(this, { type: description.type, sdp });
  };`;

/** A TCP port nobody uses now, below those that the system gives away by itself: nobody gets it by chance while its server is away. */
export async function freePort() {
  for (;;) {
    const port = 12_000 + Math.floor(Math.random() * 18_000);
    const isFree = await new Promise((tell) => {
      const server = net.createServer();
      server.once('error', () => tell(false)).listen(port, '127.0.0.1', () => server.close(() => tell(true)));
    });
    if (isFree) return port;
  }
}

/** Asks `probe` until it answers something true; the last reason is told when `limit` ms are over. */
export async function eventually(what, probe, limit = 30_000) {
  const end = Date.now() + limit;
  let reason = 'never asked';
  for (;;) {
    try {
      const answer = await probe();
      if (answer) return answer;
      reason = `answered ${JSON.stringify(answer)}`;
    } catch (error) {
      reason = String(error?.message ?? error);
    }
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limit} ms: ${reason}`);
    await new Promise((wait) => setTimeout(wait, 100));
  }
}

/** Pictures of a made-up card as a camera would see it, as data URLs by name. */
export async function specimens(sides) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-specimen-'));
  const cards = {};
  for (const [name, args] of Object.entries(sides)) {
    const out = path.join(folder, `${name}.png`);
    await run(specimenBinary, [...args, '--out', out]);
    cards[name] = `data:image/png;base64,${(await readFile(out)).toString('base64')}`;
  }
  await rm(folder, { recursive: true, force: true });
  return cards;
}

/** The server with the demo in it; `settings` are variables of its environment. `stop()` ends it as an operator would and deletes its data. */
export class Server {
  static async start({ databaseUrl, redisUrl, settings } = {}) {
    const server = new Server();
    server.folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-'));
    const [http, udp, tcp] = await Promise.all([freePort(), freePort(), freePort()]);
    server.url = `http://localhost:${http}`;
    server.env = {
      ...process.env,
      RUST_LOG: process.env.RUST_LOG ?? 'info',
      VISAVIS__SERVER__LISTEN: `127.0.0.1:${http}`,
      VISAVIS__HOURS__TIME_ZONE: zone,
      // Tests run on disks of any fullness.
      VISAVIS__RECORDING__NO_NEW_CALLS_PERCENT: '101',
      VISAVIS__RECORDING__ALARM_PERCENT: '101',
      VISAVIS__MEDIA__UDP: `127.0.0.1:${udp}`,
      VISAVIS__MEDIA__TCP: `127.0.0.1:${tcp}`,
      VISAVIS__STORAGE__DATA: path.join(server.folder, 'data'),
      VISAVIS__STORAGE__RECORDINGS: path.join(server.folder, 'recordings'),
      ...(databaseUrl ? { DATABASE_URL: databaseUrl } : {}),
      ...(redisUrl ? { REDIS_URL: redisUrl } : {}),
      ...settings,
    };
    await run(binary, ['migrate'], { cwd: root, env: server.env });
    const seeded = await run(binary, ['seed', '--json'], { cwd: root, env: server.env });
    server.people = JSON.parse(seeded.stdout);
    await server.serve();
    return server;
  }

  async serve() {
    this.log = '';
    this.process = spawn(binary, ['serve'], { cwd: root, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.process.stdout, this.process.stderr]) stream.on('data', (text) => (this.log += text));
    this.ended = new Promise((resolve) => this.process.once('exit', (code, signal) => resolve({ code, signal })));
    await eventually('the server being ready', async () => (await fetch(`${this.url}/ready`)).ok, 20_000).catch((error) => {
      throw new Error(`${error.message}\n${this.log.slice(-4000)}`);
    });
  }

  /** Another server of the same house, with a name and ports of its own. */
  async beside(name) {
    const other = new Server();
    const [http, media] = [await freePort(), await freePort()];
    Object.assign(other, { folder: this.folder, people: this.people, url: `http://localhost:${http}` });
    const own = { VISAVIS__SERVER__LISTEN: `127.0.0.1:${http}`, VISAVIS__MEDIA__UDP: `127.0.0.1:${media}`, VISAVIS__MEDIA__TCP: `127.0.0.1:${media}`, VISAVIS__CALL__NODE: name };
    other.env = { ...this.env, ...own };
    await other.serve();
    return other;
  }

  /** Runs a statement in the embedded database, beside the server. */
  async sql(statement) {
    const words = 'import sqlite3, sys; house = sqlite3.connect(sys.argv[1], timeout=10); house.execute(sys.argv[2]); house.commit()';
    await run('python3', ['-c', words, path.join(this.folder, 'data', 'visavis.db'), statement]);
  }

  async kill() {
    this.process.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      this.process.kill('SIGTERM');
      const end = await Promise.race([this.ended, new Promise((late) => setTimeout(late, 30_000, null).unref())]);
      if (!end) this.process.kill('SIGKILL');
    }
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** One browser process per person: a page in the background of another's browser would be slowed down. VISAVIS_BROWSER=firefox tries a scene in Firefox. */
export async function browser(name = process.env.VISAVIS_BROWSER ?? 'chromium') {
  if (name === 'firefox') return fox(eventually);
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: [
      '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-software-rasterizer', '--disable-dev-shm-usage',
      '--use-fake-ui-for-media-stream', '--use-fake-device-for-media-stream', '--autoplay-policy=no-user-gesture-required',
      '--disable-background-networking', '--disable-component-update', '--disable-sync', '--disable-quic', '--no-first-run',
      '--disable-background-timer-throttling', '--disable-renderer-backgrounding', '--disable-backgrounding-occluded-windows',
    ],
  });
}

/** What a Firefox page complains of when a picture is taken of it: Playwright tries to put "body {}" into it, and the page forbids that. */
const LOOKED = 'sha256-YjaKGiklmzC6wjXA513HAMmzus8VE61XCOT+SmwNZWA=';

const camera = path.join(root, 'tests/browser/camera.js');

/** A page of one person. `who`: viewport, locale, cards to hold up, tone and hue of the scripted camera (or `ownCamera`: the browser's), what prepares the page. */
export async function person(launched, server, who) {
  const context = await launched.newContext({
    baseURL: server.url,
    viewport: who.viewport,
    deviceScaleFactor: 1,
    isMobile: who.isMobile ?? false,
    hasTouch: who.isMobile ?? false,
    locale: who.locale ?? 'en-GB',
    timezoneId: who.timeZone ?? zone,
    colorScheme: who.colorScheme ?? 'light',
    permissions: ['camera', 'microphone'],
  });
  await context.addInitScript(`window.__cameraSettings = ${JSON.stringify({ cards: who.cards ?? {}, tone: who.tone ?? 440, hue: who.hue ?? 190, hum: who.hum ?? false })};`);
  if (!who.ownCamera) await context.addInitScript({ path: camera });
  const page = await context.newPage();
  page.problems = [];
  page.on('pageerror', (error) => {
    if (!String(error).includes(LOOKED)) page.problems.push(String(error));
  });
  page.on('console', (message) => {
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) page.problems.push(message.text());
  });
  page.setDefaultTimeout(20_000);
  await who.prepare?.(page);
  return page;
}

/** Makes every connection of a page obey `rule` (JavaScript over `config`), and keeps the connections to be looked at. */
export async function obey(page, rule) {
  await page.context().addInitScript(`{
    const Real = RTCPeerConnection;
    window.__connections = [];
    window.RTCPeerConnection = function (config) {
      ${rule}
      const made = new Real(config);
      window.__connections.push(made);
      return made;
    };
    window.RTCPeerConnection.prototype = Real.prototype;
  }`);
}

export const phone = { viewport: { width: 390, height: 844 }, isMobile: true };
export const desktop = { viewport: { width: 1440, height: 900 } };

/** A folder under target/ for what a test leaves behind to be looked at. */
export async function folder(name) {
  const made = path.join(root, 'target', name);
  await mkdir(made, { recursive: true });
  return made;
}

/** Runs a scene on a server of its own, by default on the embedded engines; browsers and the server are ended however the scene ends. */
export async function stage(urls, scene) {
  const server = await Server.start(urls);
  const launched = [];
  const launch = async (name) => {
    launched.push(await browser(name));
    return launched.at(-1);
  };
  try {
    return await scene({ server, launch });
  } catch (error) {
    error.message += `\n--- the server's last words\n${server.log.slice(-3000)}`;
    throw error;
  } finally {
    for (const one of launched) await one.close();
    await server.stop();
  }
}
