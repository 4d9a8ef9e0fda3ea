/** Small drawings of the documents, in the colours of the text around them. */
import type { DocumentKind } from '@visavis/shared/wire';

const CARD = '<rect x="1.500" y="5.500" width="45" height="29" rx="3.500" fill="none" stroke="currentColor" stroke-width="1.500"/>';
const FACE = '<circle cx="11.500" cy="16" r="3.200" fill="currentColor" opacity=".55"/><path d="M6 26c.3-3.700 2.600-5.500 5.500-5.500S16.700 22.300 17 26z" fill="currentColor" opacity=".55"/>';
const line = (x: number, y: number, width: number): string => `<rect x="${x}" y="${y}" width="${width}" height="2" rx="1" fill="currentColor" opacity=".55"/>`;
const svg = (inner: string): string => `<svg viewBox="0 0 48 40" xmlns="http://www.w3.org/2000/svg">${inner}</svg>`;

const CHIP = '<rect x="36" y="10" width="7" height="5.500" rx="1.200" fill="currentColor" opacity=".85"/>';
const SMALL_CAR = '<path d="M30 27.500h13v-3l-2-1-1.500-3h-6l-1.800 3-1.700.8z" fill="currentColor" opacity=".75"/>';

const PICTURES: Readonly<Record<DocumentKind, string>> = {
  citizen_card: svg(CARD + FACE + CHIP + line(21, 12, 12) + line(21, 18, 20) + line(21, 24, 15)),
  cmnd: svg(CARD + FACE + line(21, 11, 20) + line(21, 16, 20) + line(21, 21, 20) + line(21, 26, 13)),
  passport: svg(
    '<rect x="9" y="1.500" width="30" height="37" rx="3.500" fill="none" stroke="currentColor" stroke-width="1.500"/>' +
      '<circle cx="24" cy="15" r="6.500" fill="none" stroke="currentColor" stroke-width="1.500" opacity=".75"/>' +
      '<path d="M17.500 15h13M24 8.500c-4 4-4 9 0 13 4-4 4-9 0-13z" fill="none" stroke="currentColor" stroke-width="1.200" opacity=".6"/>' +
      line(17, 27, 14) + line(19, 32, 10),
  ),
  driving_licence: svg(CARD + FACE + line(21, 11, 20) + line(21, 16, 15) + SMALL_CAR),
  other_card: svg(CARD + FACE + line(21, 11, 18) + line(21, 16, 12) + line(6, 29, 36) + line(21, 22, 16)),
};

/** The drawing of a document. */
export function pictureOf(kind: DocumentKind): string {
  return PICTURES[kind];
}
