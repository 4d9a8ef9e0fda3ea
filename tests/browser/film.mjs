// Proves a recording by decoding it: how long it is, whether there is a picture and a sound, and how far a known flash
// and a known beep lie apart.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ffmpeg = async (args) => run('ffmpeg', ['-hide_banner', '-nostdin', ...args], { maxBuffer: 256 << 20, encoding: 'buffer' });

/** Streams and duration in seconds, by ffprobe. */
export async function probe(file) {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-print_format', 'json', '-show_format', '-show_streams', file]);
  const { format, streams } = JSON.parse(stdout);
  return { seconds: Number(format.duration), streams };
}

/** When each picture is shown, in seconds. */
export async function pictureTimes(file) {
  const { stdout } = await run('ffprobe', ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file], { maxBuffer: 64 << 20 });
  return stdout.split('\n').map((line) => Number.parseFloat(line)).filter(Number.isFinite).sort((a, b) => a - b);
}

/** Mean brightness (0…255) of a part of the picture, one number per frame at 50 frames/s. `crop`: ffmpeg crop filter or ''. */
export async function brightness(file, crop = '') {
  const filters = [crop, 'fps=50', 'scale=1:1:flags=area', 'format=gray'].filter(Boolean).join(',');
  const { stdout } = await ffmpeg(['-i', file, '-an', '-vf', filters, '-f', 'rawvideo', '-']);
  return [...stdout];
}

/** Loudness (mean square, 0…1) of one frequency, one number per 20 ms. */
export async function loudness(file, frequency) {
  const { stdout } = await ffmpeg(['-i', file, '-vn', '-af', `aresample=16000:async=1:first_pts=0,bandpass=f=${frequency}:width_type=h:w=80`, '-ac', '1', '-f', 's16le', '-']);
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.length >> 1);
  const levels = [];
  for (let at = 0; at + 320 <= samples.length; at += 320) {
    let sum = 0;
    for (let i = at; i < at + 320; i++) sum += (samples[i] / 32768) ** 2;
    levels.push(sum / 320);
  }
  return levels;
}

/** What a decoder complains of that decodes a file from its beginning to its end. */
export async function complaints(file) {
  const { stderr } = await run('ffmpeg', ['-hide_banner', '-nostdin', '-v', 'error', '-i', file, '-fps_mode', 'passthrough', '-enc_time_base', '-1', '-f', 'null', '-'], { maxBuffer: 64 << 20 });
  return stderr.trim();
}

/** The longest time, in seconds, in which a tone that never ends was not heard (a tenth of its usual loudness), from its beginning to its end. */
export function silence(levels) {
  const usual = [...levels].sort((a, b) => a - b)[levels.length >> 1];
  const loud = levels.map((level) => level > usual / 100);
  const [first, last] = [loud.indexOf(true), loud.lastIndexOf(true)];
  let [run, longest] = [0, 0];
  for (let at = first; at <= last; at += 1) {
    run = loud[at] ? 0 : run + 1;
    longest = Math.max(longest, run);
  }
  return longest / 50;
}

/** Instants (seconds) at which a 50 Hz series rises over half of its highest value. */
export function rises(levels, quiet = 0.5) {
  const top = Math.max(...levels);
  const low = [...levels].sort((a, b) => a - b)[levels.length >> 1];
  const edge = low + (top - low) * quiet;
  const found = [];
  for (let i = 1; i < levels.length; i++) if (levels[i] >= edge && levels[i - 1] < edge && (found.length === 0 || i / 50 - found.at(-1) > 1)) found.push(i / 50);
  return found;
}

/** For each flash that has a beep within half a second: seconds by which the beep comes later. */
export function skews(flashes, beeps) {
  return flashes.map((flash) => beeps.map((beep) => beep - flash).sort((a, b) => Math.abs(a) - Math.abs(b))[0]).filter((skew) => skew !== undefined && Math.abs(skew) < 0.5);
}
