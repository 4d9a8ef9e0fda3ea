/** Looking at a picture from near and with more contrast. What is filed stays as it is. Pure. */

/** How a picture is looked at: enlarged, moved, with more or less contrast. */
export interface Look {
  zoom: number;
  contrast: number;
  /** Where the middle of the picture is moved to, in percent of its size. */
  x: number;
  y: number;
}

/** As it is. */
export const PLAIN: Look = { zoom: 1, contrast: 1, x: 0, y: 0 };

/** A step up or down a ladder. */
export function step(steps: readonly number[], now: number, by: 1 | -1): number {
  const at = steps.findIndex((value) => value >= now);
  return steps[Math.min(steps.length - 1, Math.max(0, (at < 0 ? steps.length - 1 : at) + by))] ?? 1;
}

/** A picture never leaves its frame altogether. Pure. */
export function moved(look: Look, dx: number, dy: number): Look {
  const most = look.zoom <= 1 ? 0 : (50 * (look.zoom - 1)) / look.zoom;
  const within = (value: number): number => Math.min(most, Math.max(-most, value));
  return { ...look, x: within(look.x + dx / look.zoom), y: within(look.y + dy / look.zoom) };
}
