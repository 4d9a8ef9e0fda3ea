// Two servers of one house: a page may come to the other server in the middle of a call, and when the server that carries the call is
// killed, both ends see each other again by themselves.
import assert from 'node:assert/strict';
import net from 'node:net';
import { test } from 'node:test';
import { Colleague, inCall, movesAgain, noComplaints, playing } from './people.mjs';
import { Server, browser, eventually } from './rig.mjs';
import { RealServers } from './servers.mjs';

/** What stands before servers: passes every connection on to one of them. */
class Door {
  #sockets = new Set();

  static async before(server) {
    const door = new Door();
    door.to = server;
    door.listener = net.createServer((from) => {
      const to = net.connect(Number(new URL(door.to.url).port), '127.0.0.1');
      for (const [one, other] of [[from, to], [to, from]]) {
        door.#sockets.add(one);
        one.on('error', () => other.destroy()).on('close', () => door.#sockets.delete(one));
        one.pipe(other);
      }
    });
    await new Promise((ready) => door.listener.listen(0, '127.0.0.1', ready));
    door.url = `http://localhost:${door.listener.address().port}`;
    return door;
  }

  /** From now on to this one; what is open is cut. */
  lead(server) {
    this.to = server;
    for (const socket of this.#sockets) socket.destroy();
  }

  close() {
    this.lead(this.to);
    this.listener.close();
  }
}

test('a page comes to another server in a call, and the call outlives the server that carries it', { timeout: 240_000 }, async () => {
  const engines = await RealServers.start();
  const open = [];
  let one, two;
  try {
    one = await Server.start({ ...engines, settings: { VISAVIS__CALL__NODE: 'one' } });
    const [left, right] = [await Door.before(one), await Door.before(one)];
    open.push(left, right);
    const launch = async () => {
      open.push(await browser());
      return open.at(-1);
    };
    const { customer, agent } = await inCall({ server: one, launch }, { servers: { customer: { ...one, url: right.url }, agent: { ...one, url: left.url } } });
    const call = await agent.page.evaluate(async () => (await (await fetch('/api/v1/desk')).json()).call_id);
    const carrier = () => agent.page.evaluate(async (id) => (await (await fetch(`/api/v1/calls/${id}`)).json()).media_run, call);
    const before = await carrier();

    // The customer's page comes to the other server; its media stays where it is.
    two = await one.beside('two');
    let connections = 0;
    await customer.page.exposeFunction('__counted', () => (connections += 1));
    await customer.page.evaluate(() => {
      const Peer = window.RTCPeerConnection;
      window.RTCPeerConnection = class extends Peer {
        constructor(...args) {
          super(...args);
          void window.__counted();
        }
      };
    });
    right.lead(two);
    await customer.page.waitForTimeout(4_000);
    await playing(customer.page);
    await playing(agent.page);
    assert.equal(connections, 0, 'the connection of before is kept');
    assert.equal(await carrier(), before);

    left.lead(two);
    await one.kill();
    const killed = Date.now();
    await eventually('another server carrying the call', async () => (await carrier()) !== before, 20_000);
    await Promise.all([movesAgain(customer.page), movesAgain(agent.page)]);
    const resumed = Date.now();
    assert.ok(resumed - killed < 20_000, `it took ${resumed - killed} ms from the kill until both saw each other again`);
    assert.equal(connections, 1, 'the customer built one connection anew');
    assert.equal(await agent.page.evaluate(async () => (await (await fetch('/api/v1/desk')).json()).call_id), call, 'it is the same call');
    console.log(`# both ends saw each other again ${resumed - killed} ms after the kill`);
    await agent.page.waitForTimeout(2_000);
    await agent.hangUp();

    const supervisor = await Colleague.signIn(await launch(), two, 'huong');
    const recording = await eventually('the recording being sealed', () => supervisor.page.evaluate(async (id) => {
      const [row] = (await (await fetch('/api/v1/dossiers?q=binh+an')).json()).rows;
      const view = await (await fetch(`/api/v1/dossiers/${row.id}?purpose=audit`)).json();
      const found = view.calls.find((other) => other.id === id);
      return found?.recording?.state === 'sealed' ? { ...found.recording, end: found.end_reason } : null;
    }, call), 90_000);
    assert.equal(recording.end, 'hung_up');
    const gaps = recording.files.find(({ name }) => name === 'customer.webm').gaps;
    assert.ok(gaps.length > 0 && gaps.some(({ from_ms, to_ms }) => to_ms - from_ms > 2_000), `the gap is shown: ${JSON.stringify(gaps)}`);
    noComplaints(customer.page, agent.page);
  } catch (error) {
    error.message += `\n--- one's last words\n${one?.log.slice(-2000)}\n--- two's last words\n${two?.log.slice(-2000)}`;
    throw error;
  } finally {
    for (const thing of open.reverse()) await thing.close();
    await two?.stop();
    await one?.stop();
    await engines.stop();
  }
});
