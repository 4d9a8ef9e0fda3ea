// In the call: the customer's rear camera, its lamp, a photograph over the data channel (and over HTTPS when that is cut), how
// it is looked at, and how the call was.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Colleague, inCall, looker, noComplaints } from './people.mjs';
import { eventually, folder, stage } from './rig.mjs';

const looks = await folder('devices');

/** The photographs of the call as the server has them. */
const stills = (agent) => agent.page.evaluate(async () => {
  const { call_id: id } = await (await fetch('/api/v1/desk')).json();
  return (await (await fetch(`/api/v1/calls/${id}`)).json()).stills;
});

test('the agent sees the document through the rear camera with its lamp, and has it photographed', { timeout: 240_000 }, async () => {
  await stage({}, async (set) => {
    const { customer, agent } = await inCall(set);
    await customer.show('front');
    await agent.press('Rear camera');
    await eventually('the rear camera being on', () => customer.page.evaluate(() => window.__camera.facing() === 'environment'));
    await customer.page.getByText('now sees your rear camera').first().waitFor();
    await agent.press('Light on');
    await eventually('the lamp being on', () => customer.page.evaluate(() => window.__camera.lit()));
    await agent.page.getByRole('button', { name: 'Light off' }).waitFor();

    await customer.page.evaluate(() => window.__camera.still('fine'));
    await agent.press('Take a photo');
    await customer.page.getByText('takes a photo of your document').first().waitFor();
    await looker(customer.page, looks)('hold-phone');
    await customer.page.getByText('The photo has arrived').first().waitFor({ timeout: 40_000 });
    const [still] = await eventually('the photograph being filed', async () => {
      const filed = (await stills(agent)).filter(({ state }) => state === 'filed');
      return filed.length === 1 && filed;
    });
    assert.equal(still.way, 'channel');
    assert.equal(still.camera, 'environment');
    assert.deepEqual([still.width, still.height], [2160, 3840], 'all the camera has, not what the call shows');
    const seen = await agent.page.evaluate(async (id) => {
      const bytes = await (await fetch(`/api/v1/stills/${id}/image`)).arrayBuffer();
      return [...new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    }, still.id);
    assert.equal(seen, still.sha256);

    await agent.page.locator(`[data-still="${still.id}"]`).click();
    await agent.press('More contrast');
    await agent.press('Larger');
    await looker(agent.page, looks)('still-large');
    const style = await agent.page.locator('.lightbox-frame img').evaluate((image) => image.style.filter);
    assert.equal(style, 'contrast(1.5)');
    await agent.page.keyboard.press('Escape');
    await agent.press('Zoom and contrast');
    await agent.page.locator('.look-tools').getByRole('button', { name: 'Larger' }).click();
    await agent.page.locator('.look-tools').getByRole('button', { name: 'More contrast' }).click();
    const live = await agent.page.locator('.stage-customer').evaluate((video) => [video.style.transform, video.style.filter]);
    assert.match(live[0], /^scale\(1\.5\)/);
    assert.equal(live[1], 'contrast(1.5)');
    await looker(agent.page, looks)('call-agent');
    await agent.press('Front camera');
    await eventually('the front camera being back', () => customer.page.evaluate(() => window.__camera.facing() === 'user' && !window.__camera.lit()));
    noComplaints(customer.page, agent.page);
  });
});

test('a photograph that finds no data channel comes over HTTPS; one that is not wanted is not taken', { timeout: 240_000 }, async () => {
  await stage({}, async (set) => {
    // A network box that swallows what goes over data channels after the first piece.
    const swallow = `{
      const send = RTCDataChannel.prototype.send;
      RTCDataChannel.prototype.send = function (data) {
        if (this.label === 'still' && typeof data !== 'string') return;
        return send.call(this, data);
      };
    }`;
    const { customer, agent } = await inCall(set, { customer: { prepare: (page) => page.context().addInitScript(swallow) } });
    await customer.show('front');
    await agent.press('Take a photo');
    await customer.page.getByRole('button', { name: 'Not now' }).click();
    await agent.page.getByText('The customer would rather not').waitFor();
    await agent.press('Take a photo');
    await customer.page.getByText('The photo has arrived').first().waitFor({ timeout: 60_000 });
    const states = (await stills(agent)).map(({ state, way, reason }) => [state, way, reason]);
    assert.deepEqual(states, [['declined', null, 'not_now'], ['filed', 'upload', null]]);
    noComplaints(customer.page, agent.page);
  });
});

test('how the call was is shown while it runs and filed for the supervisor', { timeout: 240_000 }, async () => {
  await stage({}, async (set) => {
    const { customer, agent } = await inCall(set);
    await agent.page.getByText(/To the customer: good 4\.\d/).waitFor({ timeout: 30_000 });
    await agent.page.getByText(/To you: good 4\.\d/).waitFor({ timeout: 30_000 });
    await agent.page.waitForTimeout(14_000);
    await customer.press('Hang up');
    await customer.page.getByRole('dialog').getByRole('button', { name: 'Hang up' }).click();
    const supervisor = await Colleague.signIn(await set.launch(), set.server, 'huong');
    const quality = await eventually('the quality being filed', () => supervisor.page.evaluate(async () => {
      const [row] = (await (await fetch('/api/v1/dossiers?q=binh+an')).json()).rows;
      const view = await (await fetch(`/api/v1/dossiers/${row.id}?purpose=audit`)).json();
      const found = view.calls[0]?.quality;
      return found?.ends.length === 2 && found.marks.some(({ viewer }) => viewer === 'server') ? { ...found, dossier: row.id } : null;
    }));
    for (const end of quality.ends) {
      assert.ok(end.mos > 3.9 && end.mos <= 4.42, `${end.party}: MOS ${end.mos}`);
      assert.ok(end.video_kbps > 20 && end.sent_kbps > 20 && end.loss < 0.05 && end.rtt_ms < 100, JSON.stringify(end));
    }
    const views = new Set(quality.marks.map(({ party, viewer }) => `${party} ${viewer}`));
    assert.deepEqual([...views].sort(), ['agent page', 'agent server', 'customer page', 'customer server']);
    assert.ok(quality.marks.filter(({ viewer }) => viewer === 'server').some(({ video_kbps }) => video_kbps > 20), 'the server counted what came');
    await supervisor.page.goto(`/console#/files/${quality.dossier}`);
    await supervisor.page.locator('form.ask-purpose button.primary').click();
    await supervisor.page.getByText('Quality of the call').click();
    await supervisor.page.locator('.quality-strip rect').first().waitFor();
    await supervisor.page.locator('.quality').scrollIntoViewIfNeeded();
    await looker(supervisor.page, looks)('quality-supervisor');
    noComplaints(supervisor.page);
  });
});
