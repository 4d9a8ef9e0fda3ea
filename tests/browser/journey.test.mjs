// The whole journey in real browsers on the real binary, and the recording proved by decoding it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { folder, stage } from './rig.mjs';
import { RealServers } from './servers.mjs';
import { proveFilm, wholeStory } from './story.mjs';

async function journey(screens, urls) {
  await stage(urls, async ({ server, launch }) => {
    const { call, kept, page } = await wholeStory(server, launch, await folder(screens));
    await proveFilm(kept);
    const ranged = await page.evaluate(async (id) => {
      const answer = await fetch(`/api/v1/recordings/${id}/film.mp4?purpose=audit`, { headers: { range: 'bytes=100-199' } });
      return { status: answer.status, length: (await answer.arrayBuffer()).byteLength };
    }, call);
    assert.deepEqual(ranged, { status: 206, length: 100 });
  });
}

test('a customer is identified, recorded and found again, on what is built in', { timeout: 300_000 }, () => journey('screens', {}));

test('the same on PostgreSQL and Redis', { timeout: 300_000 }, async () => {
  const real = await RealServers.start();
  try {
    await journey('screens/servers', real);
  } finally {
    await real.stop();
  }
});
