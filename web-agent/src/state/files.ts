/** The search over customer files. What is searched for stays in memory: it names people. */
import { batch, computed, signal } from '@preact/signals';
import type { DossierPage } from '@visavis/shared/wire';
import * as door from '../door';

export interface Filters {
  q: string;
  /** A state or outcome of the file. */
  outcome: string;
  from: string;
  to: string;
  agent: string;
}

export type Results = { phase: 'loading' } | { phase: 'failed'; failure: unknown } | { phase: 'ready'; page: DossierPage };

export const PAGE_SIZE = 50;
const PAUSE_MS = 250;
const NONE: Filters = { q: '', outcome: '', from: '', to: '', agent: '' };

export const filters = signal<Filters>(NONE);
export const pageNumber = signal(1);
export const results = signal<Results>({ phase: 'loading' });
/** Whether a newer answer is on its way while the older one is still shown. */
export const refreshing = signal(false);
/** Whether anything narrows the list. */
export const isNarrowed = computed(() => Object.values(filters.value).some((value) => value !== ''));

let asked = 0;
let pending: ReturnType<typeof setTimeout> | undefined;

/** Changes filters; typing waits for a pause, everything else searches at once. */
export function narrow(change: Partial<Filters>): void {
  batch(() => {
    filters.value = { ...filters.value, ...change };
    pageNumber.value = 1;
  });
  clearTimeout(pending);
  const isTyping = 'q' in change || 'agent' in change;
  pending = setTimeout(() => void search(), isTyping ? PAUSE_MS : 0);
}

/** Takes all filters away. */
export function clearFilters(): void {
  narrow(NONE);
}

/** Shows a page, counted from 1. */
export function turnTo(page: number): void {
  pageNumber.value = page;
  void search();
}

/** Asks the server; only the newest question's answer is shown. */
export async function search(): Promise<void> {
  const mine = ++asked;
  refreshing.value = true;
  if (results.value.phase === 'failed') results.value = { phase: 'loading' };
  try {
    const page = await door.searchFiles(filters.value, pageNumber.value);
    if (mine === asked) results.value = { phase: 'ready', page };
  } catch (failure) {
    if (mine === asked) results.value = { phase: 'failed', failure };
  } finally {
    if (mine === asked) refreshing.value = false;
  }
}

/** Why files are opened; remembered until the page is closed. */
export const PURPOSES = ['review', 'complaint', 'audit', 'legal_request'] as const;
export type Purpose = (typeof PURPOSES)[number];
export const purpose = signal<Purpose | null>(null);
