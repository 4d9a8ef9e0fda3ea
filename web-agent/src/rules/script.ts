/** The order of a call as the agent is led through it. Pure. */
import type { CheckKind, CheckState, CheckView } from '@visavis/shared/wire';

/** A step of the script. `decide` is the last one. */
export type StepId = 'greet' | 'document' | CheckKind | 'decide';

/** How a step stands. */
export type StepState = 'open' | 'asked' | 'passed' | 'failed' | 'skipped' | 'done';

export interface Step {
  id: StepId;
  state: StepState;
  /** The newest check of this kind, if it was asked. */
  check: CheckView | null;
}

/** The steps of a call. `ticked` are the spoken steps the agent marked as done. */
export function steps(required: readonly CheckKind[], checks: readonly CheckView[], ticked: ReadonlySet<StepId>): Step[] {
  const spoken = (id: StepId): Step => ({ id, state: ticked.has(id) ? 'done' : 'open', check: null });
  return [spoken('greet'), spoken('document'), ...required.map((kind) => checkStep(kind, checks)), { id: 'decide', state: 'open', check: null }];
}

function checkStep(kind: CheckKind, checks: readonly CheckView[]): Step {
  const check = newest(kind, checks);
  const state: StepState = check === null ? 'open' : check.state;
  return { id: kind, state, check };
}

/** The check of a kind that counts: one that passed, or else the newest. */
export function newest(kind: CheckKind, checks: readonly CheckView[]): CheckView | null {
  const same = checks.filter((check) => check.kind === kind).sort((a, b) => a.asked_at.localeCompare(b.asked_at));
  return same.find((check) => check.state === 'passed') ?? same.at(-1) ?? null;
}

/** Whether nothing is left to do in a step. A failed check stays open: it may be repeated. */
export function isSettled(state: StepState): boolean {
  return state === 'passed' || state === 'skipped' || state === 'done';
}

/** The step to open next: the one asked, else the first that is not settled after `from`, else the first of all. */
export function nextStep(list: readonly Step[], from: StepId | null): StepId {
  const asked = list.find((step) => step.state === 'asked');
  if (asked) return asked.id;
  const start = from === null ? 0 : list.findIndex((step) => step.id === from) + 1;
  const later = list.slice(start).find((step) => !isSettled(step.state));
  const any = list.find((step) => !isSettled(step.state));
  return (later ?? any ?? list[list.length - 1])?.id ?? 'decide';
}

/** Whether a verdict needs a picture of the customer. */
export function needsStill(verdict: CheckState): boolean {
  return verdict === 'passed' || verdict === 'failed';
}
