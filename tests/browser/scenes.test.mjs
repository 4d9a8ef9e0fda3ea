// What goes otherwise than planned: an appointment moved, a page reloaded in the call, a server killed in the call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { pictureTimes } from './film.mjs';
import { Colleague, Customer, fetchRecording, inCall, movesAgain, noComplaints, playing } from './people.mjs';
import { eventually, stage } from './rig.mjs';
import { dueAtOnce, keepAppointment } from './story.mjs';

/** Who is identified without photographs. */
const NAME = 'TRẦN BÌNH AN';

test('an appointment is booked, moved and cancelled by its customer, and the agent reads it at once', { timeout: 180_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    const first = await customer.book(3);
    assert.equal(first.state, 'booked');

    const agent = await Colleague.signIn(await launch(), server, 'lan');
    await agent.openBookings(first);
    await agent.seesBooking(NAME, first, 'Booked');
    let loads = 0;
    agent.page.on('framenavigated', () => (loads += 1));

    await customer.press('Change the time');
    const moved = await customer.book(4);
    assert.notEqual(moved.starts_at, first.starts_at);
    await agent.seesBooking(NAME, moved, 'Booked');

    const link = await fetch(`${server.url}/api/v1/bookings/by-link/${moved.link_token}`);
    assert.equal(link.status, 200);
    await customer.press('Cancel the appointment');
    await customer.page.getByRole('dialog').getByRole('button', { name: 'Cancel the appointment' }).click();
    await customer.sees('When shall we talk?');
    await agent.seesBooking(NAME, moved, 'Cancelled');
    assert.equal(loads, 0, 'the list was told, it did not ask');
    noComplaints(customer.page, agent.page);
  });
});

test('at the time of the appointment the agent rings the open page and the call begins', { timeout: 180_000 }, async () => {
  await stage(dueAtOnce, async ({ server, launch }) => {
    const { customer, agent } = await keepAppointment(server, launch);
    await playing(customer.page);
    await playing(agent.page);
    noComplaints(customer.page, agent.page);
  });
});

test('when the time of an appointment comes it is the next free agent whose press rings the open page', { timeout: 180_000 }, async () => {
  await stage({ settings: { VISAVIS__BOOKING__NOTICE_MINUTES: '0' } }, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    const booking = await customer.book(0);
    const agent = await Colleague.signIn(await launch(), server, 'mai');
    await agent.getReady();
    // Nobody waits a quarter of an hour for a test: the appointment is moved to now, not the clock to the appointment.
    const now = Date.now();
    await server.sql(`update slots set starts_at = ${now - 1_000}, ends_at = ${now + 900_000} where id = (select slot_id from bookings)`);
    await agent.page.getByText('Booked call', { exact: true }).waitFor();
    await customer.page.getByText('It is time for your call.').waitFor();
    await agent.press(/^Ring/);
    const ring = customer.page.getByRole('dialog');
    await ring.getByText(/^Your appointment with/).waitFor();
    await ring.getByRole('button', { name: 'Answer' }).click();
    await playing(customer.page);
    await playing(agent.page);
    assert.equal((await customer.booking()).id, booking.id);
    noComplaints(customer.page, agent.page);
  });
});

test('both ends may reload in a call; a server killed in it comes back and the call goes on', { timeout: 240_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const { customer, agent } = await inCall({ server, launch });

    await customer.page.reload();
    await customer.show('face');
    await playing(customer.page);
    await playing(agent.page);
    await agent.page.reload();
    await playing(agent.page);
    await playing(customer.page);

    const deskCall = () => agent.page.evaluate(async () => (await (await fetch('/api/v1/desk')).json()).call_id);
    const call = await deskCall();
    await agent.page.waitForTimeout(2_000);
    await server.kill();
    const killed = Date.now();
    // Away for longer than the second above which a missing picture is a hole, however fast this machine starts a server.
    await agent.page.waitForTimeout(1_500);
    await server.serve();
    const serving = Date.now();
    await Promise.all([movesAgain(customer.page), movesAgain(agent.page)]);
    const resumed = Date.now();
    assert.ok(resumed - serving < 10_000, `it took ${resumed - serving} ms from the new start until both saw each other again`);
    assert.equal(await deskCall(), call, 'it is the same call');
    await agent.page.waitForTimeout(3_000);
    await agent.hangUp();
    const over = Date.now();

    const supervisor = await Colleague.signIn(await launch(), server, 'huong');
    const recording = await eventually('the recording being sealed', () => supervisor.page.evaluate(async (id) => {
      const [row] = (await (await fetch('/api/v1/dossiers?q=binh+an')).json()).rows;
      const view = await (await fetch(`/api/v1/dossiers/${row.id}?purpose=audit`)).json();
      const found = view.calls.find((one) => one.id === id);
      return found?.recording?.state === 'sealed' ? { ...found.recording, end: found.end_reason, started_at: found.started_at } : null;
    }, call), 60_000);
    assert.equal(recording.end, 'hung_up');
    const lasted = over - Date.parse(recording.started_at);
    assert.ok(Math.abs(recording.duration_ms - lasted) < 2_000, `${recording.duration_ms} ms of ${lasted} ms were kept`);
    const file = path.join(os.tmpdir(), `visavis-${call}.webm`);
    try {
      await writeFile(file, await fetchRecording(supervisor.page, call, 'customer.webm'));
      // A picture a second at least, before the server died and after it came back; in between is what could not be recorded.
      const seen = await pictureTimes(file);
      const offset = Date.parse(recording.started_at) + recording.files.find(({ name }) => name === 'customer.webm').offset_ms;
      const holes = seen.slice(1).map((at, i) => ({ from: offset + seen[i] * 1000, ms: (at - seen[i]) * 1000 })).filter(({ ms }) => ms > 1_000);
      const [hole] = holes.filter(({ from }) => from > killed - 3_000);
      assert.ok(hole !== undefined, 'the time without a server is a gap, not a still');
      assert.ok(killed - hole.from < 1_000, `${killed - hole.from} ms before the kill were lost`);
      assert.ok(hole.from + hole.ms < resumed + 500, 'what came after is there');
    } finally {
      await rm(file, { force: true });
    }
  });
});
