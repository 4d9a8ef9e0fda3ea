/** The live reading of the customer's head: advice for the agent, never a verdict of its own. */
import { effect, signal } from '@preact/signals';
import { isMeasured, off, type Angles, type MeasuredReason, type PoseKind, type Reading } from '@visavis/shared/pose/reading';
import type { Eye } from '@visavis/shared/pose/eye';
import type { Room } from './room';
import { current } from './script';

/** A point of the trace. */
export interface Point extends Angles {
  atMs: number;
}

/** What the judge said of the check that was asked last. */
export interface Advice {
  checkId: string;
  passed: boolean;
  reason: MeasuredReason | null;
}

/** How far back the trace goes. */
export const TRACE_MS = 12_000;

/** The newest reading; null before the first. */
export const reading = signal<Reading | null>(null);
export const trace = signal<readonly Point[]>([]);
export const advice = signal<Advice | null>(null);
/** The engine cannot run in this browser. */
export const isBlind = signal(false);

/** Looks at the customer's picture while a call is on screen; returns how to stop. The engine comes only now. */
export function watchHead(room: Room): () => void {
  let eye: Eye | null = null;
  let isOver = false;
  let asked: { id: string; kind: PoseKind } | null = null;
  reading.value = null;
  trace.value = [];
  advice.value = null;
  void import('@visavis/shared/pose/eye').then(({ Eye }) => {
    if (isOver) return;
    eye = new Eye((seen) => {
      if (seen === null) {
        isBlind.value = true;
        return;
      }
      reading.value = seen;
      const angles = off(seen);
      if (angles !== null) trace.value = [...trace.peek().filter((point) => point.atMs > seen.atMs - TRACE_MS), { ...angles, atMs: seen.atMs }];
      if (seen.outcome !== null && asked !== null) advice.value = { checkId: asked.id, passed: seen.outcome.passed, reason: seen.outcome.reason };
    });
    eye.watch(room.picture);
  });
  const follow = setInterval(() => eye?.watch(room.picture), 2_000);
  const stop = effect(() => {
    const open = current.value?.state === 'asked' ? (current.value.check ?? null) : null;
    const check = open !== null && isMeasured(open.kind) ? { id: open.id, kind: open.kind } : null;
    if (check?.id === asked?.id) return;
    asked = check;
    if (check !== null) advice.value = null;
    eye?.ask(check === null ? null : { kind: check.kind, atMs: performance.now() });
  });
  return () => {
    isOver = true;
    clearInterval(follow);
    stop();
    eye?.close();
  };
}
