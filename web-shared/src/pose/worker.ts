/** The thread that measures heads: loads the engine (wasm), takes a picture at a time, answers with numbers. */
import { POSES, readingOf, type Ask, type Reading } from './reading';

interface Engine {
  memory: WebAssembly.Memory;
  pose_start(): number;
  pose_pixels(bytes: number): number;
  pose_prompt(pose: number, atMs: number): void;
  pose_look(width: number, height: number, atMs: number): number;
}

/** What the page sends: where the engine is, what is asked now, or a picture. */
export type ToWorker = { engine: string } | { ask: Ask | null } | { picture: ImageBitmap; atMs: number };
/** What the page hears. */
export type FromWorker = { ready: boolean } | { reading: Reading | null; tookMs: number };

let engine: Engine | null = null;
let canvas: OffscreenCanvas | null = null;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if ('engine' in data) void start(data.engine);
  else if ('ask' in data) engine?.pose_prompt(data.ask === null ? POSES.length : POSES.indexOf(data.ask.kind), data.ask?.atMs ?? 0);
  else answer(look(data.picture, data.atMs));
});

function answer(message: FromWorker): void {
  postMessage(message);
}

async function start(url: string): Promise<void> {
  try {
    const { instance } = await WebAssembly.instantiateStreaming(fetch(url));
    const loaded = instance.exports as unknown as Engine;
    if (loaded.pose_start() !== 0) return answer({ ready: false });
    engine = loaded;
    answer({ ready: true });
  } catch (error) {
    console.warn('the pose engine cannot be loaded', error);
    answer({ ready: false });
  }
}

function look(picture: ImageBitmap, atMs: number): FromWorker {
  const began = performance.now();
  const { width, height } = picture;
  if (canvas === null || canvas.width !== width || canvas.height !== height) canvas = new OffscreenCanvas(width, height);
  const pen = canvas.getContext('2d', { willReadFrequently: true });
  if (engine === null || pen === null) {
    picture.close();
    return { reading: null, tookMs: 0 };
  }
  pen.drawImage(picture, 0, 0);
  picture.close();
  const { data } = pen.getImageData(0, 0, width, height);
  const place = engine.pose_pixels(data.length);
  new Uint8Array(engine.memory.buffer, place, data.length).set(data);
  const numbers = engine.pose_look(width, height, atMs);
  const reading = numbers === 0 ? null : readingOf(new Float32Array(engine.memory.buffer, numbers, 15), atMs);
  return { reading, tookMs: performance.now() - began };
}
