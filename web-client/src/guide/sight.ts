/** What is seen of a document in one picture of the camera. Pure; runs in the worker. */
import { boxOf, cells, difference, glare, luma, sharpness, softened, type Grey } from './grey';
import { areaOf, findOutline, sidesOf, type Corners, type Point } from './outline';

/** The frame on the screen, or any part of a picture, as fractions: left, top, right, bottom. */
export type Part = readonly [left: number, top: number, right: number, bottom: number];

/** What the page sends: the whole picture made small, and the middle of the document as the server's judge would see it. */
export interface Shot {
  small: Grey;
  close: Grey;
  frame: Part;
  /** What the screen shows of the picture. */
  view: Part;
}

/** What was measured. */
export interface Sight {
  /** Mean brightness of the document, or of the frame while there is none, 0…255. */
  light: number;
  /** Share of the document its largest blown-out patch covers. */
  glare: number;
  /** Variance of the Laplacian in the middle of the document. */
  sharpness: number;
  /** Mean change since the picture before. */
  motion: number;
  /** The corners as fractions of the picture: top left, top right, bottom right, bottom left. */
  corners: Corners | null;
  /** How much of the frame's area the document has; over 1 it is larger than the frame. */
  size: number;
  /** The longest reach of the document as a share of the side of what the screen shows. */
  reach: number;
  /** Smallest distance of the document to the edge of what the screen shows, as a share of that; negative outside. */
  margin: number;
  /** Degrees by which it is turned. */
  turn: number;
  /** The longer of two opposite sides by the shorter. */
  lean: number;
  /** What the print alone reaches over, as fractions of what the screen shows, where no four sides are seen. */
  print: Part | null;
}

const CELL = 8;
/** Mean step between neighbours from which on a cell holds print. */
const PRINTED = 5;
/** Print fills at least this share of the cells it reaches over. */
const FILLED = 0.3;

/** Looks at pictures one after the other. */
export class Eye {
  #before: Grey | null = null;

  /** Measures one picture. */
  see({ small, close, frame, view }: Shot): Sight {
    const outline = findOutline(small);
    const corners = outline === null ? null : outline.corners.map(([x, y]) => [x / small.width, y / small.height] as const) as unknown as Corners;
    const part = corners === null ? frame : boundsOf(corners);
    const box = boxOf(small, part);
    const now = cells(small, CELL);
    const before = this.#before;
    this.#before = now;
    return {
      light: luma(small, box),
      glare: glare(small, box),
      sharpness: sharpness(close),
      motion: before === null ? 0 : difference(now, before, boxOf(now, part)),
      corners,
      print: outline === null ? printOf(softened(small), view) : null,
      ...placeOf(corners, small, frame, view),
    };
  }
}

/** The part of the picture four corners reach over. */
export function boundsOf(corners: Corners): Part {
  const within = (value: number): number => Math.max(0, Math.min(1, value));
  const [xs, ys] = [corners.map(([x]) => within(x)), corners.map(([, y]) => within(y))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

/** The farthest any corner went between two pictures, as a share of the picture's side. */
export function shiftOf(now: Corners, before: Corners): number {
  return Math.max(...now.map(([x, y], at) => Math.max(Math.abs(x - (before[at]?.[0] ?? 0)), Math.abs(y - (before[at]?.[1] ?? 0)))));
}

function placeOf(corners: Corners | null, { width, height }: Grey, [left, top, right, bottom]: Part, view: Part): Pick<Sight, 'size' | 'reach' | 'margin' | 'turn' | 'lean'> {
  if (corners === null) return { size: 0, reach: 0, margin: 0, turn: 0, lean: 1 };
  const seen = corners.map((corner) => within(corner, view));
  const [xs, ys] = [seen.map(([x]) => x), seen.map(([, y]) => y)];
  const pixels = corners.map(([x, y]) => [x * width, y * height] as const) as unknown as Corners;
  const [above, aside, below, beside] = sidesOf(pixels);
  const [[ax, ay], [bx, by]] = pixels;
  return {
    size: areaOf(corners) / ((right - left) * (bottom - top)),
    reach: Math.max(Math.max(...xs) - Math.min(...xs), Math.max(...ys) - Math.min(...ys)),
    margin: Math.min(...[...xs, ...ys].map((place) => Math.min(place, 1 - place))),
    turn: Math.abs((Math.atan2(by - ay, bx - ax) * 180) / Math.PI),
    lean: Math.max(above / below, below / above, aside / beside, beside / aside),
  };
}

/** A place in the picture as fractions of what the screen shows. */
export function within([x, y]: Point, [left, top, right, bottom]: Part): Point {
  return [(x - left) / (right - left), (y - top) / (bottom - top)];
}

/** What print reaches over: cells with steep steps, without stray ones. */
function printOf(grey: Grey, view: Part): Part | null {
  const columns = Math.floor(grey.width / CELL);
  const rows = Math.floor(grey.height / CELL);
  const printed: boolean[] = [];
  for (let row = 0; row < rows; row += 1) for (let column = 0; column < columns; column += 1) printed.push(stepsIn(grey, column * CELL, row * CELL) >= PRINTED);
  const many = (counts: number[], least: number): [number, number] => [counts.findIndex((count) => count >= least), counts.findLastIndex((count) => count >= least)];
  const [top, bottom] = many(Array.from({ length: rows }, (_, row) => printed.slice(row * columns, (row + 1) * columns).filter(Boolean).length), 3);
  const [left, right] = many(Array.from({ length: columns }, (_, column) => printed.filter((is, at) => is && at % columns === column).length), 2);
  if (top < 0 || left < 0) return null;
  const inside = printed.filter((is, at) => is && at % columns >= left && at % columns <= right && Math.floor(at / columns) >= top && Math.floor(at / columns) <= bottom).length;
  if (inside < FILLED * (right - left + 1) * (bottom - top + 1)) return null;
  const [from, to] = [within([(left * CELL) / grey.width, (top * CELL) / grey.height], view), within([((right + 1) * CELL) / grey.width, ((bottom + 1) * CELL) / grey.height], view)];
  return [...from, ...to];
}

function stepsIn({ width, height, pixels }: Grey, left: number, top: number): number {
  let sum = 0;
  for (let y = top; y < Math.min(height - 1, top + CELL); y += 1) {
    for (let x = left; x < Math.min(width - 1, left + CELL); x += 1) {
      const at = y * width + x;
      sum += Math.abs((pixels[at + 1] ?? 0) - (pixels[at] ?? 0)) + Math.abs((pixels[at + width] ?? 0) - (pixels[at] ?? 0));
    }
  }
  return sum / (CELL * CELL);
}
