// Calls with Debian's Firefox ESR on one end: its own way through the pages, its own codecs, its own ICE.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Colleague, Customer, inCall, looker, noComplaints } from './people.mjs';
import { eventually, folder, obey, stage, withoutUdp } from './rig.mjs';
import { keep, proveFilm, sealed } from './story.mjs';

const looks = await folder('firefox');
const watched = { prepare: (page) => obey(page, '') };

/** What a page receives in its call, how, and by which way. */
const received = (page) =>
  page.evaluate(async () => {
    const peer = window.__connections.at(-1);
    const stats = [...(await peer.getStats()).values()];
    const of = (kind) => stats.find((entry) => entry.type === 'inbound-rtp' && entry.kind === kind) ?? {};
    const [sound, picture] = [of('audio'), of('video')];
    const codec = ({ codecId }) => stats.find(({ id }) => id === codecId)?.mimeType;
    const pair = stats.find((entry) => entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded');
    return {
      frames: picture.framesDecoded ?? 0,
      heard: sound.totalAudioEnergy ?? 0,
      packets: sound.packetsReceived ?? 0,
      codecs: [codec(sound), codec(picture)],
      protocol: stats.find(({ id }) => id === pair?.localCandidateId)?.protocol,
      sends: peer.getSenders().map((sender) => sender.getParameters().codecs?.[0]?.mimeType),
    };
  });

/** Waits until each page has seen and heard more of the other than it has now; what they receive then. */
async function seeAndHear(...pages) {
  const before = await Promise.all(pages.map(received));
  return eventually('both seeing and hearing each other', async () => {
    const now = await Promise.all(pages.map(received));
    now.forEach(({ frames, heard, packets }, at) => {
      assert.ok(frames > before[at].frames + 20, `${before[at].frames}, then ${frames} pictures`);
      assert.ok(heard > before[at].heard + 0.01, `${before[at].heard}, then ${heard} of sound`);
      assert.ok(packets > before[at].packets + 100, `${before[at].packets}, then ${packets} packets of sound`);
    });
    return now;
  });
}

/** The pieces of the photographs beside the fields, all of which have to come when they are scrolled to. */
async function seesPieces({ page }) {
  const pieces = page.locator('.crop img');
  assert.ok((await pieces.count()) > 5, 'there are pieces of the photographs');
  for (const piece of await pieces.all()) {
    await piece.evaluate((image) => image.parentElement.scrollIntoView({ block: 'center' }));
    await eventually('a piece of a photograph', () => piece.evaluate((image) => image.complete && image.naturalWidth > 0), 10_000);
  }
}

/** Opens the file and lets the film run. */
async function playsFilm(supervisor) {
  const { page } = supervisor;
  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByText('Nguyễn Thị Minh Khai').first().click();
  await page.getByLabel('Purpose').selectOption('audit');
  await supervisor.press('Open the file');
  const player = page.locator('video').first();
  await player.waitFor();
  await player.evaluate((video) => {
    video.muted = true;
    return video.play();
  });
  await eventually('the film running', () => player.evaluate((video) => video.duration > 5 && video.currentTime > 1 && video.getVideoPlaybackQuality().totalVideoFrames > 10));
}

test('a customer in Firefox photographs a card, talks to an agent in Chromium and is recorded', { timeout: 300_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const fox = await launch('firefox');
    const customer = await Customer.arrive(fox, server, watched);
    const see = looker(customer.page, looks);
    await customer.begin(see);
    await customer.photograph(see);
    assert.equal(await customer.field('Full name').inputValue(), 'Nguyễn Thị Minh Khai');
    await seesPieces(customer);
    await customer.confirm(see);

    const agent = await Colleague.signIn(await launch(), server, 'lan', undefined, watched);
    await agent.getReady();
    await customer.press('Call now');
    for (const words of ['Your camera works.', 'The light on your face is good.', 'We can hear you.', 'Your connection is good.']) await customer.page.getByText(words).waitFor();
    assert.match(await customer.page.locator('.figures').textContent(), /^\d+ ms there and back, 0% lost, [\d.]+ Mbit\/s up$/);
    await see('device');
    await customer.press('Join the queue');
    await customer.sees('You are in line');
    await agent.accept();
    await customer.hearsAndSees();
    const [here, there] = await seeAndHear(customer.page, agent.page);
    // Firefox knows no sound sent twice: its own goes plain, and the agent's comes plain, as the server takes it apart.
    assert.deepEqual(here.codecs, ['audio/opus', 'video/VP8']);
    assert.equal(there.sends[0], 'audio/red');
    assert.deepEqual([here.protocol, there.protocol], ['udp', 'udp']);
    await agent.page.getByText('Checked before the call').click();
    const rows = await agent.page.locator('.rehearsal-list li').allTextContents();
    assert.match(rows.join('\n'), /Camera\s*works[^]*Straight \(UDP\)[^]*open[^]*Detour \(TCP\)[^]*open/);

    // On another network: the way is looked for anew, and nothing is built anew.
    await customer.page.evaluate(() => dispatchEvent(new Event('online')));
    await seeAndHear(customer.page, agent.page);
    assert.equal(await customer.page.evaluate(() => window.__connections.filter(({ connectionState }) => connectionState === 'connected').length), 1);
    await see('call');
    await looker(agent.page, looks)('agent-of-firefox');
    await customer.page.waitForTimeout(3_000);
    await agent.hangUp();

    const supervisor = await Colleague.signIn(fox, server, 'huong');
    // Out of Firefox, what a page draws comes up to 80 ms after what it sounds.
    await proveFilm(await keep(supervisor.page, await sealed(supervisor.page, 'minh+khai'), looks), 0.15);
    await playsFilm(supervisor);
    await looker(supervisor.page, looks)('file');
    noComplaints(customer.page, agent.page, supervisor.page);
  });
});

test('an agent in Firefox, with the camera that Firefox brings and no way but TCP, talks to a customer', { timeout: 300_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const browsers = [await launch(), await launch('firefox')];
    const set = { server, launch: async () => browsers.shift() };
    const { customer, agent } = await inCall(set, { customer: watched, agent: { prepare: (page) => obey(page, withoutUdp), ownCamera: true } });
    const [, there] = await seeAndHear(customer.page, agent.page);
    assert.equal(there.protocol, 'tcp');
    await looker(agent.page, looks)('agent');
    await agent.hangUp();
    noComplaints(customer.page, agent.page);
  });
});
