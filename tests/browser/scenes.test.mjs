// What goes otherwise than planned: an appointment moved, a page reloaded in the call, a server killed in the call.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Colleague, Customer, noComplaints, playing } from './people.mjs';
import { eventually, stage } from './rig.mjs';

test('an appointment is booked, moved and cancelled by its customer', { timeout: 180_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    const book = async (nth, press) => {
      const time = customer.page.getByRole('button', { name: /^\d{1,2}:\d{2}/ }).or(customer.page.getByText(/^\d{1,2}:\d{2}$/)).nth(nth);
      await time.click();
      await customer.press(press);
    };
    await book(3, /^Book/);
    await customer.sees('You are booked');
    const booking = () => customer.page.evaluate(async () => (await fetch('/api/v1/booking')).json());
    const first = await booking();
    assert.equal(first.state, 'booked');

    await customer.press('Change the time');
    await book(7, /^Book/);
    await eventually('the appointment being moved', async () => (await booking()).starts_at !== first.starts_at);
    await customer.sees('You are booked');

    const link = await browserless(server, `/api/v1/bookings/by-link/${(await booking()).link_token}`);
    assert.equal(link.status, 200);
    await customer.press('Cancel the appointment');
    await customer.page.getByRole('dialog').getByRole('button', { name: 'Cancel the appointment' }).click();
    await customer.sees('When shall we talk?');
    noComplaints(customer.page);
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
      return found?.recording?.state === 'sealed' ? { ...found.recording, end: found.end_reason } : null;
    }, call), 60_000);
    assert.equal(recording.end, 'server_lost');
    assert.ok(recording.duration_ms > 3_000, `${recording.duration_ms} ms were kept`);
    assert.ok(recording.files.some((file) => file.name === 'customer.webm'));
  });
});

async function browserless(server, path) {
  return fetch(`${server.url}${path}`);
}
