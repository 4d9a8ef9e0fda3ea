import assert from 'node:assert/strict';
import { test } from 'node:test';

import { boxOf, cells, difference, glare, greyOf, likeness, luma, sharpness, type Grey } from '../src/guide/grey';
import { Guide, hintOf, type Advice, type Hint } from '../src/guide/hints';
import { findOutline } from '../src/guide/outline';
import { boundsOf, Eye, type Part, type Sight } from '../src/guide/sight';
import { isSound, middleOf, type Facts } from '../src/guide/still';

/** A drawn card before a drawn camera. */
interface Scene {
  width: number;
  height: number;
  /** Width of the card as a share of the picture's. */
  fill: number;
  /** Degrees. */
  turn: number;
  /** How much narrower the far side is. */
  lean: number;
  shift: readonly [number, number];
  desk: number;
  card: number;
  light: number;
  /** Radius of a white spot as a share of the card's width. */
  lamp: number;
  isBlurred: boolean;
  noise: number;
  ratio: number;
}
const USUAL: Scene = { width: 288, height: 162, fill: 0.52, turn: 0, lean: 0, shift: [0, 0], desk: 80, card: 190, light: 1, lamp: 0, isBlurred: false, noise: 4, ratio: 1.586 };
const FRAME: Part = [0.22, 0.1, 0.78, 0.9];

/** The colour of a card at a place on it, −1…1 in both directions: a portrait and lines of print. */
function cardAt(x: number, y: number, card: number): number {
  if (x > -0.9 && x < -0.45 && y > -0.3 && y < 0.75) return 110 + 30 * Math.sin(x * 40) * Math.sin(y * 31);
  const line = Math.floor((y + 0.8) / 0.2);
  const isPrint = x > -0.3 && x < 0.85 - (line % 3) * 0.2 && (y + 0.8) % 0.2 < 0.09 && y > -0.8 && y < 0.85;
  return isPrint && Math.sin(x * 160 + line) > -0.2 ? 50 : card;
}

function draw(change: Partial<Scene> = {}): Grey {
  const scene = { ...USUAL, ...change };
  const { width, height } = scene;
  const half = (width * scene.fill) / 2;
  const [sin, cos] = [Math.sin((scene.turn * Math.PI) / 180), Math.cos((scene.turn * Math.PI) / 180)];
  let seed = 7;
  const noise = (): number => ((seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0) / 2 ** 32 - 0.5) * scene.noise;
  const pixels = new Uint8ClampedArray(width * height);
  for (let at = 0; at < pixels.length; at += 1) {
    const [px, py] = [(at % width) - width * (0.5 + scene.shift[0]), Math.floor(at / width) - height * (0.5 + scene.shift[1])];
    const y = (py * cos - px * sin) / (half / scene.ratio);
    const x = (px * cos + py * sin) / (half * (1 - (scene.lean * (1 - y)) / 2));
    const isCard = Math.abs(x) <= 1 && Math.abs(y) <= 1;
    let shade = isCard ? cardAt(x, y, scene.card) : scene.desk + 6 * Math.sin(px / 37 + py / 23);
    if (isCard && Math.hypot(x - 0.3, (y - 0.2) / scene.ratio) < scene.lamp) shade = 255 / scene.light;
    pixels[at] = shade * scene.light + noise();
  }
  const drawn = { width, height, pixels };
  return scene.isBlurred ? blurred(drawn) : drawn;
}

function blurred({ width, height, pixels }: Grey): Grey {
  const soft = new Uint8ClampedArray(pixels.length);
  for (let y = 4; y < height - 4; y += 1) {
    for (let x = 4; x < width - 4; x += 1) {
      let sum = 0;
      for (let dy = -4; dy <= 4; dy += 1) for (let dx = -4; dx <= 4; dx += 1) sum += pixels[(y + dy) * width + x + dx] ?? 0;
      soft[y * width + x] = sum / 81;
    }
  }
  return { width, height, pixels: soft };
}

/** The same scene without the stairs of drawn slopes, as a lens gives it. */
function small(change: Partial<Scene> = {}): Grey {
  const scene = { ...USUAL, ...change };
  return cells(draw({ ...change, width: scene.width * 3, height: scene.height * 3, noise: scene.noise * 3 }), 3);
}

/** The picture as the page would send it: small, and a close-up three times as large. */
function shotOf(change: Partial<Scene> = {}): { small: Grey; close: Grey; frame: Part; view: Part } {
  const scene = { ...USUAL, ...change };
  const large = draw({ ...change, width: scene.width * 3, height: scene.height * 3 });
  const [left, top] = [Math.round(large.width / 2) - 240, Math.round(large.height / 2) - 160];
  const close = { width: 480, height: 320, pixels: new Uint8ClampedArray(480 * 320) };
  for (let y = 0; y < 320; y += 1) close.pixels.set(large.pixels.subarray((top + y) * large.width + left, (top + y) * large.width + left + 480), y * 480);
  return { small: small({ ...change, isBlurred: false }), close, frame: FRAME, view: [0, 0, 1, 1] };
}

test('four sides are found at any size, turned, leaning, bright on dark and dark on bright', () => {
  const cases: Partial<Scene>[] = [
    {}, { fill: 0.3 }, { fill: 0.8, height: 288 }, { turn: 12 }, { turn: -24 }, { lean: 0.2 }, { lean: 0.15, turn: 9 }, { desk: 200, card: 120 }, { desk: 150, card: 190 },
    { shift: [0.1, -0.1] }, { noise: 16 }, { light: 0.5 }, { width: 162, height: 288, fill: 0.85 }, { ratio: 1.42 },
  ];
  for (const change of cases) {
    const scene = { ...USUAL, ...change };
    const outline = findOutline(small(change));
    assert.ok(outline !== null, `nothing found: ${JSON.stringify(change)}`);
    const half = (scene.width * scene.fill) / 2;
    const [sin, cos] = [Math.sin((scene.turn * Math.PI) / 180), Math.cos((scene.turn * Math.PI) / 180)];
    [[-1, -1], [1, -1], [1, 1], [-1, 1]].forEach(([x = 0, y = 0], at) => {
      const across = x * half * (1 - (scene.lean * (1 - y)) / 2);
      const down = (y * half) / scene.ratio;
      const wanted = [scene.width * (0.5 + scene.shift[0]) + across * cos - down * sin, scene.height * (0.5 + scene.shift[1]) + across * sin + down * cos] as const;
      const found = outline.corners[at] ?? [0, 0];
      const off = Math.hypot(found[0] - wanted[0], found[1] - wanted[1]);
      assert.ok(off < 0.05 * scene.width, `corner ${at} is ${off.toFixed(1)} px off: ${JSON.stringify(change)} ${JSON.stringify(outline.corners)}`);
    });
  }
});

test('a table, a wall and a cut card have no four sides', () => {
  for (const change of [{ fill: 0 }, { fill: 0, noise: 30 }, { fill: 0.9 }, { shift: [0.35, 0] as const }]) assert.equal(findOutline(small(change)), null, JSON.stringify(change));
});

test('each scene gets its one hint', () => {
  const cases: [Partial<Scene>, Hint][] = [
    [{}, 'good'],
    [{ turn: 14 }, 'good'],
    [{ lean: 0.12 }, 'good'],
    [{ fill: 0 }, 'looking'],
    [{ light: 0.25 }, 'too_dark'],
    [{ fill: 0.3 }, 'move_closer'],
    [{ fill: 0.9 }, 'move_back'],
    [{ shift: [0.3, 0] }, 'fit'],
    [{ lamp: 0.3 }, 'glare'],
    [{ isBlurred: true }, 'blurred'],
    [{ lean: 0.7, fill: 0.62 }, 'straighten'],
  ];
  for (const [change, hint] of cases) {
    const sight = new Eye().see(shotOf(change));
    assert.equal(hintOf(sight, null, FRAME, 'looking'), hint, `${JSON.stringify(change)} ${JSON.stringify(sight)}`);
  }
});

test('a moving hand is told to hold still', () => {
  const eye = new Eye();
  const first = eye.see(shotOf({ shift: [0, 0] }));
  const second = eye.see(shotOf({ shift: [0.05, 0.02] }));
  assert.equal(hintOf(second, first, FRAME, 'looking'), 'hold_still');
  assert.equal(hintOf(eye.see(shotOf({ shift: [0.05, 0.02] })), second, FRAME, 'hold_still'), 'good');
});

test('what the screen cuts off counts as outside, though the picture has it', () => {
  const sight = new Eye().see({ ...shotOf({ fill: 0.62, height: 200 }), view: [0.2, 0, 0.8, 1] });
  assert.ok(sight.margin < 0 && sight.reach > 1, JSON.stringify(sight));
  assert.equal(hintOf(sight, null, FRAME, 'looking'), 'move_back');
});

const GOOD: Sight = { light: 150, glare: 0, sharpness: 900, motion: 0.5, corners: [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]], size: 0.8, reach: 0.6, margin: 0.2, turn: 0, lean: 1, print: null };

test('the worst thing is said first, one at a time', () => {
  const cases: [Partial<Sight>, Hint][] = [
    [{}, 'good'],
    [{ light: 40, glare: 0.2, sharpness: 5, corners: null }, 'too_dark'],
    [{ light: 240, glare: 0.6 }, 'too_bright'],
    [{ corners: null, sharpness: 5 }, 'looking'],
    [{ corners: null, print: [0.3, 0.3, 0.5, 0.5] }, 'fit'],
    [{ corners: null, print: [0, 0.3, 0.7, 0.7] }, 'fit'],
    [{ corners: null, print: [0, 0, 1, 0.9] }, 'move_back'],
    [{ corners: null, print: [0.25, 0.2, 0.75, 0.8] }, 'good'],
    [{ margin: 0.001, reach: 0.97 }, 'move_back'],
    [{ margin: 0.001, reach: 0.7 }, 'fit'],
    [{ size: 0.3, glare: 0.1 }, 'move_closer'],
    [{ turn: 30 }, 'straighten'],
    [{ lean: 1.6 }, 'straighten'],
    [{ glare: 0.03, motion: 20 }, 'glare'],
    [{ motion: 20, sharpness: 5 }, 'hold_still'],
    [{ sharpness: 90 }, 'blurred'],
  ];
  for (const [change, hint] of cases) assert.equal(hintOf({ ...GOOD, ...change }, null, FRAME, 'looking'), hint, JSON.stringify(change));
});

test('a measure near its limit does not make the words flicker', () => {
  const near: [Partial<Sight>, Hint][] = [[{ light: 75 }, 'too_dark'], [{ light: 224 }, 'too_bright'], [{ size: 0.6 }, 'move_closer'], [{ margin: 0.016, reach: 0.95 }, 'move_back'], [{ margin: 0.016 }, 'fit'], [{ glare: 0.01 }, 'glare'], [{ sharpness: 185 }, 'blurred'], [{ motion: 3.5 }, 'hold_still'], [{ turn: 22 }, 'straighten']];
  for (const [change, hint] of near) {
    const sight = { ...GOOD, ...change };
    assert.equal(hintOf(sight, null, FRAME, 'good'), 'good', `${hint} does not come up yet`);
    assert.equal(hintOf(sight, null, FRAME, hint), hint, `${hint} stays`);
  }
});

function play(guide: Guide, from: number, until: number, sight: Sight): Advice[] {
  const said: Advice[] = [];
  for (let now = from; now < until; now += 100) said.push(guide.see(sight, FRAME, now));
  return said;
}

test('it shoots by itself once, when good has lasted', () => {
  const guide = new Guide();
  const said = play(guide, 0, 3000, GOOD);
  const at = said.findIndex((advice) => advice.shoot);
  assert.ok(at * 100 >= 700 && at * 100 <= 1000, `shot after ${at * 100} ms`);
  assert.equal(said.filter((advice) => advice.shoot).length, 1);
  assert.ok(said.slice(1, at).every((advice, index) => advice.steady >= (said[index]?.steady ?? 0)), 'the ring only fills');
});

test('one bad picture starts the wait anew, and so does a gap', () => {
  for (const disturb of [(guide: Guide): number => { guide.see({ ...GOOD, motion: 30 }, FRAME, 600); return 700; }, (): number => 1500]) {
    const guide = new Guide();
    assert.ok(play(guide, 0, 600, GOOD).every((advice) => !advice.shoot));
    const from = disturb(guide);
    const after = play(guide, from, from + 2000, GOOD);
    assert.ok(after.findIndex((advice) => advice.shoot) >= 7, 'it waits again');
  }
});

test('without four sides it waits twice as long', () => {
  const said = play(new Guide(), 0, 3000, { ...GOOD, corners: null, print: [0.25, 0.2, 0.75, 0.8] });
  assert.ok(said.findIndex((advice) => advice.shoot) >= 16);
});

test('words change only when the new hint lasts', () => {
  const guide = new Guide();
  play(guide, 0, 600, GOOD);
  assert.equal(guide.see({ ...GOOD, motion: 30 }, FRAME, 600).hint, 'good');
  assert.equal(guide.see(GOOD, FRAME, 700).hint, 'good');
  const dark = play(guide, 800, 1400, { ...GOOD, light: 20 });
  assert.deepEqual([...new Set(dark.map((advice) => advice.hint))], ['good', 'too_dark']);
});

test('a hand that sways is told to hold still at its turning points, too', () => {
  const guide = new Guide();
  const swaying = Array.from({ length: 20 }, (_, at) => guide.see({ ...GOOD, motion: at % 3 === 0 ? 9 : 1 }, FRAME, at * 100));
  assert.deepEqual([...new Set(swaying.slice(4).map((advice) => advice.hint))], ['hold_still']);
  assert.ok(swaying.every((advice) => !advice.shoot));
});

test('a hint that is no longer true goes, though nothing else lasts', () => {
  const guide = new Guide();
  play(guide, 0, 600, { ...GOOD, light: 20 });
  const said = Array.from({ length: 20 }, (_, at) => guide.see({ ...GOOD, margin: 0.001, reach: at % 2 === 0 ? 0.97 : 0.7 }, FRAME, 600 + at * 100));
  assert.ok(said.slice(10).every((advice) => advice.hint !== 'too_dark'));
});

test('measures on grey pictures', () => {
  assert.deepEqual([...greyOf({ width: 2, height: 1, data: new Uint8ClampedArray([255, 255, 255, 255, 0, 0, 0, 255]) }).pixels], [255, 0]);
  const spot: Grey = { width: 20, height: 10, pixels: new Uint8ClampedArray(200).fill(100) };
  for (const at of [21, 22, 41, 42, 199]) spot.pixels[at] = 255;
  assert.equal(glare(spot, boxOf(spot, [0, 0, 1, 1])), 4 / 200, 'the largest patch counts, not the sum');
  assert.equal(luma(spot, { left: 1, top: 1, right: 3, bottom: 3 }), 255);
  assert.equal(sharpness({ width: 4, height: 4, pixels: new Uint8ClampedArray(16) }), 0);
  const sharp = draw({ width: 480, height: 320, fill: 0.9 });
  assert.ok(sharpness(sharp) > 8 * sharpness(blurred(sharp)));
  const whole = { left: 0, top: 0, right: 20, bottom: 10 };
  const brighter = { ...spot, pixels: spot.pixels.map((value) => Math.min(255, value + 20)) };
  assert.ok(difference(brighter, spot, whole) < 1.1, 'a camera that adapts to the light is not a hand that moves');
  assert.equal(difference({ ...spot, width: 10, height: 20 }, spot, whole), 255);
  assert.deepEqual(boundsOf([[0.1, 0.2], [1.2, 0.1], [0.9, 0.8], [-0.1, 0.9]]), [0, 0.1, 1, 0.9]);
});

test('a still of the camera is used only when it is sound', () => {
  const picture = draw({ width: 480, height: 270 });
  const facts = (grey: Grey, change: Partial<Facts> = {}): Facts => ({ width: 4000, height: 2250, sharpness: 500, thumb: cells(grey, 20), ...change });
  const shown = facts(picture, { width: 1920, height: 1080 });
  const cases: [Facts, boolean, string][] = [
    [facts(picture), true, 'larger and sharp'],
    [facts(picture, { width: 1280, height: 720 }), false, 'smaller than what is on the screen'],
    [facts(picture, { width: 2250, height: 4000 }), false, 'lying on its side'],
    [facts(picture, { sharpness: 60 }), false, 'blurred'],
    [facts({ ...picture, pixels: new Uint8ClampedArray(picture.pixels.length) }), false, 'black'],
    [facts(draw({ width: 480, height: 270, fill: 0, noise: 60 })), false, 'another scene'],
    [facts(draw({ width: 480, height: 270, shift: [0.01, 0.01], light: 0.8 })), true, 'a little later, a little darker'],
  ];
  for (const [photo, isUsed, what] of cases) assert.equal(isSound(photo, shown), isUsed, `${what}: ${likeness(photo.thumb, shown.thumb)}`);
  assert.deepEqual(middleOf(4000, 3000, { width: 1920, height: 1080 }), [0, 375, 4000, 2250]);
  assert.deepEqual(middleOf(1000, 2000, { width: 1, height: 1 }), [0, 500, 1000, 1000]);
});
