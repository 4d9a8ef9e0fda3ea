// What does not go straight: a connection that breaks brings the last check back, one named thing is done again, a person on the
// negative list raises a suspicion, and the second person sees what was flagged before anything else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Colleague, Customer, inCall, noComplaints, playing } from './people.mjs';
import { eventually, stage } from './rig.mjs';

const PROFILE = `name = "browser"
title = "Of this test"
source = "none"
warning = "This is not legal advice."
four_eyes = "flagged"
steps = ["frontal"]
[head]
directions = []
repeats = [0, 0]
retries = 2
[reconnect]
policy = "repeat_last_check"
within_minutes = 30
`;

/** Chooses an outcome with its reason, and perhaps the one thing it is about, and sends it. */
async function decide(agent, { outcome, reason, item, send }) {
  const form = agent.page.locator('form.decision');
  await form.locator('label').getByText(outcome, { exact: true }).click();
  await form.getByLabel('Reason').selectOption(reason);
  if (item !== undefined) await form.locator('#decision-item').selectOption(item);
  await agent.press(send);
}

/** A stage whose profile is the one above. */
async function riskyStage(scene) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-risk-'));
  const profile = path.join(folder, 'profile.toml');
  await writeFile(profile, PROFILE);
  try {
    await stage({ settings: { VISAVIS__CHECKS__PROFILE: profile, VISAVIS__QUEUE__WRAP_UP_SECONDS: '5' } }, scene);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

test('a check comes back after a break, one thing is done again, and a suspicion is shown first to the second person', { timeout: 300_000 }, async () => {
  await riskyStage(async ({ server, launch }) => {
    const { customer, agent } = await inCall({ server, launch });
    await agent.toChecks();
    assert.equal(await agent.go(customer), 'frontal');
    await agent.pass('frontal');
    await agent.page.locator('form.decision').waitFor();

    // The picture was gone: by the profile what was passed last is asked once more, and the script opens there.
    await customer.page.reload();
    await customer.show('face');
    await playing(customer.page);
    assert.equal(await agent.go(customer), 'frontal');
    await agent.pass('frontal');

    await agent.page.locator('form.decision').waitFor();
    await decide(agent, { outcome: 'Redo', reason: 'details_wrong', item: 'details', send: 'Ask the customer to redo it' });
    await customer.page.getByText('Only this has to be done again: your details. Everything else stays.').waitFor();

    const supervisor = await Colleague.signIn(await launch(), server, 'huong');
    const { page } = supervisor;
    await page.getByRole('link', { name: 'Risk', exact: true }).click();
    await page.getByText('Nobody is on the list').waitFor();
    await page.locator('#risk-number').fill('C1234567');
    await page.locator('#risk-reason').selectOption('stolen_document');
    await supervisor.press('Add');
    const entry = page.getByRole('row', { name: /^Document number/ });
    await entry.waitFor();
    assert.equal(await entry.locator('td').nth(2).textContent(), '0');

    await customer.press('Continue');
    await customer.sees('What you agree to');
    for (const box of await customer.page.getByRole('switch').all()) if (!(await box.isChecked())) await box.check();
    await customer.press('Agree and send');
    await customer.sees('When shall we talk?');
    await customer.callNow();
    await agent.accept();
    await agent.toChecks();
    const form = agent.page.locator('form.decision');
    await form.getByText('On the negative list').first().waitFor();
    assert.equal(await agent.page.getByRole('button', { name: /^Go(?! there)/ }).count(), 0, 'what was passed counts in this call, too');
    await decide(agent, { outcome: 'Suspicion', reason: 'impersonation', send: 'File the suspicion' });
    await customer.page.getByText('We are looking at everything one last time.').first().waitFor();
    assert.ok(!/suspic|fraud|list/i.test(await customer.page.locator('main').innerText()), 'a suspicion stays silent');

    await eventually('the hit on the page that stayed open and was told', async () => (await entry.locator('td').nth(2).textContent()) === '1');
    if (process.env.VISAVIS_SCREENS) await page.screenshot({ path: path.join(process.env.VISAVIS_SCREENS, 'risk.png'), fullPage: true });

    await supervisor.review('TRẦN BÌNH AN');
    const second = page.locator('.second-person');
    await second.getByRole('heading', { name: 'Waits for a second person' }).waitFor();
    const said = await second.innerText();
    const places = ['proposes: Suspicion', 'The person is on the negative list', 'Approve'].map((words) => said.indexOf(words));
    assert.ok(places.every((place) => place >= 0) && Math.max(places[0], places[1]) < places[2], `flags come first: ${said}`);
    assert.ok(!said.includes('not checked yet'), `what an earlier call settled is not missing: ${said}`);
    await second.locator('label').getByText('Approve', { exact: true }).click();
    await supervisor.press('Approve the customer');
    await customer.sees('You are identified');
    noComplaints(customer.page, agent.page, page);
  });
});

/** Everything a page is sent from now on: what the live socket says, what every request answers. */
function overheard(page) {
  const said = [];
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => said.push({ way: 'socket', text: String(payload) })));
  page.on('response', async (answer) => {
    const { pathname } = new URL(answer.url());
    if (pathname.startsWith('/api/')) said.push({ way: pathname, text: await answer.text().catch(() => '') });
  });
  return said;
}

test('what an agent flags quietly is read first by the second person, and nowhere by the customer', { timeout: 240_000 }, async () => {
  const GIVEAWAY = /suspic|suspect|fraud|flag|impersonat|second_person|waits_for_second|negative|listed/i;
  await riskyStage(async ({ server, launch }) => {
    let said;
    const { customer, agent } = await inCall({ server, launch }, { customer: { prepare: (page) => void (said = overheard(page)) } });
    assert.ok(said.some(({ way }) => way === 'socket') && said.some(({ way }) => way === '/api/v1/call'), 'the customer is overheard');
    await agent.toChecks();
    assert.equal(await agent.go(customer), 'frontal');

    // In the middle of a check, so that whatever changed on the customer's page would be seen.
    // What the page's own look at the head says comes and goes by itself.
    const shown = () => customer.page.locator('.call-status, .call-advice, .check > p:not(.check-hint), .call-note, .chat').allInnerTexts();
    const [before, heard] = [await shown(), said.length];
    await agent.press('Suspicion');
    await agent.page.getByRole('button', { name: 'Somebody else seems to be on the call' }).click();
    await agent.page.getByRole('button', { name: 'Suspicion filed' }).or(agent.page.getByText('Suspicion filed')).first().waitFor();
    await customer.page.waitForTimeout(2_500);
    assert.deepEqual(await shown(), before, 'nothing changed for the customer');
    const after = said.slice(heard).filter(({ text }) => !/"type":"(peer_quality|pong)"/.test(text));
    assert.deepEqual(after, [], 'nothing was said to the customer');

    await agent.pass('frontal');
    await agent.page.locator('form.decision').waitFor();
    await agent.approve();
    await customer.page.getByText('We are looking at everything one last time.').first().waitFor();
    await customer.page.reload();
    await customer.page.getByText('We are looking at everything one last time.').first().waitFor();
    const asked = await customer.page.evaluate(async () => {
      const ways = ['application', 'call', 'booking', 'ticket'];
      const answers = await Promise.all(ways.map(async (way) => `${way} ${await (await fetch(`/api/v1/${way}`)).text()}`));
      return [...answers, document.documentElement.outerHTML, JSON.stringify(localStorage), JSON.stringify(sessionStorage), document.cookie].join('\n');
    });
    for (const { way, text } of [...said, { way: 'what it asks for', text: asked }]) {
      const found = GIVEAWAY.exec(text);
      assert.equal(found, null, `${way} says ${text.slice(Math.max(0, (found?.index ?? 0) - 60), (found?.index ?? 0) + 60)}`);
    }

    const supervisor = await Colleague.signIn(await launch(), server, 'huong');
    const { page } = supervisor;
    await supervisor.review('TRẦN BÌNH AN');
    const second = page.locator('.second-person');
    await second.getByRole('heading', { name: 'Waits for a second person' }).waitFor();
    const read = await second.innerText();
    const [flag, word] = ['An agent suspects fraud', 'Outcome'].map((words) => read.search(new RegExp(words, 'i')));
    assert.ok(flag >= 0 && flag < word, `the flag comes before everything that can be decided: ${read}`);
    assert.ok((await page.locator('main').innerText()).indexOf('Waits for a second person') < (await page.locator('main').innerText()).indexOf('Recording'), 'and before the recording');
    if (process.env.VISAVIS_SCREENS) await page.screenshot({ path: path.join(process.env.VISAVIS_SCREENS, 'flagged.png'), fullPage: true });
    noComplaints(customer.page, agent.page, page);
  });
});
