// `make bench-pose`: how well and how dearly heads are measured. Films come from the pose crate's studio; a folder of other
// films with a truth.json (name → fps, segments of [from, to, pose]; names that begin with `neg` must not pass, the others say
// their order after the first underscore, as in `x_RLDU`) may be named in POSE_CLIPS. Prints the figures and leaves them in
// target/bench/pose.json, with those of a call of CALL_SECONDS. Nothing is asserted: they depend on the machine.
import { execFile, execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../..');
const out = path.join(root, 'target/bench');
const program = path.join(root, 'target/debug/visavis');
const example = (name) => path.join(root, 'target/debug/examples', name);
const run = promisify(execFile);
const WORDS = { L: 'left', R: 'right', U: 'up', D: 'down' };

/** What the program says of a film, and the processor seconds it took. */
async function judge(film, order) {
  const began = children();
  const { stdout } = await run(program, ['pose', film, '--orders', '--expect', ['frontal', ...order].join(',')], { maxBuffer: 1 << 28 });
  return { ...JSON.parse(stdout), cpu: children() - began };
}

/** Processor seconds of all children that have ended. */
function children() {
  const fields = execFileSync('cat', [`/proc/${process.pid}/stat`], { encoding: 'utf8' }).split(') ')[1].split(' ');
  return (Number(fields[13]) + Number(fields[14])) / 100;
}

/** Frames measured within labelled holds, and those read as labelled. */
function holds(result, segments) {
  const front = result.calibration;
  let [all, right] = [0, 0];
  for (const moment of result.timeline) {
    const segment = segments.find(([from, to]) => moment.ms >= from * 1000 && moment.ms <= to * 1000);
    if (segment === undefined || !(segment[2] === 'frontal' || Object.values(WORDS).includes(segment[2]))) continue;
    all += 1;
    if (front !== null && moment.yaw !== null && reads(moment.yaw - front.yaw, moment.pitch - front.pitch) === segment[2]) right += 1;
  }
  return [all, right];
}

/** The pose of an angle off the front, by the figures of the rules. */
function reads(yaw, pitch) {
  if (Math.abs(yaw) < 8.5 && Math.abs(pitch) < 8.5) return 'frontal';
  const along = { left: [yaw, pitch], right: [-yaw, pitch], down: [pitch, yaw], up: [-pitch, yaw] };
  return Object.keys(along).find((pose) => along[pose][0] >= 8.4 && Math.abs(along[pose][1]) < 12) ?? 'between';
}

/** [film, order, truth] of every film; `truth` is null for one that must not pass. */
async function films(folder) {
  const made = [];
  const shoot = async (name, order, scene) => {
    const film = path.join(folder, `${name}.mjpeg`);
    await run(example('studio'), ['film', film, order.join(','), scene]);
    return film;
  };
  for (const letters of ['RLDU', 'ULRD']) {
    const order = [...letters].map((letter) => WORDS[letter]);
    let now = 2.4;
    const segments = [[0, now, 'frontal']];
    for (const pose of order.flatMap((pose) => [pose, 'frontal'])) {
      segments.push([now + 0.6, now + 2.4, pose]);
      now += 2.4;
    }
    made.push([await shoot(`studio_${letters}`, order, 'plain'), order, segments]);
  }
  for (const scene of ['print', 'still', 'frozen', 'two', 'dark', 'far', 'empty']) made.push([await shoot(scene, ['right', 'left'], scene), [], null]);
  const other = process.env.POSE_CLIPS;
  if (other !== undefined) {
    const truth = JSON.parse(await readFile(path.join(other, 'truth.json'), 'utf8'));
    const files = await readdir(other);
    for (const [name, { segments }] of Object.entries(truth)) {
      const file = files.find((file) => path.parse(file).name === name);
      if (file === undefined) continue;
      const letters = /_([LRUD]+)(?:_|$)/.exec(name)?.[1];
      const isNegative = name.startsWith('neg') || letters === undefined;
      made.push([path.join(other, file), isNegative ? [] : [...letters].map((letter) => WORDS[letter]), isNegative ? null : segments]);
    }
  }
  return made;
}

async function small(film, folder) {
  const to = path.join(folder, `${path.parse(film).name}-small.webm`);
  const vp8 = '-vf scale=320:240 -c:v libvpx -deadline realtime -cpu-used 8 -b:v 100k -g 300 -auto-alt-ref 0 -lag-in-frames 0';
  await run('ffmpeg', ['-v', 'error', '-y', '-r', '30', '-i', film, ...vp8.split(' '), to]);
  return to;
}

/** How far the angles of the browser's engine are from the native ones on the same pictures, at most. */
async function wasmApart(folder, measured) {
  const { instance } = await WebAssembly.instantiate(await readFile(path.join(root, 'web-shared/src/pose/engine.wasm')));
  const engine = instance.exports;
  if (engine.pose_start() !== 0) throw new Error('the engine of the browser does not start');
  let apart = 0;
  for (const [number, native] of measured.entries()) {
    const pixels = await readFile(path.join(folder, `${number}.rgba`));
    const place = engine.pose_pixels(pixels.length);
    new Uint8Array(engine.memory.buffer, place, pixels.length).set(pixels);
    // So far apart that the detector looks every time.
    const answer = engine.pose_look(640, 480, (number + 1) * 1000);
    const seen = new Float32Array(engine.memory.buffer, answer, 15).slice(2, 5);
    apart = Math.max(apart, ...native.map((angle, at) => Math.abs(angle - seen[at])));
  }
  return Number(apart.toFixed(4));
}

const folder = await mkdtemp(path.join(os.tmpdir(), 'visavis-pose-'));
try {
  const figures = { positives: 0, positives_passed: 0, positives_small_passed: 0, negatives: 0, negatives_passed: 0 };
  let [held, right, cpu, seconds] = [0, 0, 0, 0];
  for (const [film, order, truth] of await films(folder)) {
    const result = await judge(film, order.length === 0 ? ['left'] : order);
    console.log(path.basename(film), order.join(','), result.verdict, result.orders_passed.length, 'orders pass');
    if (truth === null) {
      figures.negatives += 24;
      figures.negatives_passed += result.orders_passed.length;
      continue;
    }
    figures.positives += 1;
    figures.positives_passed += result.verdict === 'passed' ? 1 : 0;
    // A film that passes passes as nothing else.
    figures.negatives += 23;
    figures.negatives_passed += result.orders_passed.filter((passed) => passed !== ['frontal', ...order].join(',')).length;
    const [all, good] = holds(result, truth);
    held += all;
    right += good;
    const webm = await small(film, folder);
    const again = await judge(webm, order);
    figures.positives_small_passed += again.verdict === 'passed' ? 1 : 0;
    const sized = path.join(folder, 'call.webm');
    await run('ffmpeg', ['-v', 'error', '-y', '-r', '30', '-i', film, '-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '600k', sized]);
    const call = await judge(sized, order);
    cpu += call.cpu;
    seconds += call.timeline.at(-1).ms / 1000;
  }
  figures.hold_frames_right = Number((right / held).toFixed(4));
  figures.recheck_core_share = Number((cpu / seconds).toFixed(4));
  const { measured, ...native } = JSON.parse((await run(example('figures'), [folder], { maxBuffer: 1 << 26 })).stdout);
  Object.assign(figures, native, { wasm_native_deg: await wasmApart(folder, measured) });
  await mkdir(out, { recursive: true });
  // The same in the browser while a call runs: its test leaves its figures behind.
  const browser = path.join(out, 'pose-browser.json');
  await rm(browser, { force: true });
  await run('node', ['--test', path.join(root, 'tests/browser/pose.test.mjs')], { cwd: root, maxBuffer: 1 << 26 }).catch((failed) => console.log(failed.stdout));
  Object.assign(figures, await readFile(browser, 'utf8').then(JSON.parse, () => ({})));
  const all = path.join(out, 'pose.json');
  await writeFile(all, `${JSON.stringify(figures, null, 2)}\n`);
  // A long call, timed to the verdict of its recording: adds what it finds.
  await run('node', [path.join(root, 'tests/browser/bench-recheck.mjs')], { cwd: root, maxBuffer: 1 << 26 }).catch((failed) => console.log(failed.stdout, failed.stderr));
  console.table(JSON.parse(await readFile(all, 'utf8')));
} finally {
  await rm(folder, { recursive: true });
}
