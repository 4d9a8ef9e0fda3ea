/** Which reasons belong to which outcome, and when a decision may be sent. Pure. */
import type { CallFileView, Outcome } from '@visavis/shared/wire';
import { sidesOf } from './findings';

export const OUTCOMES: readonly Outcome[] = ['approve', 'redo', 'reject', 'suspect', 'abort'];
/** What a second person may say. */
export const SECOND_OUTCOMES: readonly Outcome[] = ['approve', 'redo', 'reject'];
export const SUSPECT_REASONS = ['forged_document', 'impersonation', 'injected_video', 'coached', 'other'] as const;
export const REASONS: Readonly<Record<Outcome, readonly string[]>> = {
  approve: ['all_checks_passed'],
  reject: ['person_mismatch', 'document_invalid', 'suspected_fraud', 'checks_failed', 'other'],
  redo: ['document_unreadable', 'poor_connection', 'customer_request', 'details_wrong', 'check_unclear', 'other'],
  suspect: SUSPECT_REASONS,
  abort: ['light', 'picture', 'sound', 'connection', 'customer_left', 'customer_request', 'other'],
};
export const LONGEST_NOTE = 2000;

/** What an agent has chosen so far. */
export interface Draft {
  outcome: Outcome | null;
  reason: string | null;
  /** The one thing to be done again; empty, all of it. */
  item: string;
  note: string;
}

/** What still stands in the way of sending a decision; null when nothing does. */
export function lacking(draft: Draft, isBlocked: boolean): 'outcome' | 'checks' | 'reason' | 'note' | null {
  if (draft.outcome === null) return 'outcome';
  if (draft.outcome === 'approve' && isBlocked) return 'checks';
  if (draft.reason === null || !REASONS[draft.outcome].includes(draft.reason)) return 'reason';
  if (draft.reason === 'other' && draft.note.trim() === '') return 'note';
  return null;
}

/** The draft with another outcome: where there is one reason only, it is taken. */
export function choose(draft: Draft, outcome: Outcome): Draft {
  const reasons = REASONS[outcome];
  return { ...draft, outcome, item: '', reason: reasons.length === 1 ? (reasons[0] ?? null) : null };
}

/** What can be done again by itself: a photograph, the form, one check. */
export function items(file: CallFileView): string[] {
  return [...sidesOf(file).map((side) => `photo_${side}`), 'details', ...file.required_checks];
}
