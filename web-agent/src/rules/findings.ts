/** What an agent must see before deciding: what is missing, then what is odd. Pure. */
import type { CallFileView, CheckKind, CheckView, DisagreementCode, FieldName, FileField, Side } from '@visavis/shared/wire';
import { newest } from './script';

export type Finding =
  | { code: 'on_list'; count: number; blocks: false }
  | { code: 'checks_left'; count: number; blocks: true }
  | { code: 'check_missing'; kind: CheckKind; blocks: true }
  | { code: 'check_failed'; kind: CheckKind; reason: string | null; blocks: true }
  | { code: 'check_skipped'; kind: CheckKind; reason: string | null; blocks: false }
  | { code: 'still_missing'; kind: CheckKind; blocks: false }
  | { code: 'check_disputed'; kind: CheckKind; blocks: false }
  | { code: 'photo_missing'; side: Side; blocks: false }
  | { code: 'mrz_invalid'; side: Side; blocks: false }
  | { code: 'photo_flagged'; side: Side; blocks: false }
  | { code: 'contradiction'; which: DisagreementCode; name: FieldName; blocks: false }
  | { code: 'field_doubtful'; name: FieldName; blocks: false }
  | { code: 'field_changed'; name: FieldName; blocks: false }
  | { code: 'document_expired'; name: FieldName; blocks: false };

/** Findings of a call, those that stand in the way of an approval first. `today` is `YYYY-MM-DD`. */
export function findings(file: CallFileView, checks: readonly CheckView[], today: string, left = 0, carried: readonly CheckKind[] = []): Finding[] {
  const asked = checkFindings(
    file.required_checks.filter((kind) => !carried.includes(kind)),
    checks.filter((check) => check.void_because === null),
  );
  const listed: Finding[] = file.listed.length > 0 ? [{ code: 'on_list', count: file.listed.length, blocks: false }] : [];
  const more: Finding[] = left > 0 && !asked.some((finding) => finding.blocks) ? [{ code: 'checks_left', count: left, blocks: true }] : [];
  const all = [...asked, ...more, ...listed, ...photoFindings(file), ...contradictionFindings(file), ...file.fields.flatMap((field) => fieldFindings(field, today, isContradicted(file, field.name)))];
  return [...all.filter((finding) => finding.blocks), ...all.filter((finding) => !finding.blocks)];
}

/** How many checks the measured recording contradicts. */
export function disputed(checks: readonly CheckView[]): number {
  return checks.filter((check) => check.measured?.disagrees === true).length;
}

/** Whether an approval would be refused. */
export function isBlocked(list: readonly Finding[]): boolean {
  return list.some((finding) => finding.blocks);
}

function checkFindings(required: readonly CheckKind[], checks: readonly CheckView[]): Finding[] {
  return required.flatMap((kind): Finding[] => {
    const check = newest(kind, checks);
    if (check === null || check.state === 'asked') return [{ code: 'check_missing', kind, blocks: true }];
    const dispute: Finding[] = check.measured?.disagrees === true ? [{ code: 'check_disputed', kind, blocks: false }] : [];
    if (check.state === 'failed') return [{ code: 'check_failed', kind, reason: check.reason, blocks: true }, ...dispute];
    if (check.state === 'skipped') return [{ code: 'check_skipped', kind, reason: check.reason, blocks: false }];
    return check.has_still ? dispute : [...dispute, { code: 'still_missing', kind, blocks: false }];
  });
}

function photoFindings(file: CallFileView): Finding[] {
  const missing: Finding[] = sidesOf(file)
    .filter((side) => !file.captures.some((capture) => capture.side === side))
    .map((side) => ({ code: 'photo_missing', side, blocks: false }));
  const broken: Finding[] = file.captures
    .filter((capture) => capture.mrz_valid === false)
    .map((capture) => ({ code: 'mrz_invalid', side: capture.side, blocks: false }));
  const flagged: Finding[] = file.captures.filter((capture) => capture.flagged).map((capture) => ({ code: 'photo_flagged', side: capture.side, blocks: false }));
  return [...missing, ...broken, ...flagged];
}

function contradictionFindings(file: CallFileView): Finding[] {
  return file.disagreements.flatMap(({ code, fields }): Finding[] => (fields[0] === undefined ? [] : [{ code: 'contradiction', which: code, name: fields[0], blocks: false }]));
}

function isContradicted(file: CallFileView, name: FieldName): boolean {
  return file.disagreements.some(({ fields }) => fields.includes(name));
}

/** A passport has one page to photograph, every card two sides. */
export function sidesOf(file: CallFileView): Side[] {
  return file.document_kind === 'passport' ? ['front'] : ['front', 'back'];
}

function fieldFindings(field: FileField, today: string, isNamed: boolean): Finding[] {
  const found: Finding[] = [];
  if (field.name === 'expiry_date' && field.value !== '' && field.value < today) found.push({ code: 'document_expired', name: field.name, blocks: false });
  if (field.doubtful && !isNamed) found.push({ code: 'field_doubtful', name: field.name, blocks: false });
  else if (field.origin === 'changed') found.push({ code: 'field_changed', name: field.name, blocks: false });
  return found;
}
