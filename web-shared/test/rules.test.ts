import assert from 'node:assert/strict';
import { FrameWatch, isVirtual, printOf } from '../src/injected';
import { test } from 'node:test';

import { contrast, paintOf, parseHex } from '../src/brand';
import { prefer, verdict, withFec } from '../src/call';
import { layersOf, tellsLayers } from '../src/layers';
import { between, NOTHING, totals, type Totals } from '../src/quality';
import { pick, Words } from '../src/i18n';
import { Silence, traffic, type Traffic } from '../src/silence';
import { backoff, Live, liveAddress, type LiveState, type Push, type Wire } from '../src/protocol';

test('the first language we speak is taken, English otherwise', () => {
  assert.equal(pick(['fr-FR', 'vi-VN', 'en']), 'vi');
  assert.equal(pick(['en-US', 'vi']), 'en');
  assert.equal(pick(['de']), 'en');
  assert.equal(pick([]), 'en');
});

test('sentences take values, plurals and numbers of their language', async () => {
  const words = new Words<'wait' | 'hello'>(async (language) =>
    language === 'en' ? { wait: { one: '{count} minute', other: '{count} minutes' }, hello: 'Hi {name}' } : { wait: '{count} phút', hello: 'Chào {name}' },
  );
  await words.speak('en');
  assert.equal(words.t('wait', { count: 1 }), '1 minute');
  assert.equal(words.t('wait', { count: 1200 }), '1,200 minutes');
  assert.equal(words.maybe('toString'), null);
  await words.speak('vi');
  assert.equal(words.t('wait', { count: 1200 }), '1.200 phút');
  assert.equal(words.t('hello', { name: 'Lan' }), 'Chào Lan');
  assert.equal(words.duration(61_000), '1:01');
  assert.equal(words.duration(3_661_000), '1:01:01');
});

test('any accent becomes readable in both themes', () => {
  for (const accent of ['#ffff00', '#000', '#0b5cab', '#ff00aa', '#7f7f7f']) {
    const paint = paintOf(accent);
    assert.ok(paint !== null);
    const rgb = (text: string) => text.match(/\d+/g)?.map(Number) as unknown as [number, number, number];
    assert.ok(contrast(rgb(paint['--brand-light']), rgb(paint['--brand-text-light'])) >= 4.5, accent);
    assert.ok(contrast(rgb(paint['--brand-dark']), rgb(paint['--brand-text-dark'])) >= 4.5, accent);
    assert.ok(contrast(rgb(paint['--brand-light']), [246, 247, 249]) >= 4.5, accent);
    assert.ok(contrast(rgb(paint['--brand-dark']), [25, 29, 36]) >= 4.5, accent);
  }
  assert.equal(paintOf('red; background: url(x)'), null);
  assert.deepEqual(parseHex('#fff'), [255, 255, 255]);
});

test('pauses between attempts grow, spread and end at 8 s', () => {
  assert.deepEqual([0, 1, 2, 9].map((attempt) => backoff(attempt, 1)), [400, 800, 1600, 8000]);
  assert.equal(backoff(9, 0), 4000);
});

test('the socket address follows the page', () => {
  assert.equal(liveAddress('/x', { protocol: 'https:', host: 'a:1' }), 'wss://a:1/x');
  assert.equal(liveAddress('/x', { protocol: 'http:', host: 'a' }), 'ws://a/x');
});

class FakeWire implements Wire {
  readyState = 1;
  sent: string[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
  }
}

test('a live socket says hello once, comes back when lost, and survives nonsense', async () => {
  const wires: FakeWire[] = [];
  const states: LiveState[] = [];
  const pushes: Push[] = [];
  const opened: [boolean, boolean][] = [];
  const live = new Live(
    'ws://x',
    { push: (push) => pushes.push(push), opened: (again, isNewRun) => opened.push([again, isNewRun]), state: (state) => states.push(state) },
    () => {
      const wire = new FakeWire();
      wires.push(wire);
      return wire;
    },
  );
  assert.equal(live.send({ type: 'ping' }), false, 'nothing is said before hello');
  wires[0]?.onmessage?.({ data: '{"type":"hello","run":"r1","server_time":"2026-11-22T00:00:00Z"}' });
  for (const nonsense of ['{', 'null', '7', '{}', new Uint8Array(2)]) wires[0]?.onmessage?.({ data: nonsense });
  wires[0]?.onmessage?.({ data: '{"type":"pong"}' });
  assert.ok(live.send({ type: 'ping' }));
  wires[0]?.onclose?.({ code: 1006 });
  live.nudge();
  assert.equal(wires.length, 2);
  wires[1]?.onmessage?.({ data: '{"type":"hello","run":"r1","server_time":"2026-11-22T00:00:00Z"}' });
  wires[1]?.onclose?.({ code: 1006 });
  live.nudge();
  wires[2]?.onmessage?.({ data: '{"type":"hello","run":"r2","server_time":"2026-11-22T00:00:00Z"}' });
  live.close();
  assert.deepEqual(states, ['open', 'lost', 'open', 'lost', 'open', 'closed']);
  assert.deepEqual(opened, [[false, false], [true, false], [true, true]], 'another run is another server');
  assert.deepEqual(pushes.map((push) => push.type), ['hello', 'hello', 'hello']);
});

test('quality is what happened between two counts', () => {
  const zero: Totals = { ...NOTHING, at: 1000, received: 100 };
  const later: Totals = { at: 3000, received: 190, lost: 10, videoBytes: 250_000, jitterMs: 12, rttMs: 40, audioReceived: 60, audioLost: 20, waitedMs: 9_600 * 50, played: 9_600, sentBytes: 125_000, freezes: 1, frozenMs: 400 };
  assert.deepEqual(between(zero, later), { rtt_ms: 40, loss: 0.1, jitter_ms: 12, video_kbps: 1000, audio_loss: 0.25, playout_ms: 50, sent_kbps: 500, freezes: 1, frozen_ms: 400 });
  assert.equal(between(later, later), null);
  assert.equal(between(later, { ...zero, at: 4000 })?.loss, 0, 'counters that start over are no loss');
  const report = new Map<string, object>([
    ['a', { type: 'inbound-rtp', kind: 'audio', timestamp: 10, packetsReceived: 50, packetsLost: 2, jitter: 0.004, jitterBufferDelay: 4.8, jitterBufferEmittedCount: 96 }],
    ['v', { type: 'inbound-rtp', kind: 'video', timestamp: 12, packetsReceived: 100, packetsLost: 3, bytesReceived: 9_000, freezeCount: 2, totalFreezesDuration: 0.75 }],
    ['o', { type: 'outbound-rtp', kind: 'video', bytesSent: 7_000 }],
    ['p', { type: 'candidate-pair', nominated: true, timestamp: 12, currentRoundTripTime: 0.03 }],
  ]);
  assert.deepEqual(totals(report as unknown as RTCStatsReport), { at: 12, received: 150, lost: 5, videoBytes: 9_000, jitterMs: 4, rttMs: 30, audioReceived: 50, audioLost: 2, waitedMs: 4_800, played: 96, sentBytes: 7_000, freezes: 2, frozenMs: 750 });
  assert.equal(verdict({ rtt_ms: 40, loss: 0 }), 'good');
  assert.equal(verdict({ rtt_ms: 400, loss: 0 }), 'fair');
  assert.equal(verdict({ rtt_ms: 40, loss: 0.2 }), 'poor');
});

/** When a way is said to be dead: `heard` until some moment, then looked at every 150 ms while so much is counted. */
function deaths(until: number, counted: (at: number) => Traffic): number[] {
  const silence = new Silence();
  const said: number[] = [];
  for (let at = 0; at < 6_000; at += 150) {
    if (at <= until) silence.heard(at);
    else if (silence.look(counted(at), at)) said.push(at);
  }
  return said;
}

test('a way is dead once, when much is sent and nothing comes back', () => {
  const silent = { received: 700 };
  assert.deepEqual(deaths(1_500, (at) => ({ ...silent, sent: at / 10 })), [2_100], '0.6 s after the last sound');
  assert.deepEqual(deaths(1_500, (at) => ({ received: at / 10, sent: at / 10 })), [], 'the other end is silent, the server is not');
  assert.deepEqual(deaths(1_500, () => ({ ...silent, sent: 80 })), [], 'nothing is sent, so nothing is to be answered');
  assert.deepEqual(deaths(1_500, (at) => ({ received: Math.floor(at / 500), sent: at / 10 })), [], 'short gaps are none');
  assert.deepEqual(deaths(1_500, (at) => ({ received: at < 3_000 ? 700 : at < 3_300 ? 701 : 702, sent: at / 10 })), [2_100, 3_900], 'what came back can be lost again');
  assert.deepEqual(deaths(-1, (at) => ({ ...silent, sent: at / 10 })), [], 'what was never heard cannot fall silent');
  const stood = new Silence();
  stood.heard(0);
  assert.ok(!stood.look({ received: 1, sent: 1 }, 150) && !stood.look({ received: 90, sent: 90 }, 9_000), 'a page that stood still');
  const report = new Map<string, object>([['t', { type: 'transport', packetsReceived: 3, packetsSent: 4 }], ['v', { type: 'inbound-rtp', packetsReceived: 9 }]]);
  assert.deepEqual(traffic(report as unknown as RTCStatsReport), { received: 3, sent: 4 });
  assert.equal(traffic(new Map() as unknown as RTCStatsReport), null);
});

test('forward error correction is asked for once', () => {
  const sdp = 'a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\na=fmtp:96 x=1\r\n';
  const asked = withFec(sdp);
  assert.match(asked, /a=fmtp:111 minptime=10;useinbandfec=1\r\n/);
  assert.equal(withFec(asked), asked);
  assert.equal(withFec('v=0'), 'v=0');
});

test('a camera that is a program says so by its name, a phone is a camera', () => {
  for (const name of ['OBS Virtual Camera', 'ManyCam Virtual Webcam', 'Snap Camera', 'v4l2 loopback', 'Dummy video device (0x0000)', 'fake_device_0', 'e2eSoft VCam']) assert.ok(isVirtual(name), name);
  for (const name of ['FaceTime HD Camera', 'Integrated Webcam (0bda:5689)', 'camera2 1, facing front', 'Robs iPhone Camera', 'Logitech BRIO', '']) assert.ok(!isVirtual(name), name);
});

test('a picture that stands still while frames come is noticed, a short stillness is not', () => {
  const watch = new FrameWatch();
  const seen = Array.from({ length: 20 }, (_, at) => watch.picture(at < 3 ? at : 9, at * 200));
  assert.equal(seen.findIndex((hint) => hint === 'frames_frozen'), 3 + 16, 'three seconds after the first repetition');
  const lively = new FrameWatch();
  for (let at = 0; at < 500; at += 1) assert.equal(lively.picture(at * 7, at * 200), null);
});

test('a film that runs again is noticed, a look that comes back by chance is not', () => {
  const film = new FrameWatch();
  const seen = Array.from({ length: 90 }, (_, at) => film.picture(100 + (at % 40), at * 200));
  assert.equal(seen.indexOf('frames_repeated'), 49, 'ten pictures into the second run');
  const chance = new FrameWatch();
  for (let at = 0; at < 300; at += 1) assert.equal(chance.picture(at % 5 === 0 ? 7 : at, at * 200), null);
});

test('times no camera keeps are noticed', () => {
  const even = new FrameWatch();
  const found = Array.from({ length: 100 }, (_, at) => even.frame(at * 33.333));
  assert.equal(found.filter((hint) => hint === 'times_even').length, 1);
  const real = new FrameWatch();
  for (let at = 0; at < 400; at += 1) assert.equal(real.frame(at * 33.3 + Math.sin(at * 1.7) * 2), null);
});

test('pixels have a number of their own', () => {
  const grey = new Uint8ClampedArray(64).fill(120);
  const other = Uint8ClampedArray.from(grey);
  other[8] = 121;
  assert.equal(printOf(grey), printOf(Uint8ClampedArray.from(grey)));
  assert.notEqual(printOf(grey), printOf(other));
});

test('codecs a browser has are put in front, and one that may not be told is left alone', () => {
  const had = (...types: string[]): { mimeType: string }[] => types.map((mimeType) => ({ mimeType }));
  const order = (codecs: { mimeType: string }[], ...types: string[]): string[] | null => {
    let told: string[] | null = null;
    const browser = globalThis as { RTCRtpReceiver?: unknown };
    browser.RTCRtpReceiver = { getCapabilities: (kind: string) => ({ codecs: codecs.filter(({ mimeType }) => mimeType.startsWith(kind)) }) };
    const transceiver = { setCodecPreferences: (given: { mimeType: string }[]) => void (told = given.map(({ mimeType }) => mimeType)) };
    prefer(transceiver as unknown as RTCRtpTransceiver, ...types);
    delete browser.RTCRtpReceiver;
    return told;
  };
  const chromium = had('audio/opus', 'audio/red', 'audio/PCMU', 'video/VP9', 'video/VP8', 'video/rtx');
  assert.deepEqual(order(chromium, 'audio/red', 'audio/opus'), ['audio/red', 'audio/opus', 'audio/PCMU']);
  assert.deepEqual(order(chromium, 'video/VP8'), ['video/VP8', 'video/VP9', 'video/rtx']);
  assert.deepEqual(order(had('audio/opus', 'audio/PCMU'), 'audio/red', 'audio/opus'), ['audio/opus', 'audio/PCMU']);
  assert.equal(order(had('video/H264'), 'video/VP8'), null);
  prefer({} as RTCRtpTransceiver, 'audio/opus');
});

/** Runs `work` in a browser of these brands. */
async function inBrowser(brands: string[] | null, work: () => void | Promise<void>): Promise<void> {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { configurable: true, value: brands ? { userAgentData: { brands: brands.map((brand) => ({ brand })) } } : {} });
  try {
    await work();
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
  }
}

const camera = (width?: number, height?: number): MediaStreamTrack => ({ getSettings: () => ({ width, height }) }) as unknown as MediaStreamTrack;

test('Chromium is ready to send a small picture beside the large one, others send one', async () => {
  const full = { maxBitrate: 1, priority: 'low' } as RTCRtpEncodingParameters;
  await inBrowser(null, () => assert.deepEqual(layersOf(camera(640, 480), full), [full]));
  await inBrowser(['Not A;Brand', 'Chromium', 'Google Chrome'], () => {
    const [small, large] = layersOf(camera(640, 480), full);
    assert.deepEqual([small.rid, small.active, small.scaleResolutionDownBy, large.rid, large.active, large.maxBitrate], ['s', false, 2, 'f', undefined, 1]);
    const scale = (width?: number, height?: number): number | undefined => layersOf(camera(width, height), full)[0].scaleResolutionDownBy;
    // The shorter side stays at 240 at least, and nothing is made larger.
    assert.deepEqual([scale(480, 640), scale(1280, 720), scale(1920, 1080), scale(160, 120), scale(), layersOf(null, full)[0].scaleResolutionDownBy], [2, 3, 4, 1, 2, 2]);
  });
});

test('the small layer wakes and sleeps as the server says, the last word counts', async () => {
  await inBrowser(['Chromium'], async () => {
    const channel = {} as { onmessage?: (event: { data: unknown }) => void };
    const encodings = [{ rid: 's', active: false, scaleResolutionDownBy: 1 }, { rid: 'f', active: true }];
    let changes = 0;
    const sender = { track: camera(640, 480), getParameters: () => ({ encodings }), setParameters: async () => void (changes += 1) };
    tellsLayers({ createDataChannel: () => channel } as unknown as RTCPeerConnection, sender as unknown as RTCRtpSender);
    const says = async (data: unknown): Promise<void> => {
      channel.onmessage?.({ data });
      await new Promise((done) => setTimeout(done, 1));
    };
    await says('small');
    assert.deepEqual([encodings[0].active, encodings[0].scaleResolutionDownBy, changes], [true, 2, 1]);
    await says('small');
    await says(new ArrayBuffer(3));
    await says('full');
    assert.deepEqual([encodings[0].active, encodings[1].active, changes], [false, true, 2]);
  });
});
