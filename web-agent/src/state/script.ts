/** What the agent does in the script of the call under way: opening steps, asking checks, giving verdicts. */
import { computed, effect, signal } from '@preact/signals';
import type { CheckKind } from '@visavis/shared/wire';
import * as door from '../door';
import { interrupted, needsStill, nextStep, stepAgain, steps, type Step, type StepId } from '../rules/script';
import { room } from './room';
import { takeStill } from './still';

/** Reasons of a failed and of a skipped check. */
export const FAIL_REASONS = ['not_followed', 'not_visible', 'technical'] as const;
export const SKIP_REASONS = ['cannot', 'declined', 'technical'] as const;

/** The step that is open on screen. */
export const openStep = signal<StepId>('greet');
/** A request about a check is on its way. */
export const isBusy = signal(false);
/** What did not work in a step. */
export const scriptFailure = signal<unknown>(null);
/** A pass was tried while the customer's picture could not be seen. */
export const hasNoPicture = signal(false);

const ticked = signal<ReadonlySet<StepId>>(new Set());

/** The steps of the call under way. */
export const script = computed<Step[]>(() => {
  const here = room.value;
  const file = here?.file.value;
  const view = here?.view.value;
  return file && view ? steps(file.required_checks, view.checks, ticked.value, view.plan?.left, view.plan?.carried) : [];
});

/** The check that a broken connection brings back, until the next is asked. */
export const again = computed(() => interrupted(room.value?.view.value?.checks ?? []));

/** The step that is open, with its state. */
export const current = computed<Step | null>(() => script.value.find((step) => step.id === openStep.value) ?? null);

const storedAt = (callId: string): string => `visavis.script.${callId}`;

/** Marks a spoken step as done and opens the next. */
export function tick(step: StepId): void {
  ticked.value = new Set([...ticked.value, step]);
  const here = room.value;
  if (here) sessionStorage.setItem(storedAt(here.callId), [...ticked.value].join(' '));
  openStep.value = nextStep(script.value, step);
}

/** Opens the neighbour of the open step. */
export function move(by: 1 | -1): void {
  const list = script.value;
  const at = list.findIndex((step) => step.id === openStep.value);
  const to = list[Math.min(list.length - 1, Math.max(0, at + by))];
  if (to) openStep.value = to.id;
}

/** Has the server draw what the customer is to do now. */
export async function go(): Promise<void> {
  const here = room.value;
  if (here === null) return;
  await busy(async () => {
    const check = await door.askCheck(here.callId);
    here.keepCheck(check);
    openStep.value = check.kind;
  });
}

/** The kinds of which every try is used up: they can only be left out. */
export const spent = computed<readonly CheckKind[]>(() => room.value?.view.value?.plan?.spent ?? []);

/** Gives a verdict on a check; passed and failed go with a picture of that moment. */
export async function judge(step: Step, verdict: 'passed' | 'failed' | 'skipped', reason: string | null): Promise<void> {
  const here = room.value;
  if (here === null) return;
  await busy(async () => {
    const check = step.check?.state === 'asked' ? step.check : verdict === 'skipped' ? await askedFor(here.callId, step.id) : null;
    if (check === null) return;
    if (needsStill(verdict)) {
      const still = await takeStill(here.picture);
      hasNoPicture.value = still === null && verdict === 'passed';
      if (hasNoPicture.value) return;
      if (still !== null) await door.putStill(check.id, still);
    }
    here.keepCheck(await door.judge(check.id, verdict, reason));
    if (verdict !== 'failed') openStep.value = nextStep(script.value, step.id);
  });
}

/** A check is left out before it was shown to the customer: it is asked and skipped in one go. */
async function askedFor(callId: string, id: StepId) {
  return id === 'greet' || id === 'document' || id === 'more' || id === 'decide' ? null : door.askCheck(callId, { kind: id, because: 'leave_out' });
}

async function busy(work: () => Promise<void>): Promise<void> {
  if (isBusy.value) return;
  isBusy.value = true;
  scriptFailure.value = null;
  hasNoPicture.value = false;
  try {
    await work();
  } catch (failure) {
    scriptFailure.value = failure;
  } finally {
    isBusy.value = false;
  }
}

/** Starts every call where its script was left; call once. */
export function followScript(): void {
  let shown = '';
  effect(() => {
    const id = room.value?.callId ?? '';
    if (id === shown) return;
    shown = id;
    ticked.value = new Set((sessionStorage.getItem(storedAt(id)) ?? '').split(' ').filter(Boolean) as StepId[]);
    scriptFailure.value = null;
    openStep.value = 'greet';
  });
  let placed = '';
  effect(() => {
    const list = script.value;
    const id = room.value?.callId ?? '';
    // What is repeated goes from the list once the draw holds nothing more.
    const isThere = list.some((step) => step.id === openStep.peek());
    if (list.length === 0 || (placed === id && isThere)) return;
    placed = id;
    openStep.value = nextStep(list, null);
  });
  let returned = '';
  effect(() => {
    const check = again.value;
    if (check === null || check.id === returned) return;
    returned = check.id;
    openStep.value = stepAgain(script.peek(), check);
  });
}
