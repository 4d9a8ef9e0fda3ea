import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { off, POSES, readingOf, REASONS, target } from '../src/pose/reading';

const judge = readFileSync(new URL('../../crates/pose/src/judge/mod.rs', import.meta.url), 'utf8');

test('poses and reasons stand in the order of the engine', () => {
  const codes = /CODES: \[&str; \d+\] = \[([^\]]+)\]/.exec(judge)?.[1] ?? '';
  assert.deepEqual([...codes.matchAll(/"(\w+)"/g)].map((match) => match[1]), [...REASONS]);
  const poses = /ALL: \[Self; 5\] = \[([^\]]+)\]/.exec(judge)?.[1] ?? '';
  assert.deepEqual([...poses.matchAll(/Self::(\w+)/g)].map((match) => match[1]?.toLowerCase()), [...POSES]);
});

test('numbers become a reading', () => {
  const none = readingOf(new Float32Array(15), 5);
  assert.deepEqual(none, { atMs: 5, faces: 0, face: null, front: null, progress: 0, outcome: null });
  assert.equal(off(none), null);
  const seen = readingOf([1, 1, 20, -3, 1, 0.9, 150, 90, 1, 4, -6, 0.5, 2, 3, 18], 7);
  assert.deepEqual(off(seen), { yaw: 16, pitch: 3 });
  assert.deepEqual(seen.outcome, { passed: false, reason: 'too_late', peak: 18 });
  assert.equal(readingOf([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0], 7).outcome?.reason, null);
});

test('the band lies on the side the engine means', () => {
  assert.ok(target('left').axis === 'yaw' && target('left').from > 0);
  assert.ok(target('right').axis === 'yaw' && target('right').to < 0);
  assert.ok(target('down').axis === 'pitch' && target('down').from > 0);
  assert.ok(target('up').axis === 'pitch' && target('up').to < 0);
});
