// Plays the whole journey with two scripted browsers and a supervisor against a fresh server, for whoever has no camera at
// hand. Leaves screenshots, the film and the file's report under target/demo/.
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Colleague, Customer, looker } from './people.mjs';
import { browser, eventually, folder, Server } from './rig.mjs';

const began = Date.now();
const say = (sentence) => console.log(`${((Date.now() - began) / 1000).toFixed(0).padStart(4)} s  ${sentence}`);
const left = await folder('demo');
const open = [];
const launch = async () => {
  const launched = await browser();
  open.push(launched);
  return launched;
};

/** A looker that numbers its pictures in the order of the story. */
let count = 0;
const numbered = (page) => {
  const look = looker(page, left);
  return (name, other) => look(`${String(++count).padStart(2, '0')}-${name}`, other);
};

/** Text or bytes of a path of the server, as the signed-in page would get them. */
async function fetched(page, address) {
  const text = await page.evaluate(async (from) => {
    const answer = await fetch(from);
    if (!answer.ok) throw new Error(`${from} answered ${answer.status}`);
    const bytes = new Uint8Array(await answer.arrayBuffer());
    let letters = '';
    for (let at = 0; at < bytes.length; at += 0x8000) letters += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
    return btoa(letters);
  }, address);
  return Buffer.from(text, 'base64');
}

/** The newest file of a person and its call, once the recording is sealed. */
async function sealed(page, name) {
  return eventually('the recording being sealed', async () => {
    const found = JSON.parse(await fetched(page, `/api/v1/dossiers?q=${encodeURIComponent(name)}`));
    const id = found.rows[0].id;
    const view = JSON.parse(await fetched(page, `/api/v1/dossiers/${id}?purpose=review`));
    const call = view.calls.at(-1);
    return call?.recording?.state === 'sealed' ? { id, call: call.id, recording: call.recording } : null;
  }, 180_000);
}

async function play(server) {
  const customer = await Customer.arrive(await launch(), server);
  const see = numbered(customer.page);
  say('the customer opens the page and photographs a specimen card');
  await customer.begin(see);
  await customer.photograph(see);
  say('the card was read; the customer checks the details and agrees');
  await customer.confirm(see);

  const agent = await Colleague.signIn(await launch(), server, 'lan');
  const watch = numbered(agent.page);
  await agent.getReady(watch);
  say('an agent is ready; the customer calls');
  await customer.callNow(see);
  await agent.accept(watch);
  await customer.hearsAndSees();
  say('both see and hear each other; the agent directs the checks');
  await agent.check(customer, watch);
  await agent.approve(watch);
  await customer.sees('You are identified');
  await see('identified');
  say('the agent has decided; the recording is being sealed');

  const supervisor = await Colleague.signIn(await launch(), server, 'huong');
  const inspect = numbered(supervisor.page);
  const { page } = supervisor;
  const filed = await sealed(page, 'minh khai');
  await page.getByRole('link', { name: 'Files' }).click();
  await page.getByLabel(/Name, document number/).fill('minh khai');
  await page.getByText('NGUYỄN THỊ MINH KHAI').first().waitFor();
  await inspect('files');
  await page.getByText('NGUYỄN THỊ MINH KHAI').first().click();
  await page.getByLabel('Purpose').selectOption('review');
  await supervisor.press('Open the file');
  const player = page.locator('video').first();
  await eventually('the film being playable', () => player.evaluate((video) => video.readyState >= 2));
  await inspect('file');
  await writeFile(path.join(left, 'film.mp4'), await fetched(page, `/api/v1/recordings/${filed.call}/film.mp4?purpose=review`));
  await writeFile(path.join(left, 'report.html'), await fetched(page, `/api/v1/dossiers/${filed.id}/report?purpose=review`));
  say('a supervisor found the file and played the recording');
}

say('starting a fresh server');
const server = await Server.start();
try {
  await play(server);
} finally {
  for (const launched of open) await launched.close();
  await server.stop();
}
say(`done: ${count} screenshots, film.mp4 and report.html are in ${path.relative(process.cwd(), left)}/`);
