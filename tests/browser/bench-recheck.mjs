// Part of `make bench-pose`: a call of CALL_SECONDS (300) in Chromium with the whole sequence of checks in it, and how long after
// hanging up the verdict on every check is filed that the server measured in the recording. Adds its figures to
// target/bench/pose.json.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { followAll, headCall, heads } from './heads.mjs';
import { Colleague, playing } from './people.mjs';
import { eventually, folder, stage } from './rig.mjs';

const SECONDS = Number(process.env.CALL_SECONDS ?? 300);

/** The only call there is, as a supervisor is shown it. */
const filed = (page) => page.evaluate(async () => {
  const [row] = (await (await fetch('/api/v1/dossiers?q=binh+an')).json()).rows;
  return (await (await fetch(`/api/v1/dossiers/${row.id}?purpose=audit`)).json()).calls.at(-1);
});

const cards = await heads({ large: true });
const figures = await stage({}, async ({ server, launch }) => {
  const { customer, agent } = await headCall({ server, launch }, cards);
  const began = Date.now();
  const until = (share) => agent.page.waitForTimeout(Math.max(0, began + SECONDS * 1000 * share - Date.now()));
  // They talk about the documents first.
  await customer.show('face');
  await until(0.5);
  await customer.show('head-frontal');
  await followAll(customer, agent);
  await customer.show('face');
  const supervisor = await Colleague.signIn(await launch(), server, 'huong');
  await until(1);
  await playing(agent.page);
  await agent.hangUp();
  const over = Date.now();
  const measured = await eventually('a verdict on every check', async () => {
    const { checks } = await filed(supervisor.page);
    return checks.length > 0 && checks.every((check) => check.measured !== null) && { after: Date.now() - over, checks };
  }, 180_000);
  const sealed = await eventually('the film being sealed', async () => ((await filed(supervisor.page)).recording.state === 'sealed' ? Date.now() - over : null), 600_000);
  return {
    verdict_after_hangup_s: measured.after / 1000,
    verdict_call_s: (over - began) / 1000,
    verdict_checks: measured.checks.length,
    verdict_checks_passed: measured.checks.filter((check) => check.measured.verdict === 'passed').length,
    film_after_hangup_s: sealed / 1000,
  };
});
const file = path.join(await folder('bench'), 'pose.json');
const before = await readFile(file, 'utf8').then(JSON.parse, () => ({}));
await writeFile(file, `${JSON.stringify({ ...before, ...figures }, null, 2)}\n`);
console.table(figures);
