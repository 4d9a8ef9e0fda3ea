// A head before the scripted camera that turns as it is asked to. Its pictures come from the pose crate's studio.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { inCall } from './people.mjs';
import { root } from './rig.mjs';

const run = promisify(execFile);

/** Pictures of a head on its way in each direction, as data URLs by name; `large` ones are 640×480. */
export async function heads({ large = false } = {}) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-heads-'));
  await run(path.join(root, 'target/debug/examples/studio'), ['heads', folder, ...(large ? ['large'] : [])], { cwd: root });
  const cards = {};
  for (const name of await readdir(folder)) cards[path.parse(name).name] = `data:image/png;base64,${(await readFile(path.join(folder, name))).toString('base64')}`;
  await rm(folder, { recursive: true });
  return cards;
}

/** A customer with such a head and an agent in a call, the script at its first check. */
export async function headCall(set, cards) {
  // The drawn face beeps, which the device check wants to hear; the head does not.
  const { customer, agent } = await inCall(set, { customer: { cards }, waits: (customer) => customer.show('head-frontal') });
  await agent.toChecks();
  return { customer, agent };
}

/** Turns the customer's head there, or back to the front. */
export async function turn(customer, pose, steps) {
  for (const step of steps) {
    await customer.page.evaluate((name) => window.__camera.show(name), step === 0 ? 'head-frontal' : `head-${pose}-${step}`);
    await customer.page.waitForTimeout(120);
  }
}

/** The judge's word on the agent's page. */
export const advice = (agent) => agent.page.locator('.pose-trace [role=status]');

/** Presses Go until the draw holds nothing more; the customer does each movement, and the agent passes what was measured. */
export async function followAll(customer, agent) {
  await agent.page.locator('.pose-trace').getByText(/look straight ahead first|held/).waitFor({ timeout: 30_000 });
  while (await agent.canGo()) {
    const pose = await agent.go(customer);
    await customer.page.waitForTimeout(500);
    if (pose !== 'frontal') await turn(customer, pose, [1, 2, 3, 4]);
    await advice(agent).getByText('Measured: seen and held').waitFor({ timeout: 15_000 });
    await agent.pass(pose);
    if (pose !== 'frontal') await turn(customer, pose, [3, 2, 1, 0]);
    await customer.page.waitForTimeout(900);
  }
}
