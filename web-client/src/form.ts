/** What stands on the form: as the server has it, with what the customer typed since. Pure but for {@link Form.save}. */
import { put } from '@visavis/shared/api';
import type { ApplicationView, ConsentKind, ConsentView, DetailView, DisagreementCode, FieldName, FieldProblem, SaveDetails } from '@visavis/shared/wire';

/** A field of the document, or one of the two contacts. */
export type Part = FieldName | 'email' | 'phone';

/** Fields that are dates: ISO `YYYY-MM-DD`, parts may be missing while typing. */
export const DATES: readonly string[] = ['birth_date', 'expiry_date', 'issue_date'];
const SAVE_AFTER_MS = 700;
/** Contradictions the customer must settle; the others only ask for a look. */
const MUST_SETTLE: readonly DisagreementCode[] = ['sources_differ', 'number_birth', 'number_sex', 'number_form', 'dates_order'];

/** One customer's form. */
export class Form {
  /** What is bad, by part (`email`, `consent.recording`, a field's name). */
  readonly problems = new Map<string, string>();
  readonly #typed = new Map<Part, string>();
  readonly #settled = new Map<Part, boolean>();
  readonly #given = new Map<ConsentKind, boolean>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #view: ApplicationView;

  constructor(view: ApplicationView) {
    this.#view = view;
  }

  /** Takes over a newer reading; what the customer typed stays. */
  adopt(view: ApplicationView): void {
    this.#view = view;
  }

  /** What stands in a part now. */
  value(part: Part): string {
    const typed = this.#typed.get(part);
    if (typed !== undefined) return typed;
    if (part === 'email') return this.#view.email ?? '';
    if (part === 'phone') return this.#view.phone ?? '';
    return this.#view.details.find(({ name }) => name === part)?.value ?? '';
  }

  /** The customer typed; saved a moment later. */
  type(part: Part, value: string): void {
    this.#settled.set(part, false);
    this.#put(part, value);
  }

  /** The customer, asked to look at a field, said that this is right. */
  settle(part: Part, value: string): void {
    this.#settled.set(part, true);
    this.#put(part, value);
  }

  /** Whether a field still waits for the customer's word on a contradiction. */
  isOpen(detail: DetailView): boolean {
    const isContradicted = detail.disagreements.some(({ code }) => MUST_SETTLE.includes(code));
    return isContradicted && !this.isSettled(detail) && this.value(detail.name).trim() === (detail.read_value ?? '');
  }

  /** Whether the customer said of a field that what stands there is right. */
  isSettled(detail: DetailView): boolean {
    return this.#settled.get(detail.name) ?? detail.checked;
  }

  #put(part: Part, value: string): void {
    this.#typed.set(part, value);
    this.problems.delete(part);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.save().catch(() => undefined), SAVE_AFTER_MS);
  }

  /** Whether the customer changed this part on this page. */
  isTyped(part: Part): boolean {
    return this.#typed.has(part);
  }

  /** Whether a consent is given. */
  isGiven(kind: ConsentKind): boolean {
    return this.#given.get(kind) ?? this.#view.consents.find((consent) => consent.kind === kind)?.given ?? false;
  }

  /** The customer moved a switch. */
  give(kind: ConsentKind, given: boolean): void {
    this.#given.set(kind, given);
    this.problems.delete(`consent.${kind}`);
  }

  /** The switches as they are sent. */
  consents(): ConsentView[] {
    return this.#view.consents.map((consent) => ({ ...consent, given: this.isGiven(consent.kind) }));
  }

  /** The whole form as it is sent. */
  details(): SaveDetails {
    return {
      fields: this.#view.details.map((detail) => ({ name: detail.name, value: this.value(detail.name).trim(), checked: this.isSettled(detail) })),
      email: emptyAsNull(this.value('email')),
      phone: emptyAsNull(this.value('phone')),
    };
  }

  /** Sends what stands here; nothing is judged. */
  async save(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#typed.size > 0) await put('/api/v1/application/details', this.details());
  }

  /** What the page itself can see is missing or misspelt; the server has the last word. */
  check(): boolean {
    this.problems.clear();
    for (const detail of this.#view.details) {
      const { name, required } = detail;
      const value = this.value(name).trim();
      if (value === '' && required) this.problems.set(name, 'required');
      else if (value !== '' && DATES.includes(name) && !isDate(value)) this.problems.set(name, 'malformed');
      else if (this.isOpen(detail)) this.problems.set(name, 'undecided');
    }
    const [email, phone] = [this.value('email').trim(), this.value('phone').trim()];
    if (email === '') this.problems.set('email', 'required');
    else if (!/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) this.problems.set('email', 'malformed');
    if (phone === '') this.problems.set('phone', 'required');
    else if (!/^\+?[\d\s().-]{6,24}$/.test(phone)) this.problems.set('phone', 'malformed');
    return this.problems.size === 0;
  }

  /** Takes over what the server found bad. */
  blame(fields: readonly FieldProblem[]): void {
    this.problems.clear();
    for (const { name, part, problem } of fields) this.problems.set(name ?? part ?? '', problem);
  }

  /** Whether something on the form itself (not a consent) is bad. */
  hasBadDetails(): boolean {
    return [...this.problems.keys()].some((part) => !part.startsWith('consent.'));
  }
}

/** Whether a text is a day of the calendar, `YYYY-MM-DD`. */
export function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day) && Number(year) > 1800;
}

/** Day, month and year as typed → `YYYY-MM-DD`, with holes while parts are missing. */
export function joinDate(day: string, month: string, year: string): string {
  if (day + month + year === '') return '';
  const two = (part: string): string => (part === '' ? '' : part.padStart(2, '0'));
  return `${year}-${two(month)}-${two(day)}`;
}

/** The other way round. */
export function splitDate(value: string): { day: string; month: string; year: string } {
  const [year = '', month = '', day = ''] = value.split('-');
  return { day, month, year };
}

function emptyAsNull(value: string): string | null {
  const trimmed = value.trim();
  return trimmed === '' ? null : trimmed;
}
