// Part of `make bench-sfu`: from pressing Accept to the customer's first decoded frame in Chromium on loopback, call after
// call on one server. Adds what was measured of sealing, setup_p50_ms and setup_p95_ms to target/bench/sfu.json.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Colleague, Customer } from './people.mjs';
import { folder, stage } from './rig.mjs';

const CALLS = Number(process.env.SETUP_CALLS ?? 20);
/** Calls on one server: whose calls come to nothing more often is asked to wait, and all of these are decided as poor. */
const AT_ONE = 5;

const accepted = () => {
  const began = performance.now();
  [...document.querySelectorAll('button')].find((button) => /^\s*Accept/.test(button.textContent)).click();
  return new Promise((resolve) => {
    const look = () => {
      const seen = [...document.querySelectorAll('video')].some((video) => !video.muted && video.videoWidth > 0 && video.currentTime > 0);
      if (seen) resolve(performance.now() - began);
      else setTimeout(look, 2);
    };
    look();
  });
};

const setUp = (calls) => stage({}, async ({ server, launch }) => {
  const [forCustomers, forAgent] = [await launch(), await launch()];
  const agent = await Colleague.signIn(forAgent, server, 'lan');
  await agent.getReady();
  const measured = [];
  for (let call = 0; call < calls; call += 1) {
    const customer = await Customer.arrive(forCustomers, server);
    await customer.confirmQuickly();
    // The colleague is waiting already: that one is in line may be over before anybody has looked.
    await customer.press('Call now');
    await customer.sees('Quick check before the call');
    await customer.page.getByText('We can hear you.').waitFor();
    await customer.press('Join the queue');
    await agent.page.getByRole('button', { name: /^Accept/ }).waitFor({ timeout: 60_000 });
    measured.push(await agent.page.evaluate(accepted));
    await agent.page.evaluate(async () => {
      const send = (url, body) => fetch(`/api/v1${url}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
      const desk = await (await fetch('/api/v1/desk')).json();
      const { dossier_id: dossier } = await (await fetch(`/api/v1/calls/${desk.call_id}/file`)).json();
      await send(`/calls/${desk.call_id}/hang-up`, {});
      await send(`/dossiers/${dossier}/decision`, { outcome: 'redo', reason: 'poor_connection', note: null });
      await send('/presence', { presence: 'ready' });
    });
    await customer.page.context().close();
    await agent.page.goto('/console');
  }
  return measured;
});
const setups = [];
while (setups.length < CALLS) setups.push(...(await setUp(Math.min(AT_ONE, CALLS - setups.length))));
setups.sort((a, b) => a - b);
const at = (share) => Math.round(setups[Math.min(setups.length - 1, Math.ceil(setups.length * share) - 1)]);
const file = path.join(await folder('bench'), 'sfu.json');
const read = async (from) => JSON.parse(await readFile(from, 'utf8').catch(() => '{}'));
// From hanging up to a file that plays: measured before this by the test of that name.
const { first_side_s, playable_s } = await read(path.join(path.dirname(file), 'playable.json'));
const figures = { ...(await read(file)), first_side_s, playable_s, setup_p50_ms: at(0.5), setup_p95_ms: at(0.95), setups_ms: setups.map(Math.round) };
await writeFile(file, `${JSON.stringify(figures, null, 2)}\n`);
console.log(`accept → first decoded frame over ${setups.length} calls: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`);
