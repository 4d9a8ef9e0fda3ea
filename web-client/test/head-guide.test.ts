import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Reading } from '@visavis/shared/pose/reading';
import { hintOf } from '../src/head-guide';

const face = { yaw: 3, pitch: -7, roll: 0, score: 0.99, width: 160, luma: 110 };
const reading = (change: Partial<typeof face> = {}, faces = 1): Reading => ({
  atMs: 0, faces, face: { ...face, ...change }, front: { yaw: 3, pitch: -7 }, progress: 0, outcome: null,
});

test('the hint says what is missing, one thing at a time', () => {
  assert.equal(hintOf('left', reading()), null);
  assert.equal(hintOf('left', reading({ yaw: 3 + 8 })), 'further');
  assert.equal(hintOf('left', reading({ yaw: 3 + 13 })), 'hold');
  assert.equal(hintOf('right', reading({ yaw: 3 + 13 })), null);
  assert.equal(hintOf('right', reading({ yaw: 3 - 13 })), 'hold');
  assert.equal(hintOf('up', reading({ pitch: -7 - 9 })), 'further');
  assert.equal(hintOf('down', reading({ pitch: -7 + 12 })), 'hold');
  assert.equal(hintOf('frontal', reading()), 'hold');
  assert.equal(hintOf('left', reading({ width: 60 })), 'closer');
  assert.equal(hintOf('left', reading({ luma: 20 })), 'light');
  assert.equal(hintOf('left', reading({}, 2)), 'alone');
  assert.equal(hintOf('left', { ...reading({}, 0), face: null }), 'no_face');
});
