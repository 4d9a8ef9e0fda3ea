// The checks that are answered in words, and the second person: a code typed, questions marked, the place given; then a supervisor
// who looks at what raised a flag and at the drawn order, and agrees.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Colleague, inCall, noComplaints } from './people.mjs';
import { eventually, stage } from './rig.mjs';

const PROFILE = `name = "browser"
title = "Of this test"
source = "none"
warning = "This is not legal advice."
four_eyes = "always"
steps = ["frontal", "code", "questions", "location"]
[head]
directions = []
repeats = [0, 0]
retries = 2
[questions]
ask = 2
wrong = 0
[[clauses]]
clause = "1"
says = "A code is typed, and a second person agrees."
steps = ["code"]
evidence = ["drawn", "second_person"]
test = "none"
`;

/** The browser knows where it is and may say so. */
async function standsInHanoi(page) {
  await page.context().grantPermissions(['camera', 'microphone', 'geolocation']);
  await page.context().setGeolocation({ latitude: 21.02851, longitude: 105.80482, accuracy: 18 });
}

/** The figures that went out to the customer's phone last. */
async function codeSent(server) {
  const folder = path.join(server.folder, 'data/notify');
  const [name] = await eventually('a code on its way', async () => {
    const codes = (await readdir(folder).catch(() => [])).filter((one) => one.startsWith('sms-code-') && one.endsWith('.txt'));
    return codes.length > 0 && codes;
  });
  return (await readFile(path.join(folder, name), 'utf8')).match(/\b\d{6}\b/)[0];
}

test('what is answered in words is answered, and a second person agrees to what the first one saw', { timeout: 240_000 }, async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-profile-'));
  const profile = path.join(folder, 'profile.toml');
  await writeFile(profile, PROFILE);
  try {
    await stage({ settings: { VISAVIS__CHECKS__PROFILE: profile } }, async ({ server, launch }) => {
      const { customer, agent } = await inCall({ server, launch }, { customer: { prepare: standsInHanoi } });
      await agent.toChecks();
      const passed = agent.page.getByRole('button', { name: /^Passed/ });
      const hidden = () => agent.page.getByText('The customer sees the instruction now.').waitFor({ state: 'hidden' });

      assert.equal(await agent.go(customer), 'frontal');
      await agent.pass('frontal');

      await agent.press(/^Go(?! there)/);
      await customer.page.getByText('Type the code we sent you').first().waitFor();
      await agent.page.getByText('Sent; waits to be typed').first().waitFor();
      assert.ok(await passed.isDisabled(), 'nobody passes a code that was not typed');
      const code = await codeSent(server);
      const wrong = String((Number(code) + 1) % 1_000_000).padStart(6, '0');
      await customer.page.getByLabel('Code of six figures').fill(wrong);
      await customer.press('Check');
      await customer.page.getByText('That is not it. You have 4 more tries.').first().waitFor();
      await customer.page.getByLabel('Code of six figures').fill(code);
      await customer.press('Check');
      await agent.page.getByText('Typed right').first().waitFor();
      await passed.click();
      await hidden();

      await agent.press(/^Go(?! there)/);
      await customer.page.getByText('The agent asks you a few questions').first().waitFor();
      const right = agent.page.getByRole('button', { name: 'right', exact: true });
      await eventually('two questions', async () => (await right.count()) === 2);
      assert.ok(await passed.isDisabled());
      for (const one of await right.all()) {
        await one.click();
        await eventually('the mark being filed', async () => (await one.getAttribute('aria-pressed')) === 'true');
      }
      await passed.click();
      await hidden();

      await agent.press(/^Go(?! there)/);
      await customer.page.getByText(/takes the position my browser reports now/).first().waitFor();
      await customer.press('Share my position');
      await customer.page.getByText('Thank you. Your position was taken once.').first().waitFor();
      await agent.page.getByText('21.02851, 105.80482').first().waitFor();
      await passed.click();
      await hidden();

      await agent.approve();
      await customer.page.getByText('We are looking at everything one last time.').first().waitFor();

      const supervisor = await Colleague.signIn(await launch(), server, 'huong');
      const { page } = supervisor;
      await supervisor.review('TRẦN BÌNH AN');
      await page.getByRole('heading', { name: 'Waits for a second person' }).waitFor();
      await page.getByText(/proposes: Approve/).first().waitFor();
      const order = page.locator('details.order');
      await order.getByText('Drawn and proved').first().waitFor();
      await order.locator('summary').click();
      const hashes = await order.locator('dd.hash').allTextContents();
      assert.ok(hashes.length === 3 && hashes.every((hash) => /^[0-9a-f]{64}$/.test(hash)), hashes.join(' '));
      await order.getByText('a second person’s word').first().waitFor();
      await page.getByText('21.02851, 105.80482').first().waitFor();
      if (process.env.VISAVIS_SCREENS) await page.screenshot({ path: path.join(process.env.VISAVIS_SCREENS, 'second.png'), fullPage: true });
      // The badge of what was proposed says the same word.
      await page.locator('label').getByText('Approve', { exact: true }).first().click();
      await supervisor.press('Approve the customer');
      await page.getByText(/checked: Approve/).first().waitFor();
      await order.locator('summary').click();
      await eventually('the clause being met', async () => (await order.getByText('Met', { exact: true }).count()) === 1);
      await customer.sees('You are identified');
      noComplaints(customer.page, agent.page, page);
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
