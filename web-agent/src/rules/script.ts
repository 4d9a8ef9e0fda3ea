/** The order of a call as the agent is led through it. Pure. */
import type { CheckKind, CheckState, CheckView } from '@visavis/shared/wire';

/** A step of the script. `more` is what the draw repeats, `decide` the last one. */
export type StepId = 'greet' | 'document' | CheckKind | 'more' | 'decide';

/** How a step stands. */
export type StepState = 'open' | 'asked' | 'passed' | 'failed' | 'skipped' | 'done';

export interface Step {
  id: StepId;
  state: StepState;
  /** The newest check of this kind, if it was asked. */
  check: CheckView | null;
}

/**
 * The steps of a call. `ticked` are the spoken steps the agent marked as done; `left` is how many checks the drawn order still
 * holds. Which comes next nobody knows before Go, so the checks stand in the order of the rule profile, then those that came
 * in place of another, then what is repeated.
 */
export function steps(required: readonly CheckKind[], checks: readonly CheckView[], ticked: ReadonlySet<StepId>, left = 0, carried: readonly CheckKind[] = []): Step[] {
  const spoken = (id: StepId): Step => ({ id, state: ticked.has(id) ? 'done' : 'open', check: null });
  const others = [...new Set(checks.filter((check) => check.void_because === null).map((check) => check.kind))].filter((kind) => !required.includes(kind));
  // What no longer counts stands open again; what an earlier call settled is done unless it was asked for again.
  const valid = checks.filter((check) => check.void_because === null);
  const asked = [...required, ...others].map((kind) => checkStep(kind, valid, carried));
  const more: Step[] = left > 0 && asked.every((step) => isSettled(step.state)) ? [{ id: 'more', state: 'open', check: null }] : [];
  return [spoken('greet'), spoken('document'), ...asked, ...more, { id: 'decide', state: 'open', check: null }];
}

function checkStep(kind: CheckKind, checks: readonly CheckView[], carried: readonly CheckKind[]): Step {
  const check = newest(kind, checks);
  const state: StepState = check === null ? (carried.includes(kind) ? 'done' : 'open') : check.state;
  return { id: kind, state, check };
}

/** The newest check of a kind: a movement may be asked again after it was passed. */
export function newest(kind: CheckKind, checks: readonly CheckView[]): CheckView | null {
  return checks.filter((check) => check.kind === kind).sort((a, b) => a.asked_at.localeCompare(b.asked_at)).at(-1) ?? null;
}

/** Whether nothing is left to do in a step. A failed check stays open: it may be repeated. */
export function isSettled(state: StepState): boolean {
  return state === 'passed' || state === 'skipped' || state === 'done';
}

/** The step to open next: the one asked, else the first that is not settled after `from`, else the first of all; the decision last. */
export function nextStep(list: readonly Step[], from: StepId | null): StepId {
  const asked = list.find((step) => step.state === 'asked');
  if (asked) return asked.id;
  const start = from === null ? 0 : list.findIndex((step) => step.id === from) + 1;
  const isNext = (step: Step): boolean => step.id !== 'decide' && !isSettled(step.state);
  return (list.slice(start).find(isNext) ?? list.find(isNext))?.id ?? 'decide';
}

/** The check that a broken connection brings back, until something is asked after it. */
export function interrupted(checks: readonly CheckView[]): CheckView | null {
  const last = [...checks].sort((a, b) => a.asked_at.localeCompare(b.asked_at)).at(-1);
  return last?.void_because === 'reconnected' ? last : null;
}

/** The step at which a check that comes again is asked: its own, or the one of what the draw repeats. */
export function stepAgain(list: readonly Step[], check: CheckView): StepId {
  const own = list.find((step) => step.id === check.kind && !isSettled(step.state));
  return own?.id ?? (list.some((step) => step.id === 'more') ? 'more' : nextStep(list, null));
}

/** Whether a verdict needs a picture of the customer. */
export function needsStill(verdict: CheckState): boolean {
  return verdict === 'passed' || verdict === 'failed';
}
