// How what the server says of a check enters what is known: as the answer to an asking, or pushed.
import type { CheckView } from '@visavis/shared/wire';

/** The checks with one more, in the order they were asked. `isPushed`: it was pushed, and nothing newer is known. */
export function withCheck(checks: readonly CheckView[], check: CheckView, isPushed: boolean): CheckView[] {
  const earlier = checks.find((other) => other.id === check.id);
  // The answer to an asking may come after the push of what became of it, or of its code.
  const kept = !isPushed && check.state === 'asked' && earlier !== undefined ? { ...check, state: earlier.state, void_because: earlier.void_because, code: earlier.code ?? check.code } : check;
  return [...checks.filter((other) => other.id !== check.id), kept].sort((a, b) => a.asked_at.localeCompare(b.asked_at));
}
