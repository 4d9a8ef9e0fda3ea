/** The colour of the house, made readable in both themes. Pure but for {@link paint}. */

/** Custom properties that carry the accent; `tokens.css` takes them up. */
export interface Paint {
  '--brand-light': string;
  '--brand-text-light': string;
  '--brand-dark': string;
  '--brand-text-dark': string;
}

type Rgb = readonly [number, number, number];

const WHITE: Rgb = [255, 255, 255];
const INK: Rgb = [10, 20, 32];
const LIGHT_SURFACE: Rgb = [246, 247, 249];
const DARK_SURFACE: Rgb = [25, 29, 36];
/** WCAG 2.2 contrast of text. */
const WANTED = 4.5;

/** The four properties for an accent (`#rgb` or `#rrggbb`); null when it is not a colour of that form. */
export function paintOf(accent: string): Paint | null {
  const colour = parseHex(accent.trim());
  if (colour === null) return null;
  const light = until(colour, INK, LIGHT_SURFACE);
  const dark = until(colour, WHITE, DARK_SURFACE);
  return {
    '--brand-light': css(light),
    '--brand-text-light': css(readable(light)),
    '--brand-dark': css(dark),
    '--brand-text-dark': css(readable(dark)),
  };
}

/** Gives the page the accent of the house. */
export function paint(accent: string, style: CSSStyleDeclaration): void {
  const properties = paintOf(accent);
  if (properties === null) return;
  for (const [name, value] of Object.entries(properties)) style.setProperty(name, value);
}

/** WCAG 2.2 contrast ratio of two colours, 1…21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}

/** Reads `#rgb` and `#rrggbb`. */
export function parseHex(text: string): Rgb | null {
  const long = /^#[0-9a-f]{3}$/i.test(text) ? `#${[...text.slice(1)].map((digit) => digit + digit).join('')}` : text;
  if (!/^#[0-9a-f]{6}$/i.test(long)) return null;
  return [1, 3, 5].map((at) => parseInt(long.slice(at, at + 2), 16)) as unknown as Rgb;
}

function until(colour: Rgb, towards: Rgb, surface: Rgb): Rgb {
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = mix(colour, towards, share);
    if (contrast(mixed, surface) >= WANTED) return mixed;
  }
  return towards;
}

function readable(on: Rgb): Rgb {
  return contrast(WHITE, on) >= contrast(INK, on) ? WHITE : INK;
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  return one.map((part, at) => Math.round(part + ((other[at] ?? 0) - part) * share)) as unknown as Rgb;
}

function luminance(colour: Rgb): number {
  const [r = 0, g = 0, b = 0] = colour.map((part) => {
    const share = part / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function css([r, g, b]: Rgb): string {
  return `rgb(${r} ${g} ${b})`;
}
