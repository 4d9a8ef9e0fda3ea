/** The chime of an offered call, made in the browser so that nothing has to be fetched. */
import { signal } from '@preact/signals';

let audio: AudioContext | null = null;
let repeat: ReturnType<typeof setInterval> | undefined;

/** Whether the browser still holds back sound until somebody touches the page. */
export const isSilenced = signal(false);

/** Wakes the sound; must come from a click or a key. */
export async function allowSound(): Promise<void> {
  audio ??= new AudioContext();
  await audio.resume();
  isSilenced.value = audio.state !== 'running';
}

/** Wakes the sound at the first touch of the page. */
export function allowSoundOnFirstTouch(): void {
  const wake = (): void => {
    removeEventListener('pointerdown', wake);
    removeEventListener('keydown', wake);
    void allowSound();
  };
  addEventListener('pointerdown', wake);
  addEventListener('keydown', wake);
}

function tone(context: AudioContext, at: number, hertz: number, seconds: number): void {
  const source = context.createOscillator();
  const volume = context.createGain();
  source.type = 'sine';
  source.frequency.value = hertz;
  volume.gain.setValueAtTime(0, at);
  volume.gain.linearRampToValueAtTime(0.28, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.001, at + seconds);
  source.connect(volume).connect(context.destination);
  source.start(at);
  source.stop(at + seconds);
}

function strike(): void {
  audio ??= new AudioContext();
  isSilenced.value = audio.state !== 'running';
  if (audio.state !== 'running') return;
  const start = audio.currentTime;
  [659.25, 880, 659.25, 880].forEach((hertz, at) => tone(audio as AudioContext, start + at * 0.18, hertz, 0.35));
}

/** Rings until `stopChime`. */
export function startChime(): void {
  if (repeat !== undefined) return;
  strike();
  repeat = setInterval(strike, 2200);
}

/** Ends the ringing. */
export function stopChime(): void {
  clearInterval(repeat);
  repeat = undefined;
}
