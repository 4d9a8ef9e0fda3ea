/** The name and colour of the house. */
import { signal } from '@preact/signals';
import type { BrandView } from '@visavis/shared/wire';

/** Null until the server told; the pages do without. */
export const brand = signal<BrandView | null>(null);
