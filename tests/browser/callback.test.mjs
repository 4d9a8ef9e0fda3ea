// A customer does not want to wait on the page: the place is kept, the page rings at the turn, an answer is a call. And a time that is
// chosen is held, with the minutes left beside it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Colleague, Customer, noComplaints, playing } from './people.mjs';
import { stage } from './rig.mjs';

test('a customer who is called back keeps the place, is rung at the turn, and the call begins', { timeout: 180_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    await customer.callNow();
    await customer.sees('You are in line');
    await customer.press('Call me back');
    const sheet = customer.page.getByRole('dialog');
    await sheet.getByLabel('Text message').check();
    await sheet.getByLabel('Your phone number').fill('12');
    await sheet.getByRole('button', { name: 'Keep my place and call me back' }).click();
    await sheet.getByText('Please check the number or address.').waitFor();
    await sheet.getByLabel('Only on this page').check();
    await sheet.getByRole('button', { name: 'Keep my place and call me back' }).click();
    await customer.page.getByText('We ring this page when it is your turn. Your place is kept.').waitFor();

    // The page goes for longer than a place would be kept for somebody who waits on it, and comes back.
    const address = customer.page.url();
    await customer.page.goto(`${server.url}/health`);
    await new Promise((done) => setTimeout(done, 33_000));
    await customer.page.goto(address);
    await customer.sees('You are in line');

    const agent = await Colleague.signIn(await launch(), server, 'lan');
    await agent.press('I am ready');
    await agent.page.getByRole('alertdialog').getByText('Call back').waitFor();
    await agent.page.getByRole('button', { name: /^Ring/ }).click();
    await agent.page.getByText(/^Calling .* back/).waitFor();
    const ringing = customer.page.getByRole('dialog');
    await ringing.getByText('to call you back').waitFor();
    await ringing.getByRole('button', { name: 'Answer' }).click();
    await playing(customer.page);
    await playing(agent.page);
    noComplaints(customer.page, agent.page);
  });
});

test('a time that is chosen is held, and one that is lost meanwhile costs nothing', { timeout: 120_000 }, async () => {
  await stage({}, async ({ server, launch }) => {
    const customer = await Customer.arrive(await launch(), server);
    await customer.confirmQuickly();
    const time = customer.page.locator('[data-slot]').nth(2);
    const slot = await time.getAttribute('data-slot');
    await time.click();
    await customer.page.getByText(/We hold this time for you: [34]:\d\d/).waitFor();
    // Somebody else is faster while the hold cannot be kept: the page says so, and shows what is left.
    await customer.page.route('**/hold', (route) => route.fulfill({ status: 409, json: { code: 'slot_full', message: '', request_id: '', fields: [] } }));
    const day = await customer.page.locator('[data-day][aria-pressed=true]').getAttribute('data-day');
    await customer.page.locator('[data-slot]').nth(5).click();
    await customer.page.getByText('Somebody just took that time.').waitFor();
    assert.equal(await customer.page.locator('[data-day][aria-pressed=true]').getAttribute('data-day'), day, 'the day stays');
    await customer.page.unroute('**/hold');
    await customer.page.locator(`[data-slot="${slot}"]`).click();
    await customer.page.getByText(/We hold this time for you: /).waitFor();
    await customer.press(/^Book /);
    await customer.sees('You are booked');
  });
});
