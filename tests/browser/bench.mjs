// `make bench`: how long a call takes to be seen, what one call costs the server, how much a customer loads. Prints the
// figures and leaves them in target/bench/call.json. Nothing is asserted: they depend on the machine.
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Colleague, Customer, playing } from './people.mjs';
import { folder, root, stage } from './rig.mjs';

const TICKS_PER_SECOND = 100;

/** CPU seconds used so far and resident MB of a process. */
async function usage(pid) {
  const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ');
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return { cpu: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND, rss: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024 };
}

/** Gzip KB of what the first screen loads: the entry page and every script and style it names, without lazy parts. */
async function firstLoad() {
  const dist = path.join(root, 'web-client/dist');
  const html = await readFile(path.join(dist, 'index.html'), 'utf8');
  const named = [...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].map((match) => match[1]);
  const english = (await readdir(path.join(dist, 'assets'))).filter((name) => /^(common|client)\.en-.*\.js$/.test(name)).map((name) => `assets/${name}`);
  let bytes = gzipSync(html).length;
  for (const name of new Set([...named, ...english])) {
    const file = path.join(dist, name);
    if ((await stat(file)).isFile() && /\.(js|css)$/.test(name)) bytes += gzipSync(await readFile(file)).length;
  }
  return bytes / 1024;
}

const figures = await stage({}, async ({ server, launch }) => {
  const idle = await usage(server.process.pid);
  const customer = await Customer.arrive(await launch(), server);
  await customer.confirmQuickly();
  const agent = await Colleague.signIn(await launch(), server, 'lan');
  await agent.getReady();
  await customer.callNow();
  await agent.page.getByRole('button', { name: /^Accept/ }).waitFor();
  const setup = await agent.page.evaluate(async () => {
    const began = performance.now();
    [...document.querySelectorAll('button')].find((button) => /^\s*Accept/.test(button.textContent)).click();
    for (;;) {
      const seen = [...document.querySelectorAll('video')].some((video) => !video.muted && video.videoWidth > 0 && video.currentTime > 0);
      if (seen) return performance.now() - began;
      await new Promise((wait) => setTimeout(wait, 5));
    }
  });
  await playing(customer.page);
  const before = await usage(server.process.pid);
  const seconds = 20;
  await agent.page.waitForTimeout(seconds * 1000);
  const after = await usage(server.process.pid);
  return {
    setup_ms: Math.round(setup),
    server_cpu_share_one_call: Number(((after.cpu - before.cpu) / seconds).toFixed(3)),
    server_rss_mb_idle: Math.round(idle.rss),
    server_rss_mb_one_call: Math.round(after.rss),
    client_first_load_gzip_kb: Number((await firstLoad()).toFixed(1)),
  };
});
await writeFile(path.join(await folder('bench'), 'call.json'), `${JSON.stringify(figures, null, 2)}\n`);
console.table(figures);
