/** Media time of a recording and its files. Pure. */
import type { CheckView, RecordingFile, RecordingView } from '@visavis/shared/wire';

/** Seconds into `file` at which `mediaMs` of the recording is shown, never before its first frame. */
export function positionIn(file: RecordingFile, mediaMs: number): number {
  return Math.max(0, (mediaMs - file.offset_ms) / 1000);
}

/** Media time in ms at `seconds` into `file`. */
export function mediaTime(file: RecordingFile, seconds: number): number {
  return Math.round(seconds * 1000 + file.offset_ms);
}

/** The check a moment belongs to: the last one asked at or before it. */
export function checkAt(checks: readonly CheckView[], mediaMs: number): CheckView | null {
  return [...checks].sort((a, b) => a.media_ms - b.media_ms).filter((check) => check.media_ms <= mediaMs).at(-1) ?? null;
}

const ORDER = ['film.mp4', 'customer.webm', 'agent.webm'];

/** The files a person can play, the film first. */
export function playable(recording: RecordingView): RecordingFile[] {
  const rank = (file: RecordingFile): number => (ORDER.indexOf(file.name) + ORDER.length + 1) % (ORDER.length + 1);
  return [...recording.files].sort((a, b) => rank(a) - rank(b));
}

/** A moment to the tenth of a second, as `m:ss.t`. */
export function momentText(ms: number): string {
  return `${clockText(ms / 1000)}.${Math.floor(Math.max(0, ms) / 100) % 10}`;
}

/** `m:ss`, or `h:mm:ss` from an hour on. */
export function clockText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (part: number): string => String(part).padStart(2, '0');
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}
