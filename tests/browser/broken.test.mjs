// A page is loaded anew in the middle of a check: nobody has to find the way back to it. The check counts no more, both ends are told
// so, and the script stands at Go, which draws anew.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS, inCall, noComplaints, playing } from './people.mjs';
import { eventually, stage } from './rig.mjs';

const TOLD = 'The connection broke off: this counts no more and comes again.';
const TOLD_CUSTOMER = 'your agent asks once more in a moment';

/** The checks of the call as the server has them, in the order of asking. */
const checks = (agent) => agent.page.evaluate(async () => {
  const { call_id: id } = await (await fetch('/api/v1/desk')).json();
  return (await (await fetch(`/api/v1/calls/${id}`)).json()).checks;
});

/** Both ends are told, and Go is on screen without anybody looking for it; the newest check is the one that broke off. */
async function comesAgain(customer, agent, asked) {
  await customer.page.getByText(TOLD_CUSTOMER).first().waitFor();
  await agent.page.locator('.step.is-open').getByText(TOLD).waitFor();
  assert.ok(await agent.canGo());
  await Promise.all([playing(customer.page), playing(agent.page)]);
  const newest = (await checks(agent)).at(-1);
  assert.deepEqual([newest.kind, newest.state, newest.void_because], [asked, 'skipped', 'reconnected']);
}

/** The voice of the browser, as far as a page without loudspeakers has one: what was to be said. */
const listen = (page) => page.context().addInitScript(() => {
  window.__spoken = [];
  speechSynthesis.speak = (utterance) => window.__spoken.push(`${utterance.lang} ${utterance.text}`);
});

test('either end reloads in the middle of a check: it opens again by itself, with a new draw', { timeout: 300_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const { customer, agent } = await inCall({ server, launch }, { customer: { prepare: listen } });
    await agent.toChecks();

    const first = await agent.go(customer);
    assert.equal(first, 'frontal');
    await customer.page.reload();
    await customer.show('face');
    await comesAgain(customer, agent, first);
    assert.equal(await agent.go(customer), 'frontal', 'movements are measured from the front');
    await agent.page.getByText(TOLD).waitFor({ state: 'detached' });
    const spoken = () => customer.page.evaluate(() => window.__spoken.filter((text) => text.startsWith('en-GB')));
    assert.deepEqual(await spoken(), [], 'nothing is read aloud unasked');
    await customer.press('Read aloud');
    assert.match((await spoken())[0], /Look straight at the camera/);
    await agent.pass('frontal');

    const second = await agent.go(customer);
    await eventually('the next instruction being read aloud', async () => CHECKS[second].test((await spoken()).join('\n')));
    await agent.page.reload();
    await comesAgain(customer, agent, second);
    if (process.env.VISAVIS_SCREENS) for (const [name, page] of [['again-agent', agent.page], ['again-customer', customer.page]]) await page.screenshot({ path: `${process.env.VISAVIS_SCREENS}/${name}.png` });

    const drawn = [];
    while (await agent.canGo()) {
      drawn.push(await agent.go(customer));
      await agent.pass(drawn.at(-1));
    }
    assert.ok(['left', 'right', 'up', 'down'].every((kind) => drawn.includes(kind)), drawn.join(' '));
    const all = await eventually('every check being settled', async () => {
      const filed = await checks(agent);
      return filed.every(({ state }) => state !== 'asked') && filed;
    });
    assert.deepEqual(all.filter(({ void_because: because }) => because !== null).map(({ kind }) => kind), [first, second]);
    assert.equal(all.filter(({ state }) => state === 'passed').length, drawn.length + 1);
    noComplaints(customer.page, agent.page);
  });
});
