// `make demo`: two scripted browsers and a supervisor play the whole journey against a fresh server, then an
// appointment is kept. Screenshots, the film and the file's report are left in target/demo/.
import { rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { looker } from './people.mjs';
import { folder, stage } from './rig.mjs';
import { dueAtOnce, keepAppointment, proveFilm, wholeStory } from './story.mjs';

const out = await folder('demo');
await stage(dueAtOnce, async ({ server, launch }) => {
  process.stdout.write(`the demo plays on ${server.url}; this takes about a minute\n`);
  const { kept, dossier, page } = await wholeStory(server, launch, out);
  await proveFilm(kept);
  const report = await page.evaluate(async (id) => (await fetch(`/api/v1/dossiers/${id}/report?purpose=review`)).text(), dossier);
  await writeFile(path.join(out, 'report.html'), report);
  await page.getByRole('link', { name: 'Team' }).click();
  await page.getByRole('heading', { name: 'Agents' }).waitFor();
  await looker(page, out)('team');
  await keepAppointment(server, launch, out);
  await rename(kept['film.mp4'], path.join(out, 'film.mp4'));
});
process.stdout.write(`done: ${path.relative(process.cwd(), out)}/ holds the screenshots, film.mp4, customer.webm, agent.webm and report.html\n`);
