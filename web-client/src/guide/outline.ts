/**
 * The four sides of a card or page in a small grey picture: edges vote for straight lines, and of all figures two upright and
 * two level lines make, the one whose sides are best seen wins. Tilt up to 25° and perspective are part of life. Pure.
 */
import { softened, type Grey } from './grey';

/** A place in pixels. */
export type Point = readonly [x: number, y: number];

/** Top left, top right, bottom right, bottom left, in pixels. */
export type Corners = readonly [Point, Point, Point, Point];

/** A document in the picture. */
export interface Outline {
  corners: Corners;
  /** Share of its sides that is seen as an edge. */
  support: number;
}

/** A line `across = offset + slope · along`; `seen` counts edge pixels up to each step along. */
interface Line {
  offset: number;
  slope: number;
  votes: number;
  seen: Uint16Array;
}

/** The picture as one family of lines sees it: `along` runs down for upright lines, to the right for level ones. */
interface Edges {
  along: number;
  across: number;
  isEdge: Uint8Array;
  /** Every edge pixel as along, across, slope of its tangent. */
  pixels: number[];
}

const STEEPEST = 0.47;
const SLOPE_STEP = 0.02;
const SLOPES = 2 * Math.round(STEEPEST / SLOPE_STEP) + 1;
/** A tangent is known to so many steps of slope. */
const SPREAD = 5;
const CANDIDATES = 14;
const LEAST_EDGE = 7;
/** Nothing is known of the outermost pixels' neighbours. */
const BORDER = 2;
/** Least share of a side, and of all sides, that must be seen. */
const LEAST_SIDE = 0.38;
const LEAST_MEAN = 0.62;
/** ID-1 is 1.586 wide to high, a passport page 1.42; tilt widens it. What stands upright is the portrait on a card. */
const ASPECTS = [1.15, 2.15] as const;
const LEAST_AREA = 0.045;
/** So many sides must part surfaces that differ by so much. */
const LEAST_PARTING = 4;
const PARTED = 5;
/** Corners of cards are round: this share of each side's end is not looked at. */
const ROUND = 0.07;

/** The best four-sided figure, if any is seen well enough. */
export function findOutline(grey: Grey): Outline | null {
  const [upright, level] = edgesOf(grey);
  const columns = linesOf(upright);
  const rows = linesOf(level);
  let best: { corners: Corners; score: number; support: number } | null = null;
  for (const [left, right] of pairs(columns, grey.height / 2, grey.width * 0.18)) {
    for (const [top, bottom] of pairs(rows, grey.width / 2, grey.height * 0.14)) {
      const corners: Corners = [meet(left, top), meet(right, top), meet(right, bottom), meet(left, bottom)];
      if (!isDocument(corners, grey)) continue;
      const judged = judge(corners, [left, right], [top, bottom], grey);
      if (judged !== null && (best === null || judged.score > best.score) && parts(corners, grey) >= LEAST_PARTING) best = { corners, ...judged };
    }
  }
  return best === null ? null : { corners: best.corners, support: best.support };
}

/** Area of a four-sided figure. */
export function areaOf(corners: Corners): number {
  let twice = 0;
  corners.forEach(([x, y], at) => {
    const [nextX, nextY] = corners[(at + 1) % 4] as Point;
    twice += x * nextY - nextX * y;
  });
  return Math.abs(twice) / 2;
}

/** Lengths of the sides: top, right, bottom, left. */
export function sidesOf(corners: Corners): readonly [number, number, number, number] {
  const length = (from: number, to: number): number => Math.hypot((corners[from]?.[0] ?? 0) - (corners[to]?.[0] ?? 0), (corners[from]?.[1] ?? 0) - (corners[to]?.[1] ?? 0));
  return [length(0, 1), length(1, 2), length(2, 3), length(3, 0)];
}

/** Thin edges, each given to the family of lines it can belong to. */
function edgesOf(grey: Grey): [Edges, Edges] {
  const { width, height } = grey;
  const soft = softened(grey).pixels;
  const [gx, gy] = [new Int16Array(width * height), new Int16Array(width * height)];
  const strength = new Uint16Array(width * height);
  const counts = new Uint32Array(256);
  for (let y = BORDER; y < height - BORDER; y += 1) {
    for (let x = BORDER; x < width - BORDER; x += 1) {
      const at = y * width + x;
      const [a, b, c] = [soft[at - width - 1] ?? 0, soft[at - width] ?? 0, soft[at - width + 1] ?? 0];
      const [d, e] = [soft[at - 1] ?? 0, soft[at + 1] ?? 0];
      const [f, g, i] = [soft[at + width - 1] ?? 0, soft[at + width] ?? 0, soft[at + width + 1] ?? 0];
      gx[at] = c + 2 * e + i - a - 2 * d - f;
      gy[at] = f + 2 * g + i - a - 2 * b - c;
      const size = Math.min(255, (Math.abs(gx[at] ?? 0) + Math.abs(gy[at] ?? 0)) >> 2);
      strength[at] = size;
      counts[size] = (counts[size] ?? 0) + 1;
    }
  }
  const least = Math.max(LEAST_EDGE, 0.3 * percentile(counts, 0.92));
  const upright: Edges = { along: height, across: width, isEdge: new Uint8Array(width * height), pixels: [] };
  const level: Edges = { along: width, across: height, isEdge: new Uint8Array(width * height), pixels: [] };
  for (let y = BORDER; y < height - BORDER; y += 1) {
    for (let x = BORDER; x < width - BORDER; x += 1) {
      const at = y * width + x;
      const [size, dx, dy] = [strength[at] ?? 0, gx[at] ?? 0, gy[at] ?? 0];
      if (size < least) continue;
      if (Math.abs(dx) > Math.abs(dy)) {
        if (size < (strength[at - 1] ?? 0) || size < (strength[at + 1] ?? 0)) continue;
        upright.isEdge[at] = 1;
        upright.pixels.push(y, x, -dy / dx);
      } else {
        if (size < (strength[at - width] ?? 0) || size < (strength[at + width] ?? 0)) continue;
        level.isEdge[x * height + y] = 1;
        level.pixels.push(x, y, -dx / dy);
      }
    }
  }
  return [upright, level];
}

function percentile(counts: Uint32Array, share: number): number {
  const wanted = counts.reduce((sum, count) => sum + count, 0) * share;
  let sum = 0;
  for (let value = 0; value < counts.length; value += 1) {
    sum += counts[value] ?? 0;
    if (sum >= wanted) return value;
  }
  return counts.length - 1;
}

/** The lines most edge pixels agree on. */
function linesOf(edges: Edges): Line[] {
  const { along, across, pixels } = edges;
  const reach = Math.ceil((along / 2) * STEEPEST);
  const offsets = across + 2 * reach;
  const votes = new Uint16Array(SLOPES * offsets);
  for (let at = 0; at < pixels.length; at += 3) {
    const [step, place, tangent] = [pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0];
    const middle = Math.round((tangent + STEEPEST) / SLOPE_STEP);
    for (let bin = Math.max(0, middle - SPREAD); bin <= Math.min(SLOPES - 1, middle + SPREAD); bin += 1) {
      const offset = Math.round(place - slopeOf(bin) * (step - along / 2)) + reach;
      if (offset >= 0 && offset < offsets) votes[bin * offsets + offset] = (votes[bin * offsets + offset] ?? 0) + 1;
    }
  }
  return peaks(votes, offsets, along * 0.13).map(({ bin, at, count }) => {
    const [offset, slope] = [at - reach, slopeOf(bin)];
    return { offset: offset - (slope * along) / 2, slope, votes: count, seen: seenAlong(edges, offset - (slope * along) / 2, slope) };
  });
}

const slopeOf = (bin: number): number => bin * SLOPE_STEP - STEEPEST;

function peaks(votes: Uint16Array, offsets: number, least: number): { bin: number; at: number; count: number }[] {
  const sums: { bin: number; at: number; count: number }[] = [];
  for (let bin = 0; bin < SLOPES; bin += 1) {
    for (let at = 1; at < offsets - 1; at += 1) {
      const here = bin * offsets + at;
      const count = (votes[here - 1] ?? 0) + (votes[here] ?? 0) + (votes[here + 1] ?? 0);
      if (count >= least) sums.push({ bin, at, count });
    }
  }
  sums.sort((a, b) => b.count - a.count);
  const kept: typeof sums = [];
  for (const one of sums) {
    if (kept.length === CANDIDATES) break;
    if (!kept.some((other) => Math.abs(other.at - one.at) < 5 && Math.abs(other.bin - one.bin) < 6)) kept.push(one);
  }
  return kept;
}

/** For every step along the line, how many steps so far lay on an edge (two pixels of play). */
function seenAlong({ along, across, isEdge }: Edges, offset: number, slope: number): Uint16Array {
  const seen = new Uint16Array(along + 1);
  for (let step = 0; step < along; step += 1) {
    const place = Math.round(offset + slope * step);
    let found = 0;
    for (let play = -2; play <= 2 && found === 0; play += 1) {
      const at = place + play;
      if (at >= 0 && at < across && isEdge[step * across + at] === 1) found = 1;
    }
    seen[step + 1] = (seen[step] ?? 0) + found;
  }
  return seen;
}

/** Every two lines in their order that lie far enough apart in the middle of the picture. */
function pairs(lines: readonly Line[], middle: number, least: number): [Line, Line][] {
  const at = (line: Line): number => line.offset + line.slope * middle;
  const sorted = [...lines].sort((a, b) => at(a) - at(b));
  return sorted.flatMap((first, index) => sorted.slice(index + 1).filter((second) => at(second) - at(first) >= least).map((second): [Line, Line] => [first, second]));
}

/** Where an upright line (x of y) and a level one (y of x) cross. */
function meet(upright: Line, level: Line): Point {
  const y = (level.offset + level.slope * upright.offset) / (1 - level.slope * upright.slope);
  return [upright.offset + upright.slope * y, y];
}

function isDocument(corners: Corners, { width, height }: Grey): boolean {
  if (corners.some(([x, y]) => x < -0.02 * width || x > 1.02 * width || y < -0.02 * height || y > 1.02 * height)) return false;
  const [top, right, bottom, left] = sidesOf(corners);
  const aspect = (top + bottom) / (left + right);
  const isShaped = aspect >= ASPECTS[0] && aspect <= ASPECTS[1];
  const isEven = Math.min(top, bottom) > 0.6 * Math.max(top, bottom) && Math.min(left, right) > 0.6 * Math.max(left, right);
  return isShaped && isEven && areaOf(corners) >= LEAST_AREA * width * height;
}

function judge(corners: Corners, [left, right]: readonly [Line, Line], [top, bottom]: readonly [Line, Line], { width, height }: Grey): { score: number; support: number } | null {
  const [a, b, c, d] = corners;
  const sides = [share(top, a[0], b[0]), share(right, b[1], c[1]), share(bottom, d[0], c[0]), share(left, a[1], d[1])];
  const weakest = Math.min(...sides);
  const mean = sides.reduce((sum, side) => sum + side, 0) / 4;
  if (weakest < LEAST_SIDE || mean < LEAST_MEAN) return null;
  const beyond = [runsOn(top, a[0], b[0]), runsOn(bottom, d[0], c[0]), runsOn(left, a[1], d[1]), runsOn(right, b[1], c[1])];
  const size = Math.sqrt(areaOf(corners) / (width * height));
  return { score: mean + 0.5 * weakest + 0.5 * size - 0.1 * beyond.reduce((sum, one) => sum + one, 0), support: mean };
}

/** Share of the way between two steps along a line that is an edge, without the round corners. */
function share(line: Line, from: number, to: number): number {
  const round = (to - from) * ROUND;
  return between(line, from + round, to - round);
}

/** How many of the four sides part two surfaces: what lies just outside is brighter or darker than what lies just inside. Lines of print do not. */
function parts(corners: Corners, grey: Grey): number {
  const middle = [(corners[0][0] + corners[2][0]) / 2, (corners[0][1] + corners[2][1]) / 2] as const;
  let count = 0;
  corners.forEach(([x, y], at) => {
    const [nextX, nextY] = corners[(at + 1) % 4] as Point;
    const length = Math.hypot(nextX - x, nextY - y);
    const [alongX, alongY] = [(nextX - x) / length, (nextY - y) / length];
    const isTurned = (middle[0] - x) * -alongY + (middle[1] - y) * alongX > 0;
    const [inX, inY] = isTurned ? [-alongY, alongX] : [alongY, -alongX];
    const strip = (depth: number): number => {
      const shades: number[] = [];
      for (let step = length * 0.1; step < length * 0.9; step += 2) {
        for (const far of [depth, depth * 1.5, depth * 2]) {
          const [px, py] = [Math.round(x + alongX * step + inX * far), Math.round(y + alongY * step + inY * far)];
          if (px >= 0 && py >= 0 && px < grey.width && py < grey.height) shades.push(grey.pixels[py * grey.width + px] ?? 0);
        }
      }
      return shades.length === 0 ? -1 : (shades.sort((a, b) => a - b)[shades.length >> 1] ?? -1);
    };
    const [inside, outside] = [strip(3), strip(-3)];
    if (outside < 0 || Math.abs(inside - outside) >= PARTED) count += 1;
  });
  return count;
}

/** How much of the line goes on beyond both ends: lines of print and of the table do, sides of a card end. */
function runsOn(line: Line, from: number, to: number): number {
  const far = (to - from) * 0.15;
  const gap = (to - from) * 0.03;
  return between(line, from - gap - far, from - gap) + between(line, to + gap, to + gap + far);
}

function between(line: Line, from: number, to: number): number {
  const most = line.seen.length - 1;
  const [start, end] = [Math.max(0, Math.min(most, Math.round(from))), Math.max(0, Math.min(most, Math.round(to)))];
  return end - start < 3 ? 0 : ((line.seen[end] ?? 0) - (line.seen[start] ?? 0)) / (end - start);
}
