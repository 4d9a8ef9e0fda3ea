import assert from 'node:assert/strict';
import { test } from 'node:test';

import type { RouteResult } from '@visavis/shared/wire';

import { intentOf, placeOf } from '../src/browser';
import type { Grey } from '../src/guide/grey';
import { FaceMemory } from '../src/rehearsal/face';
import { bestOf, figuresOf, networkOf, uplinkOf } from '../src/rehearsal/figures';
import { only } from '../src/rehearsal/route';
import { HIGH, Sight, WIDE, lightOf } from '../src/rehearsal/sight';
import { faultsOf, type Found } from '../src/rehearsal/trial';

const ANDROID = 'Mozilla/5.0 (Linux; Android 14; SM-A546E) AppleWebKit/537.36 (KHTML, like Gecko)';
const IPHONE = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)';

test('browsers are told apart by the advice they need', () => {
  const cases: readonly (readonly [string, string, string | null, string])[] = [
    [`${IPHONE} Version/18.1 Mobile/15E148 Safari/604.1`, 'safari_ios', null, 'ios'],
    [`${IPHONE} CriOS/130.0 Mobile/15E148 Safari/604.1`, 'chrome_ios', null, 'ios'],
    [`${ANDROID} Chrome/130.0.0.0 Mobile Safari/537.36`, 'chrome_android', null, 'android'],
    [`${ANDROID} SamsungBrowser/26.0 Chrome/122.0.0.0 Mobile Safari/537.36`, 'samsung', null, 'android'],
    ['Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0', 'firefox_android', null, 'android'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0', 'firefox', null, 'desktop'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0', 'edge', null, 'desktop'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36', 'chrome', null, 'desktop'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 'safari', null, 'desktop'],
    [`${ANDROID} Version/4.0 Chrome/130.0.0.0 Mobile Safari/537.36 [FB_IAB/FB4A;FBAV/440.0.0;]`, 'chrome_android', 'facebook', 'android'],
    [`${IPHONE} Mobile/15E148 [FBAN/FBIOS;FBAV/440.0]`, 'safari_ios', 'facebook', 'ios'],
    [`${IPHONE} Mobile/15E148 [FBAN/MessengerForiOS;FBAV/440.0]`, 'safari_ios', 'messenger', 'ios'],
    [`${ANDROID} Chrome/130.0.0.0 Mobile Safari/537.36 Zalo android/24100 ZaloTheme/light`, 'chrome_android', 'zalo', 'android'],
    [`${IPHONE} Mobile/15E148 Instagram 350.0`, 'safari_ios', 'instagram', 'ios'],
    [`${ANDROID} Chrome/130.0.0.0 Mobile Safari/537.36 MicroMessenger/8.0.50`, 'chrome_android', 'wechat', 'android'],
    [`${IPHONE} Safari Line/14.1.0`, 'safari_ios', 'line', 'ios'],
    [`${ANDROID} Chrome/130.0.0.0 Mobile Safari/537.36 trill_350103 BytedanceWebview/d8a21c6`, 'chrome_android', 'tiktok', 'android'],
    [ANDROID.replace('SM-A546E)', 'SM-A546E; wv)') + ' Version/4.0 Chrome/130 Mobile Safari/537.36', 'chrome_android', 'webview', 'android'],
    [`${IPHONE} Mobile/15E148`, 'safari_ios', 'webview', 'ios'],
  ];
  for (const [agent, browser, app, system] of cases) assert.deepEqual(placeOf(agent), { browser, app, system }, agent);
  assert.equal(placeOf('Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 5).system, 'ios', 'an iPad says it is a Mac');
});

test('the way out of an app keeps the personal link whole', () => {
  const intent = intentOf('https://bank.example/#/resume/a-b_c');
  assert.equal(intent, 'intent://bank.example/#/resume/a-b_c#Intent;scheme=https;package=com.android.chrome;S.browser_fallback_url=https%3A%2F%2Fbank.example%2F%23%2Fresume%2Fa-b_c;end');
  assert.equal(intentOf('javascript:alert(1)'), null);
});

function picture(face: number, around = face, noise = 0): Grey {
  const pixels = new Uint8ClampedArray(WIDE * HIGH);
  for (let y = 0; y < HIGH; y += 1) {
    for (let x = 0; x < WIDE; x += 1) {
      const inside = x >= WIDE / 3 && x < (WIDE * 2) / 3 && y >= HIGH * 0.2 && y < HIGH * 0.75;
      pixels[y * WIDE + x] = (inside ? face : around) + ((x * 7 + y * 13 + noise * 5) % 3);
    }
  }
  return { width: WIDE, height: HIGH, pixels };
}

test('a covered lens, a still picture and bad light are seen', () => {
  const look = (pictures: readonly Grey[]): string => {
    const sight = new Sight();
    return pictures.map((one) => sight.look(one)).map(({ camera, light }) => `${camera} ${light}`).at(-1) ?? '';
  };
  const film = (face: number, around?: number): Grey[] => Array.from({ length: 10 }, (_, at) => picture(face, around, at));
  assert.equal(look(film(120)), 'good good');
  assert.equal(look(film(4)), 'black unknown');
  assert.equal(look(Array<Grey>(10).fill(picture(120))), 'frozen good');
  assert.equal(look(Array<Grey>(6).fill(picture(120))), 'good good', 'a moment of stillness is no fault');
  assert.equal(look([...Array<Grey>(10).fill(picture(120)), picture(121)]), 'good good', 'it films again');
  assert.equal(lightOf(picture(40)), 'dark');
  assert.equal(lightOf(picture(70, 200)), 'backlit');
  assert.equal(lightOf(picture(230)), 'glaring');
  assert.equal(lightOf(picture(150, 200)), 'good', 'a bright wall behind a well-lit face is fine');
  // The face is not where it is expected: the middle of the picture says the opposite.
  assert.equal(lightOf(picture(70), 40), 'dark');
  assert.equal(lightOf(picture(40, 120), 110), 'good');
  assert.equal(lightOf(picture(190), 80), 'backlit');
});

test('a face is missed only when it is not seen for a while', () => {
  const memory = new FaceMemory();
  const none = { faces: 0, face: null };
  const seen = { faces: 1, face: { yaw: 0, pitch: 0, roll: 0, score: 1, width: 120, luma: 90 } };
  assert.deepEqual([none, none, seen, none, none].map((reading) => memory.take(reading)), [null, null, { luma: 90 }, { luma: 90 }, { luma: 90 }]);
  for (let at = 0; at < 3; at += 1) memory.take(none);
  assert.equal(memory.take(none), 'unseen');
  assert.equal(memory.take({ faces: 2, face: null }), null, 'somebody is there, and it is not known whose light counts');
  assert.deepEqual(memory.take(seen), { luma: 90 });
});

test('round trips, loss and uplink come from what came back', () => {
  const sent = Array.from({ length: 4 }, (_, number) => ({ number, sentAt: number * 50 }));
  const echoes = new Map([[0, 20], [1, 80], [3, 170]]);
  assert.deepEqual(figuresOf(sent, echoes), { rtt_ms: 20, jitter_ms: 10, loss: 0.25 });
  assert.deepEqual(figuresOf(sent, new Map()), { rtt_ms: null, jitter_ms: null, loss: 1 });
  assert.deepEqual(figuresOf([], new Map()), { rtt_ms: null, jitter_ms: null, loss: null });
  const steady = Array.from({ length: 200 }, (_, number) => ({ number, sentAt: number * 10 }));
  const back = new Map(steady.map(({ number, sentAt }) => [number, sentAt + 30]));
  assert.equal(Math.round(uplinkOf(steady, back, 1_000) ?? 0), 800, '100 messages of 1000 bytes a second are 800 kbit/s');
  assert.equal(uplinkOf(steady, new Map(), 1_000), null);
});

const OPEN: RouteResult = { route: 'udp', is_open: true, setup_ms: 90, rtt_ms: 30, jitter_ms: 2, loss: 0, uplink_kbps: 2_000 };
const SHUT: RouteResult = { route: 'udp', is_open: false, setup_ms: null, rtt_ms: null, jitter_ms: null, loss: null, uplink_kbps: null };

test('the ways become one word', () => {
  assert.equal(networkOf([OPEN, { ...OPEN, route: 'tcp' }]), 'good');
  assert.equal(networkOf([SHUT, { ...OPEN, route: 'tcp' }]), 'slow_way');
  assert.equal(bestOf([SHUT, { ...OPEN, route: 'tcp' }, { ...OPEN, route: 'relay' }])?.route, 'relay');
  assert.equal(networkOf([SHUT]), 'none');
  assert.equal(networkOf([]), 'none');
  for (const [change, word] of [[{ rtt_ms: 400 }, 'fair'], [{ loss: 0.05 }, 'fair'], [{ uplink_kbps: 500 }, 'fair'], [{ rtt_ms: 900 }, 'poor'], [{ loss: 0.2 }, 'poor'], [{ uplink_kbps: 100 }, 'poor']] as const) {
    assert.equal(networkOf([{ ...OPEN, ...change }]), word, JSON.stringify(change));
  }
});

test('an answer is cut to one way', () => {
  const sdp = ['v=0', 'a=candidate:1 1 udp 2 127.0.0.1 7 typ host', 'a=candidate:2 1 tcp 1 127.0.0.1 8 typ host tcptype passive', 'a=mid:0', ''].join('\r\n');
  assert.ok(only(sdp, 'tcp').includes('tcptype') && !only(sdp, 'tcp').includes(' udp '));
  for (const route of ['udp', 'relay'] as const) assert.ok(only(sdp, route).includes(' udp ') && !only(sdp, route).includes('tcptype'));
  assert.ok(only(sdp, 'tcp').endsWith('a=mid:0\r\n'));
});

test('the worst fault comes first, and nothing is wrong before it is known', () => {
  const fine: Found = { camera: 'good', light: 'good', face: { luma: 120 }, microphone: 'heard', routes: [OPEN], network: 'good' };
  assert.deepEqual(faultsOf(fine), []);
  assert.deepEqual(faultsOf({ ...fine, camera: null, microphone: 'quiet', routes: null, network: null }), []);
  assert.deepEqual(faultsOf({ ...fine, light: 'dark', network: 'poor', microphone: 'silent', camera: 'black' }), ['camera', 'microphone', 'network', 'light']);
  assert.deepEqual(faultsOf({ ...fine, network: 'none' }), ['no_network']);
  assert.deepEqual(faultsOf({ ...fine, face: 'unseen' }), ['face']);
  assert.deepEqual(faultsOf({ ...fine, face: 'unseen', light: 'dark' }), ['light'], 'in the dark no face is found: light is what helps');
  assert.deepEqual(faultsOf({ ...fine, face: null }), [], 'where none can be looked for nothing is said');
});
