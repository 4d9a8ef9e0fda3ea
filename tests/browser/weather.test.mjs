// Calls in bad weather: what is seen and heard while the way to the server moves, is closed, or is as bad as a way may be. Everything
// is measured inside the pages and in the recording. VISAVIS_WEATHER_SECONDS: how long each bad weather lasts (10).
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { complaints, loudness, probe, silence } from './film.mjs';
import { ask, install } from './meters.mjs';
import { Colleague, fetchRecording, inCall, noComplaints } from './people.mjs';
import { eventually, folder, obey, stage } from './rig.mjs';
import { Weather } from './weather.mjs';

const seconds = Number(process.env.VISAVIS_WEATHER_SECONDS ?? 10);
const left = await folder('weather');
const SIDES = ['customer', 'agent'];
const TONES = { customer: 880, agent: 1500 };
const ms = (time) => `${Math.round(time)} ms`;
const share = (part) => `${(100 * part).toFixed(1)} %`;

/** A call whose both ends reach the media server through a weather of their own. */
async function callIn(seed, scene) {
  await stage({}, async (set) => {
    const weather = await Weather.before(set.server, seed);
    const who = { hum: true, prepare: (page) => obey(page, weather.rule) };
    try {
      const call = await inCall(set, { customer: who, agent: who });
      for (const { page } of [call.customer, call.agent]) await install(page);
      await scene({ ...set, ...call, weather, pages: [call.customer.page, call.agent.page] });
      noComplaints(call.customer.page, call.agent.page);
    } finally {
      weather.close();
    }
  });
}

/** Asks the meters of both ends; `since` each end's own clock. */
const both = (pages, meter, since) => Promise.all(pages.map((page, end) => ask(page, meter, since?.[end])));

/** Stops both cameras until everything sent has come, and counts: for each page what it has decoded of what the other sent. */
async function counted(pages) {
  for (const page of pages) await page.evaluate(() => window.__camera.show('nothing new'));
  let last = '';
  const frames = await eventually('nothing being under way any more', async () => {
    const now = await both(pages, 'frames');
    const isStill = JSON.stringify(now) === last;
    last = JSON.stringify(now);
    if (!isStill) await pages[0].waitForTimeout(400);
    return isStill && now;
  });
  for (const page of pages) await page.evaluate(() => window.__camera.show('face'));
  await pages[0].waitForTimeout(500);
  return frames.map((frame, end) => ({ ...frame, missing: frames[1 - end].sent - frame.framesDecoded }));
}

test('no picture is lost over restarts of ICE, and when UDP is closed the call goes on over TCP within 2 s', { timeout: 180_000 }, async () => {
  await callIn(1, async ({ weather, pages }) => {
    // The beginning of a call is not counted: pictures sent before the other end was there are no loss.
    await pages[0].waitForTimeout(2_000);
    const before = await counted(pages);
    const [from, clients] = [await both(pages, 'now'), weather.clients];
    // What a browser tells a page whose device came to another network: the page restarts ICE, from new ports.
    for (const restarting of [[pages[0]], [pages[1]], pages]) {
      const names = await both(restarting, 'fragment');
      for (const page of restarting) await page.evaluate(() => dispatchEvent(new Event('online')));
      await eventually('the new way being used', async () => (await both(restarting, 'fragment')).every((name, at) => name !== names[at]), 10_000);
      await pages[0].waitForTimeout(700);
    }
    const seen = await both(pages, 'pictures', from);
    const after = await counted(pages);
    assert.ok(weather.clients >= clients + 4, `four times somebody came from another port: ${clients}, then ${weather.clients}`);
    for (const [end, side] of SIDES.entries()) {
      const [frames, lost] = [after[end].framesDecoded - before[end].framesDecoded, after[end].missing - before[end].missing];
      console.log(`# ICE restarts, the ${side}: ${frames} pictures, ${lost} lost, ${after[end].framesDropped - before[end].framesDropped} dropped, ${ms(seen[end].longest)} apart at most`);
      assert.ok(frames > 30, `${frames} pictures came`);
      assert.equal(lost, 0, `${side}: sent but not decoded: ${JSON.stringify([before, after])}`);
      assert.ok(seen[end].longest < 700, `${side}: ${seen[end].longest} ms without a new picture`);
    }

    const closed = await both(pages, 'now');
    weather.become({ shut: true });
    await pages[0].waitForTimeout(5_000);
    assert.deepEqual(await both(pages, 'way'), ['tcp', 'tcp']);
    for (const [end, { longest, count }] of (await both(pages, 'pictures', closed)).entries()) {
      console.log(`# UDP closed, the ${SIDES[end]}: ${ms(longest)} without a new picture, then ${count}`);
      assert.ok(longest <= 2_000, `${longest} ms without a new picture`);
      assert.ok(count > 20, `${count} pictures in 5 s`);
    }
  });
});

/** What each is called, and the share it takes in all. */
const WEATHERS = {
  'random loss': { share: 0.1, loss: 0.1, delay: [20, 120], rate: 300_000 },
  // A burst begins at one of 96 packets and takes five: 5 % in all.
  bursts: { share: 0.05, bursts: [1 / 96, 5], delay: [20, 120], rate: 300_000 },
};

/** Files of the recording of the only call, kept in `left`. */
async function recorded({ server, launch, agent }, name) {
  const call = await agent.page.evaluate(async () => (await (await fetch('/api/v1/desk')).json()).call_id);
  await agent.hangUp();
  const { page } = await Colleague.signIn(await launch(), server, 'huong');
  await eventually('the recording being sealed', () => page.evaluate(async (id) => {
    const [row] = (await (await fetch('/api/v1/dossiers?q=binh+an')).json()).rows;
    const view = await (await fetch(`/api/v1/dossiers/${row.id}?purpose=audit`)).json();
    return view.calls.find((other) => other.id === id)?.recording?.state === 'sealed';
  }, call), 60_000 + seconds * 1_000);
  const kept = {};
  for (const side of SIDES) {
    kept[side] = path.join(left, `${name}-${side}.webm`);
    await writeFile(kept[side], await fetchRecording(page, call, `${side}.webm`));
  }
  return kept;
}

/** Lets a call go through a weather; what was seen and heard meanwhile. */
async function through(name, { pages, weather }) {
  await both(pages, 'keep');
  const [from, states] = [await both(pages, 'now'), await both(pages, 'states')];
  const [before, clients] = [weather.counts, weather.clients];
  weather.become(WEATHERS[name]);
  await pages[0].waitForTimeout(seconds * 1_000);
  const [seen, heard] = [await both(pages, 'pictures', from), await both(pages, 'sound', from)];
  const after = weather.counts;
  weather.become({});
  const [taken, lost, full] = ['taken', 'lost', 'full'].map((kind) => after[kind] - before[kind]);
  console.log(`# ${name}, ${seconds} s: ${taken} packets, ${share(lost / taken)} lost, ${share(full / taken)} refused by full queues`);
  assert.ok(Math.abs(lost / taken - WEATHERS[name].share) < 0.02, 'the weather was what it is called');
  assert.deepEqual(await both(pages, 'states'), states, 'the connection was there all the time');
  assert.equal(weather.clients, clients, 'bad weather is not taken for a dead way');
  for (const [at, side] of SIDES.entries()) {
    const file = path.join(left, `${name}-heard-by-${side}.webm`);
    await writeFile(file, Buffer.from(await ask(pages[at], 'kept'), 'base64'));
    const gap = silence(await loudness(file, TONES[SIDES[1 - at]]));
    const { made, longest, events } = heard[at];
    console.log(`# … the ${side}: no silence over ${ms(gap * 1000)}; ${share(made)} of sound made up, ${events} times, for ${ms(longest)} at most; ${(seen[at].count / seconds).toFixed(1)} pictures a second, ${ms(seen[at].longest)} apart at most`);
    assert.ok(gap <= 0.2, `${side}: ${gap} s of silence`);
    assert.ok(longest <= 400, `${side}: ${longest} ms of sound made up at once`);
  }
}

/** Proves what was recorded of a call that was heard all the time. */
async function proveRecording(files) {
  for (const [side, file] of Object.entries(files)) {
    const { seconds: length, streams } = await probe(file);
    const gap = silence(await loudness(file, TONES[side]));
    console.log(`# … the recording of the ${side}: ${length.toFixed(1)} s, no silence over ${ms(gap * 1000)}`);
    assert.deepEqual(streams.map(({ codec_name: codec }) => codec).sort(), ['opus', 'vp8']);
    assert.ok(length >= seconds, `${length} s`);
    assert.equal(await complaints(file), '', `${side}: decodes to its end`);
    // On tape nothing is made up for what was lost; two bursts may follow each other.
    assert.ok(gap <= 0.3, `${side}: ${gap} s of silence on tape`);
  }
}

// Short, one call goes through all weathers; long, each has a call of its own.
const calls = seconds > 60 ? Object.keys(WEATHERS).map((name) => [name]) : [Object.keys(WEATHERS)];
for (const names of calls) {
  test(`${names.join(', then ')} with 100 ms of jitter at 300 kbit/s: the call is up, its sound whole, its recording decodes`, { timeout: 240_000 + seconds * 3_000 }, async () => {
    await callIn(7, async (set) => {
      for (const name of names) await through(name, set);
      await proveRecording(await recorded(set, names.at(-1)));
    });
  });
}
