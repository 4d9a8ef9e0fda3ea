// What goes otherwise than planned: an appointment moved, a page reloaded in the call, a server killed in the call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Colleague, Customer, noComplaints, playing } from './people.mjs';
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

test('both ends may reload in a call; a killed server loses neither the customer nor the recording', { timeout: 240_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    const agent = await Colleague.signIn(await launch(), server, 'lan');
    await agent.getReady();
    await customer.callNow();
    await agent.accept();
    await customer.hearsAndSees();

    await customer.page.reload();
    await customer.show('face');
    await playing(customer.page);
    await playing(agent.page);
    await agent.page.reload();
    await playing(agent.page);
    await playing(customer.page);

    const call = await agent.page.evaluate(async () => (await (await fetch('/api/v1/desk')).json()).call_id);
    await server.kill();
    const killed = Date.now();
    await server.serve();
    await eventually('the customer being in line again', async () => {
      const ticket = await customer.page.evaluate(async () => (await (await fetch('/api/v1/ticket')).json()));
      return ['waiting', 'offered'].includes(ticket.state) && ticket.position <= 1;
    });
    const supervisor = await Colleague.signIn(await launch(), server, 'huong');
    const recording = await eventually('the cut recording being sealed', () => supervisor.page.evaluate(async (id) => {
      const [row] = (await (await fetch('/api/v1/dossiers?q=binh+an')).json()).rows;
      const view = await (await fetch(`/api/v1/dossiers/${row.id}?purpose=audit`)).json();
      const found = view.calls.find((one) => one.id === id);
      return found?.recording?.state === 'sealed' ? { ...found.recording, end: found.end_reason, started_at: found.started_at } : null;
    }, call), 60_000);
    assert.equal(recording.end, 'server_lost');
    const ran = killed - Date.parse(recording.started_at);
    assert.ok(recording.duration_ms > ran - 1_000, `${recording.duration_ms} ms of ${ran} ms were kept`);
    assert.ok(recording.duration_ms <= ran, `${recording.duration_ms} ms of ${ran} ms: no more was kept than there was`);
    assert.ok(recording.files.some((file) => file.name === 'customer.webm'));
  });
});
