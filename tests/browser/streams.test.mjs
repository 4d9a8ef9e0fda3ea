// What Chromium really sends and receives in a call, as it counts it itself.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inCall, noComplaints } from './people.mjs';
import { eventually, obey, stage } from './rig.mjs';

/**
 * The sound of a page's call. Chromium counts sound sent twice as Opus; what tells it is that of each packet that comes a second
 * one, of a sound that is there already, is thrown away (`twice`: how many of one), and what was agreed to be sent first.
 */
const sound = (page) =>
  page.evaluate(async () => {
    const peer = window.__connections.at(-1);
    const stats = [...(await peer.getStats()).values()];
    const of = (type) => stats.find((entry) => entry.type === type && entry.kind === 'audio');
    const [out, incoming] = [of('outbound-rtp'), of('inbound-rtp')];
    const sender = peer.getSenders().find(({ track }) => track?.kind === 'audio');
    return { agreed: sender.getParameters().codecs[0].mimeType, sent: out.packetsSent, received: incoming.packetsReceived, twice: incoming.packetsDiscarded / incoming.packetsReceived, heard: incoming.totalAudioEnergy };
  });

/** The sound of both, once it has gone both ways for some seconds. */
const sounds = ({ customer, agent }) =>
  eventually('sound going both ways', async () => {
    const both = [await sound(customer.page), await sound(agent.page)];
    return both.every(({ sent, received, heard }) => sent > 150 && received > 150 && heard > 0) && both;
  });

test('both ends send each sound twice to each other', { timeout: 180_000 }, async () => {
  await stage({}, async (set) => {
    const who = { prepare: (page) => obey(page, '') };
    const call = await inCall(set, { customer: who, agent: who });
    for (const { agreed, twice } of await sounds(call)) {
      assert.equal(agreed, 'audio/red');
      assert.ok(twice > 0.8 && twice < 1.2, `a second time came ${twice} of what came`);
    }
    noComplaints(call.customer.page, call.agent.page);
  });
});

test('one whose browser does not know sound sent twice hears it plain', { timeout: 180_000 }, async () => {
  await stage({}, async (set) => {
    const ignorant = `
      const { setCodecPreferences } = RTCRtpTransceiver.prototype;
      if (!setCodecPreferences.isIgnorant) {
        RTCRtpTransceiver.prototype.setCodecPreferences = function (codecs) {
          return setCodecPreferences.call(this, codecs.filter(({ mimeType }) => mimeType !== 'audio/red'));
        };
        RTCRtpTransceiver.prototype.setCodecPreferences.isIgnorant = true;
      }`;
    const call = await inCall(set, { customer: { prepare: (page) => obey(page, '') }, agent: { prepare: (page) => obey(page, ignorant) } });
    const [customer, agent] = await sounds(call);
    assert.deepEqual([customer.agreed, agent.agreed], ['audio/red', 'audio/opus']);
    assert.ok(agent.twice < 0.2 && customer.twice < 0.2, `nothing came a second time: ${agent.twice} and ${customer.twice} of what came`);
    noComplaints(call.customer.page, call.agent.page);
  });
});
