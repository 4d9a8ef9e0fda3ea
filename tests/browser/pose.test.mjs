// Heads measured live: the agent's console sees what a customer does, and what a photo does not; the server measures the same
// again on the recording. The head in the camera comes from the pose crate's studio.
import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { advice, followAll, headCall, heads } from './heads.mjs';
import { eventually, root, stage } from './rig.mjs';

test('a head that follows is seen live, and again in the recording', { timeout: 300_000 }, async () => {
  const cards = await heads();
  await stage({}, async ({ server, launch }) => {
    const { customer, agent } = await headCall({ server, launch }, cards);
    await followAll(customer, agent);
    await measureSpeed(agent);
    await agent.hangUp();
    const measured = await eventually('the recording being measured', async () => {
      const log = server.log.match(/the checks of a recording were measured.*/);
      return log?.[0];
    }, 60_000);
    assert.match(measured, /passed=true/, measured);
  });
});

test('a photo held up to the camera does not pass', { timeout: 300_000 }, async () => {
  const cards = await heads();
  await stage({}, async ({ server, launch }) => {
    const { customer, agent } = await headCall({ server, launch }, cards);
    assert.equal(await agent.go(customer), 'frontal');
    await advice(agent).getByText('Measured: seen and held').waitFor({ timeout: 30_000 });
    await agent.pass('frontal');
    assert.notEqual(await agent.go(customer), 'frontal');
    await advice(agent).getByText('Measured: the movement was not seen').waitFor({ timeout: 20_000 });
  });
});

/** Readings a second and milliseconds each, with the call running; what the engine weighs. */
async function measureSpeed(agent) {
  const seen = await agent.page.evaluate(async () => {
    const took = [];
    const observer = new PerformanceObserver((list) => took.push(...list.getEntriesByName('pose.look').map((entry) => entry.duration)));
    observer.observe({ type: 'measure' });
    await new Promise((wait) => setTimeout(wait, 5_000));
    observer.disconnect();
    return { fps: took.length / 5, ms: took.reduce((sum, one) => sum + one, 0) / Math.max(1, took.length) };
  });
  const assets = path.join(root, 'web-agent/dist/assets');
  const engine = (await readdir(assets)).find((name) => name.endsWith('.wasm'));
  const engine_gzip_kb = Math.round(gzipSync(await readFile(path.join(assets, engine)), { level: 9 }).length / 1024);
  await keep({ browser_fps: seen.fps, browser_ms: Math.round(seen.ms * 10) / 10, engine_gzip_kb });
  assert.ok(seen.fps > 1, `only ${seen.fps} readings a second`);
  assert.ok(engine_gzip_kb * 1024 <= 1_800_000, `the engine weighs ${engine_gzip_kb} KB`);
}

/** Adds figures to those of `make bench-pose`. */
async function keep(figures) {
  const file = path.join(root, 'target/bench/pose-browser.json');
  await mkdir(path.dirname(file), { recursive: true });
  const before = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
  await writeFile(file, `${JSON.stringify({ ...before, ...figures }, null, 2)}\n`);
}
