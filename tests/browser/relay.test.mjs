// Calls in Chromium that may not take the straight way: through coturn alone, and over TCP alone.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { inCall, noComplaints } from './people.mjs';
import { eventually, freePort, obey, root, stage, withoutUdp } from './rig.mjs';

const secret = 'a secret only two programs know';

/** Debian's coturn with the shipped example, a test's addresses and no TLS; `more` lines of its settings. */
async function coturn(more = '') {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-coturn-'));
  const port = await freePort();
  const example = (await readFile(path.join(root, 'config/coturn.example.conf'), 'utf8'))
    .replaceAll('PUBLIC.ADDRESS.OF.TURN', '127.0.0.1')
    .replaceAll('ADDRESS.OF.VISAVIS', '127.0.0.1')
    .replace('static-auth-secret=SECRET', `static-auth-secret=${secret}`)
    .replace(/^(tls-listening-port|listening-port|cert|pkey|no-tlsv1).*$/gm, '');
  const config = path.join(folder, 'turnserver.conf');
  await writeFile(config, `${example}\nlistening-port=${port}\nallow-loopback-peers\nno-tls\nno-dtls\npidfile=${folder}/turn.pid\n${more}\n`);
  const child = spawn('setpriv', ['--pdeathsig=KILL', 'turnserver', '-c', config], { cwd: folder, stdio: 'ignore' });
  await eventually('coturn answering', () => new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket.destroy())).once('error', reject);
  }));
  return { port, stop: async () => { child.kill(); await rm(folder, { recursive: true, force: true }); } };
}

/** How the pair that carries the media reaches the server. */
const way = (page) =>
  page.evaluate(async () => {
    const stats = [...(await window.__connections.at(-1).getStats()).values()];
    const pair = stats.find((entry) => entry.type === 'candidate-pair' && entry.nominated && entry.state === 'succeeded');
    const local = stats.find((entry) => entry.id === pair?.localCandidateId);
    return `${local?.candidateType} ${local?.protocol}${local?.relayProtocol ? ` by ${local.relayProtocol}` : ''}`;
  });

async function call(set, rule) {
  const who = { prepare: (page) => obey(page, rule) };
  const { customer, agent } = await inCall(set, { customer: who, agent: who });
  return [await way(customer.page), await way(agent.page)];
}

for (const transport of ['udp', 'tcp']) {
  test(`a call through coturn, reached over ${transport}, and no other way`, async () => {
    const relay = await coturn();
    const settings = { VISAVIS__TURN__URLS: `["turn:127.0.0.1:${relay.port}?transport=${transport}"]`, VISAVIS__TURN__SECRET: secret };
    try {
      const ways = await stage({ settings }, (set) => call(set, "config.iceTransportPolicy = 'relay';"));
      assert.deepEqual(ways, Array(2).fill(`relay udp by ${transport}`));
    } finally {
      await relay.stop();
    }
  });
}

/** The pictures a page sends, by layer, and the height of the one it sees. */
const pictures = (page) =>
  page.evaluate(async () => {
    const stats = [...(await window.__connections.at(-1).getStats()).values()].filter(({ kind }) => kind === 'video');
    const sent = stats.filter(({ type }) => type === 'outbound-rtp').map(({ rid, active, frameHeight, framesSent, scalabilityMode }) => [rid, { active, frameHeight, framesSent, scalabilityMode }]);
    const seen = stats.find(({ type }) => type === 'inbound-rtp');
    return { ...Object.fromEntries(sent), seen: seen?.frameHeight, frames: seen?.framesDecoded };
  });

test('a way that is too narrow for the picture gets a small one, and the large one goes on to the recording', { timeout: 240_000 }, async () => {
  const relay = await coturn('max-bps=45000');
  const settings = { VISAVIS__TURN__URLS: `["turn:127.0.0.1:${relay.port}?transport=udp"]`, VISAVIS__TURN__SECRET: secret };
  try {
    await stage({ settings }, async (set) => {
      const { customer, agent } = await inCall(set, {
        customer: { prepare: (page) => obey(page, '') },
        agent: { prepare: (page) => obey(page, "config.iceTransportPolicy = 'relay';") },
      });
      const before = await pictures(customer.page);
      assert.deepEqual([before.s.active, before.f.active], [false, true], 'the small one is asleep');
      await customer.show('snow');
      const asked = await eventually('the small layer being sent and seen', async () => {
        const [sent, { seen }] = [await pictures(customer.page), await pictures(agent.page)];
        return sent.s.active && sent.s.framesSent > 30 && seen <= 240 && { ...sent, seen };
      }, 60_000);
      assert.deepEqual([asked.s.scalabilityMode, asked.f.scalabilityMode], ['L1T1', 'L1T1'], 'neither is divided in time');
      assert.deepEqual([asked.s.frameHeight, asked.f.frameHeight, asked.f.active], [240, 480, true], 'the large one goes on beside it');
      const { frames } = await pictures(agent.page);
      await eventually('both going on', async () => {
        const [sent, seen] = [await pictures(customer.page), await pictures(agent.page)];
        assert.ok(sent.f.framesSent > asked.f.framesSent + 20, `the large one: ${asked.f.framesSent}, then ${sent.f.framesSent}`);
        assert.ok(seen.frames > frames + 20, `what is seen: ${frames}, then ${seen.frames}`);
        return true;
      });
      noComplaints(customer.page, agent.page);
    });
  } finally {
    await relay.stop();
  }
});

test('a call over TCP alone', async () => {
  const ways = await stage({}, (set) => call(set, withoutUdp));
  // A browser names its own end of a TCP connection by the port it happens to leave from.
  for (const way of ways) assert.match(way, /^(host|prflx) tcp$/);
});
