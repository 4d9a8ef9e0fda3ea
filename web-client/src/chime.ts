/** A soft ring without a sound file, with vibration and a title that changes; for people who left the page open. */

const EVERY_MS = 2_400;
const NOTES = [659.25, 783.99, 987.77];

/** Rings until the answer is called. */
export function startChime(title: string): () => void {
  const before = document.title;
  const context = typeof AudioContext === 'undefined' ? null : new AudioContext();
  let on = false;
  const once = (): void => {
    on = !on;
    document.title = on ? `☎ ${title}` : before;
    vibrate([300, 120, 300]);
    if (context !== null) play(context);
  };
  once();
  const timer = setInterval(once, EVERY_MS);
  return () => {
    clearInterval(timer);
    document.title = before;
    vibrate(0);
    if (context?.state !== 'closed') void context?.close();
  };
}

/** Rings once. */
export function chimeOnce(): void {
  if (typeof AudioContext === 'undefined') return;
  const context = new AudioContext();
  play(context);
  vibrate(200);
  setTimeout(() => void context.close(), 1_500);
}

/** Browsers take this only after the page was touched once. */
function vibrate(pattern: number | number[]): void {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(pattern);
}

function play(context: AudioContext): void {
  void context.resume().catch(() => undefined);
  NOTES.forEach((frequency, at) => {
    const start = context.currentTime + at * 0.16;
    const tone = context.createOscillator();
    const level = context.createGain();
    tone.frequency.value = frequency;
    level.gain.setValueAtTime(0, start);
    level.gain.linearRampToValueAtTime(0.18, start + 0.02);
    level.gain.exponentialRampToValueAtTime(0.001, start + 0.6);
    tone.connect(level).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.65);
  });
}
