// A supervisor looks on at a running call in a third browser: both are seen and heard, and the call is as before.
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { Colleague, inCall, noComplaints } from './people.mjs';
import { eventually, stage } from './rig.mjs';
import { RealServers } from './servers.mjs';

/** How each of the two pictures is doing. */
const ends = (page) =>
  page.locator('.watch video').evaluateAll((videos) =>
    videos.map((video) => ({ name: video.getAttribute('aria-label'), width: video.videoWidth, at: video.currentTime, sounds: video.srcObject?.getAudioTracks().filter((track) => !track.muted).length ?? 0 })),
  );

/** Both are in a call carried by `server`, and the supervisor's pages are served by `at`. */
async function lookOn({ server, launch, at = server }) {
  const { customer, agent } = await inCall({ server, launch });
  const supervisor = await Colleague.signIn(await launch(), at, 'huong');
  const { page } = supervisor;
  await page.getByRole('link', { name: 'Team' }).click();
  await page.getByText('Both are there').first().waitFor();
  await supervisor.press('Look on');
  await page.getByText('Connected.').first().waitFor();
  const first = await eventually('both pictures', async () => {
    const seen = await ends(page);
    return seen.length === 2 && seen.every(({ width, at, sounds }) => width > 0 && at > 0.5 && sounds === 1) && seen;
  }, 30_000);
  assert.equal(first[0].name, 'Customer');
  if (process.env.VISAVIS_SCREENS) await page.screenshot({ path: path.join(process.env.VISAVIS_SCREENS, 'observe.png') });
  await eventually('both pictures going on', async () => (await ends(page)).every(({ at }, number) => at > first[number].at + 2));
  await customer.hearsAndSees();
  const told = (await customer.page.locator('body').innerText()) + (await agent.page.locator('body').innerText());
  assert.ok(!/huong|Hương|look(s|ing) on|observ/i.test(told), 'neither end is told');

  await customer.page.evaluate(() => fetch('/api/v1/call/hang-up', { method: 'POST' }));
  await page.getByText('The call is over.').first().waitFor({ timeout: 30_000 });
  noComplaints(customer.page, agent.page);
}

test('a supervisor looks on at a call and neither end notices', { timeout: 180_000 }, () => stage({}, lookOn));

test('a supervisor looks on at a call that another server carries', { timeout: 240_000 }, async () => {
  const engines = await RealServers.start();
  try {
    await stage({ ...engines, settings: { VISAVIS__CALL__NODE: 'one' } }, async ({ server, launch }) => {
      const two = await server.beside('two');
      try {
        await lookOn({ server, launch, at: two });
      } finally {
        await two.kill();
      }
    });
  } finally {
    await engines.stop();
  }
});
