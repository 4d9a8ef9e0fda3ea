/** Grey pictures and what is measured on them. Pure. */

/** A grey picture, row by row, 0…255. */
export interface Grey {
  width: number;
  height: number;
  pixels: Uint8ClampedArray;
}

/** A picture as a canvas hands it out. */
export interface Coloured {
  width: number;
  height: number;
  data: Uint8ClampedArray;
}

/** A part of a picture in whole pixels; `right` and `bottom` are the first outside. */
export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** From here on a pixel is blown out (the server's judge says the same). */
const BLOWN = 250;
/** Side of the tiles sharpness is measured on. */
const TILE = 50;

/** Luma of an RGBA picture. */
export function greyOf(image: Coloured): Grey {
  const pixels = new Uint8ClampedArray(image.width * image.height);
  for (let at = 0; at < pixels.length; at += 1) {
    const from = at * 4;
    pixels[at] = ((image.data[from] ?? 0) * 77 + (image.data[from + 1] ?? 0) * 150 + (image.data[from + 2] ?? 0) * 29) >> 8;
  }
  return { width: image.width, height: image.height, pixels };
}

/** The box of fractions of a picture, at least two pixels in each direction. */
export function boxOf({ width, height }: Grey, [left, top, right, bottom]: readonly [number, number, number, number]): Box {
  const within = (value: number, most: number): number => Math.max(0, Math.min(most, Math.round(value)));
  const x = within(left * width, width - 2);
  const y = within(top * height, height - 2);
  return { left: x, top: y, right: Math.max(x + 2, within(right * width, width)), bottom: Math.max(y + 2, within(bottom * height, height)) };
}

/** Mean brightness of a part. */
export function luma({ width, pixels }: Grey, box: Box): number {
  let sum = 0;
  for (let y = box.top; y < box.bottom; y += 1) for (let x = box.left; x < box.right; x += 1) sum += pixels[y * width + x] ?? 0;
  return sum / ((box.right - box.left) * (box.bottom - box.top));
}

/** Share of a part that its largest blown-out patch covers. */
export function glare({ width, pixels }: Grey, box: Box): number {
  const [wide, high] = [box.right - box.left, box.bottom - box.top];
  const seen = new Uint8Array(wide * high);
  let largest = 0;
  for (let start = 0; start < seen.length; start += 1) {
    if (seen[start] !== 0) continue;
    let size = 0;
    const open = [start];
    seen[start] = 1;
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      const [x, y] = [at % wide, Math.floor(at / wide)];
      if ((pixels[(box.top + y) * width + box.left + x] ?? 0) < BLOWN) continue;
      size += 1;
      for (const [to, isInside] of [[at - 1, x > 0], [at + 1, x < wide - 1], [at - wide, y > 0], [at + wide, y < high - 1]] as const) {
        if (!isInside || seen[to] !== 0) continue;
        seen[to] = 1;
        open.push(to);
      }
    }
    largest = Math.max(largest, size);
  }
  return largest / seen.length;
}

/** Variance of the Laplacian, the 90th percentile over tiles: the measure the server's judge uses, on pictures of the same scale. */
export function sharpness({ width, height, pixels }: Grey): number {
  const found: number[] = [];
  const tile = Math.min(TILE, width - 2, height - 2);
  if (tile < 8) return 0;
  for (let top = 1; top + tile < height; top += tile) {
    for (let left = 1; left + tile < width; left += tile) {
      let sum = 0;
      let squares = 0;
      for (let y = top; y < top + tile; y += 1) {
        for (let x = left; x < left + tile; x += 1) {
          const at = y * width + x;
          const edge = (pixels[at - 1] ?? 0) + (pixels[at + 1] ?? 0) + (pixels[at - width] ?? 0) + (pixels[at + width] ?? 0) - 4 * (pixels[at] ?? 0);
          sum += edge;
          squares += edge * edge;
        }
      }
      const count = tile * tile;
      found.push(squares / count - (sum / count) ** 2);
    }
  }
  found.sort((a, b) => a - b);
  return found[Math.floor(found.length * 0.9)] ?? 0;
}

/** Means of three by three pixels; the outermost stay as they are. */
export function softened({ width, height, pixels }: Grey): Grey {
  const rows = new Uint16Array(width * height);
  const soft = pixels.slice();
  for (let at = 1; at < pixels.length - 1; at += 1) rows[at] = (pixels[at - 1] ?? 0) + (pixels[at] ?? 0) + (pixels[at + 1] ?? 0);
  for (let y = 1; y < height - 1; y += 1) {
    for (let at = y * width + 1; at < (y + 1) * width - 1; at += 1) soft[at] = ((rows[at - width] ?? 0) + (rows[at] ?? 0) + (rows[at + width] ?? 0)) / 9;
  }
  return { width, height, pixels: soft };
}

/** Means of square cells: small enough to compare without the noise of the camera. */
export function cells(grey: Grey, side: number): Grey {
  const width = Math.max(1, Math.floor(grey.width / side));
  const height = Math.max(1, Math.floor(grey.height / side));
  const pixels = new Uint8ClampedArray(width * height);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) pixels[y * width + x] = luma(grey, { left: x * side, top: y * side, right: Math.min(grey.width, (x + 1) * side), bottom: Math.min(grey.height, (y + 1) * side) });
  }
  return { width, height, pixels };
}

/** Mean difference of two pictures in a part, without what only became brighter or darker as a whole; 255 for pictures of different size. */
export function difference(now: Grey, before: Grey, box: Box): number {
  if (now.width !== before.width || now.height !== before.height) return 255;
  const shift = luma(now, box) - luma(before, box);
  let sum = 0;
  for (let y = box.top; y < box.bottom; y += 1) {
    for (let x = box.left; x < box.right; x += 1) {
      const at = y * now.width + x;
      sum += Math.abs((now.pixels[at] ?? 0) - (before.pixels[at] ?? 0) - shift);
    }
  }
  return sum / ((box.right - box.left) * (box.bottom - box.top));
}

/** How alike two pictures of the same size are: 1 the same, 0 nothing in common, −1 the negative. */
export function likeness(a: Grey, b: Grey): number {
  const count = a.pixels.length;
  if (a.width !== b.width || a.height !== b.height || count === 0) return 0;
  const mean = (pixels: Uint8ClampedArray): number => pixels.reduce((sum, value) => sum + value, 0) / count;
  const [middleA, middleB] = [mean(a.pixels), mean(b.pixels)];
  let [both, squaresA, squaresB] = [0, 0, 0];
  for (let at = 0; at < count; at += 1) {
    const [da, db] = [(a.pixels[at] ?? 0) - middleA, (b.pixels[at] ?? 0) - middleB];
    both += da * db;
    squaresA += da * da;
    squaresB += db * db;
  }
  return squaresA === 0 || squaresB === 0 ? 0 : both / Math.sqrt(squaresA * squaresB);
}
