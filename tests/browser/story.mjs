// The main job, told once: a customer is identified by an agent and found again by a supervisor. The tests prove it, the
// demo shows it.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { brightness, loudness, probe, rises, skews } from './film.mjs';
import { Colleague, Customer, fetchRecording, looker, noComplaints } from './people.mjs';
import { eventually } from './rig.mjs';

/** Plays the whole journey; `launch` starts a browser; pictures and the recording are left in `screens`. */
export async function wholeStory(server, launch, screens) {
  const customer = await Customer.arrive(await launch(), server);
  const see = looker(customer.page, screens);
  await customer.begin(see);
  await customer.photograph(see);
  assert.equal(await customer.field('Full name').inputValue(), 'Nguyễn Thị Minh Khai');
  await customer.confirm(see);

  const agent = await Colleague.signIn(await launch(), server, 'lan', looker(null, screens));
  const watch = looker(agent.page, screens);
  await agent.getReady(watch);
  await customer.callNow(see);
  await agent.accept(watch);
  await customer.hearsAndSees();
  await agent.check(customer, watch);
  await agent.page.waitForTimeout(4_000);
  await agent.approve(watch);
  await customer.sees('You are identified');
  await see('done');
  noComplaints(customer.page, agent.page);

  const supervisor = await Colleague.signIn(await launch(), server, 'huong');
  const { page } = supervisor;
  const inspect = looker(page, screens);
  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByLabel(/Name, document number/).fill('minh khai');
  await page.getByRole('link', { name: /Minh Khai/i }).or(page.getByRole('row', { name: /Minh Khai/i })).first().waitFor();
  await inspect('files');
  await page.getByText('Nguyễn Thị Minh Khai').first().click();
  await page.getByLabel('Purpose').selectOption('audit');
  await supervisor.press('Open the file');
  const film = await sealed(page, 'minh+khai');
  await page.reload();
  await page.getByLabel('Purpose').or(page.locator('video')).first().waitFor();
  if (await page.getByLabel('Purpose').isVisible()) {
    await page.getByLabel('Purpose').selectOption('audit');
    await supervisor.press('Open the file');
  }
  const player = page.locator('video').first();
  await player.waitFor();
  await eventually('the film being playable', () => player.evaluate((video) => video.readyState >= 1 && video.duration > 5));
  await inspect('file');
  return { call: film.call, dossier: film.id, kept: await keep(page, film, screens), page };
}

/** The sealed recording of the last call of whom the words find, as a supervisor's page sees it. */
export function sealed(page, words) {
  return eventually('the film being sealed', () => page.evaluate(async (asked) => {
    const id = (await (await fetch(`/api/v1/dossiers?q=${asked}`)).json()).rows[0].id;
    const { calls } = await (await fetch(`/api/v1/dossiers/${id}?purpose=audit`)).json();
    return calls.at(-1).recording?.state === 'sealed' ? { call: calls.at(-1).id, files: calls.at(-1).recording.files, id } : null;
  }, words), 120_000);
}

/** Copies the files of a sealed recording into a folder; where each lies, by its name. */
export async function keep(page, film, folder) {
  assert.deepEqual(film.files.map((file) => file.name).sort(), ['agent.webm', 'customer.webm', 'film.mp4']);
  const kept = {};
  for (const file of film.files) {
    kept[file.name] = path.join(folder, file.name);
    const content = await fetchRecording(page, film.call, file.name);
    assert.equal(content.length, file.size);
    await writeFile(kept[file.name], content);
  }
  return kept;
}

/** Proves the recording by decoding it: lengths, both pictures, both sounds, each flash with its beep, mostly no more than `most` seconds apart. */
export async function proveFilm(kept, most = 0.1) {
  const film = await probe(kept['film.mp4']);
  assert.ok(film.seconds > 8 && film.seconds < 200, `the film lasts ${film.seconds} s`);
  assert.deepEqual(film.streams.map((stream) => stream.codec_type).sort(), ['audio', 'video']);
  for (const [half, crop, tone] of [['customer', 'crop=iw/2:ih:0:0', 880], ['agent', 'crop=iw/2:ih:iw/2:0', 1500]]) {
    const light = await brightness(kept['film.mp4'], crop);
    assert.ok(Math.max(...light) > 60, `the ${half} is seen in the film`);
    const sound = await loudness(kept['film.mp4'], tone);
    const [flashes, beeps] = [rises(light), rises(sound)];
    assert.ok(flashes.length >= 3, `${half}: ${flashes.length} flashes`);
    assert.ok(beeps.length >= 3, `${half}: ${beeps.length} beeps`);
    const apart = skews(flashes, beeps).map(Math.abs).sort((a, b) => a - b);
    assert.ok(apart.length >= 2 && apart[apart.length >> 1] <= most, `${half}: flash and beep lie ${apart} s apart`);
  }
  for (const name of ['customer.webm', 'agent.webm']) {
    const { streams, seconds } = await probe(kept[name]);
    assert.deepEqual(streams.map((stream) => stream.codec_name).sort(), ['opus', 'vp8']);
    assert.ok(Math.abs(seconds - film.seconds) < 4, `${name} lasts ${seconds} s, the film ${film.seconds} s`);
  }
}

/** Settings with which the next appointment that can be booked is already due. */
export const dueAtOnce = { settings: { VISAVIS__BOOKING__NOTICE_MINUTES: '0', VISAVIS__BOOKING__RINGS_BY_ITSELF: 'false' } };

/** A customer books the next time; the agent finds it in the list of the day and rings; the customer answers. */
export async function keepAppointment(server, launch, screens) {
  const customer = await Customer.arrive(await launch(), server);
  const see = screens ? looker(customer.page, screens) : async () => {};
  await customer.confirmQuickly();
  const booking = await customer.book(0);
  await see('booked');
  const agent = await Colleague.signIn(await launch(), server, 'mai');
  const watch = screens ? looker(agent.page, screens) : async () => {};
  await agent.openBookings(booking);
  const card = await agent.seesBooking('TRẦN BÌNH AN', booking, 'Booked');
  await card.getByText('Page open').waitFor();
  await card.getByText('Say that you are ready to call.').waitFor();
  await agent.page.getByRole('button', { name: /^Offline/ }).click();
  await agent.press('Ready', { exact: true });
  await card.getByRole('button', { name: /^Call/ }).waitFor();
  await watch('bookings');
  await card.getByRole('button', { name: /^Call/ }).click();
  await customer.page.getByRole('dialog').getByRole('button', { name: 'Answer' }).waitFor();
  await see('ringing');
  await watch('ringing-agent');
  await customer.page.getByRole('dialog').getByRole('button', { name: 'Answer' }).click();
  return { customer, agent };
}
