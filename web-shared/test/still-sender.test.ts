import assert from 'node:assert/strict';
import { test } from 'node:test';

import { SendError, sha256Of, StillSender, type Channel } from '../src/still-sender';

/** A channel with a server at its other end that takes what it is given. */
class FakeChannel implements Channel {
  readyState = 'open';
  bufferedAmount = 0;
  bufferedAmountLowThreshold = 0;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onbufferedamountlow: (() => void) | null = null;
  texts: { type: string; id: string; size: number; sha256: string }[] = [];
  pieces: { at: number; bytes: Uint8Array }[] = [];
  send(data: string | ArrayBuffer): void {
    if (typeof data === 'string') this.texts.push(JSON.parse(data));
    else {
      this.pieces.push({ at: new DataView(data).getUint32(0), bytes: new Uint8Array(data.slice(4)) });
      this.bufferedAmount += data.byteLength;
    }
  }
  say(answer: object): void {
    this.onmessage?.({ data: JSON.stringify(answer) });
  }
  /** The network has taken everything. */
  flush(): void {
    this.bufferedAmount = 0;
    this.onbufferedamountlow?.();
  }
  get under(): number {
    return this.pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }
}

const picture = Uint8Array.from({ length: 600_000 }, (_, at) => at % 251).buffer;
const HASH = 'ab'.repeat(32);

test('a picture is announced, sent in order and no faster than it is heard of', async () => {
  const channel = new FakeChannel();
  const sender = new StillSender();
  sender.use(channel);
  const shares: number[] = [];
  const sent = sender.send('s1', picture, HASH, (share) => shares.push(share));
  assert.deepEqual(channel.texts, [{ type: 'still', id: 's1', size: 600_000, sha256: HASH }]);
  assert.equal(channel.under, 0, 'nothing before the server says go on');
  channel.say({ type: 'go_on', id: 's1', from: 0 });
  assert.ok(channel.under <= 80 * 1024, 'the buffer is not filled without end');
  for (let heard = 0; channel.under < 600_000; ) {
    const before = channel.under;
    channel.flush();
    assert.ok(channel.under - heard <= 272 * 1024, `${channel.under - heard} under way`);
    if (channel.under === before) channel.say({ type: 'got', id: 's1', bytes: (heard = channel.under) });
  }
  channel.say({ type: 'done', id: 's1' });
  await sent;
  assert.equal(shares.at(-1), 1);
  assert.deepEqual(Buffer.concat(channel.pieces.map(({ bytes }) => bytes)), Buffer.from(picture));
  channel.pieces.reduce((at, piece) => (assert.equal(piece.at, at), at + piece.bytes.length), 0);
});

test('what broke off goes on at another channel where the server says', async () => {
  const sender = new StillSender();
  const [first, second] = [new FakeChannel(), new FakeChannel()];
  sender.use(first);
  const sent = sender.send('s1', picture, HASH, () => undefined);
  first.say({ type: 'go_on', id: 's1', from: 0 });
  first.readyState = 'closed';
  first.onclose?.();
  second.readyState = 'connecting';
  sender.use(second);
  assert.equal(second.texts.length, 0);
  second.readyState = 'open';
  second.onopen?.();
  second.say({ type: 'go_on', id: 's1', from: 590_000 });
  assert.deepEqual(second.pieces.map(({ at, bytes }) => [at, bytes.length]), [[590_000, 10_000]]);
  second.say({ type: 'done', id: 's1' });
  await sent;
});

test('a refusal, another picture and the end of the call are told', async () => {
  const channel = new FakeChannel();
  const sender = new StillSender();
  sender.use(channel);
  const refused = sender.send('s1', picture, HASH, () => undefined);
  channel.say({ type: 'refused', id: 'other', code: 'not_asked' });
  channel.say({ type: 'refused', id: 's1', code: 'wrong_hash' });
  await assert.rejects(refused, (error) => error instanceof SendError && error.code === 'wrong_hash');
  const replaced = sender.send('s2', picture, HASH, () => undefined);
  const closed = sender.send('s3', picture, HASH, () => undefined);
  await assert.rejects(replaced, /replaced/);
  sender.close();
  await assert.rejects(closed, /closed/);
});

test('hashes are written as the server writes them', async () => {
  assert.equal(await sha256Of(new TextEncoder().encode('test').buffer), '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08');
});
