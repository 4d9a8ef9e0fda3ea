/** The words of the console in the language it speaks now. Whatever reads them is drawn anew when the language changes. */
import { signal } from '@preact/signals';
import { ApiError } from '@visavis/shared/api';
import { LANGUAGES, pick, Words, type Language, type Values } from '@visavis/shared/i18n';
import { loadConsole, type ConsoleKey } from '@visavis/shared/i18n/console';

const STORED = 'visavis.console.language';

/** The language spoken now. */
export const language = signal<Language>(pick([localStorage.getItem(STORED) ?? '', ...navigator.languages]));

const books: Record<Language, Words<ConsoleKey>> = { en: new Words(loadConsole), vi: new Words(loadConsole) };

/** Loads both catalogues: an agent may have to read a sentence out in the customer's language. */
export async function loadWords(): Promise<void> {
  await Promise.all(LANGUAGES.map(({ code }) => books[code].speak(code)));
  document.documentElement.lang = language.value;
}

/** Speaks another language from now on, on this computer. */
export function speak(which: Language): void {
  localStorage.setItem(STORED, which);
  document.documentElement.lang = which;
  language.value = which;
}

/** The sentence of a key. */
export function t(key: ConsoleKey, values?: Values): string {
  return books[language.value].t(key, values);
}

/** The sentence of a key in a given language, whatever the console speaks. */
export function tIn(which: string, key: ConsoleKey, values?: Values): string {
  return books[pick([which])].t(key, values);
}

/** The sentence of a key that came from the server; `otherwise` where the catalogue has none. */
export function maybe(key: string, otherwise: string, values?: Values): string {
  return books[language.value].maybe(key, values) ?? otherwise;
}

/** What did not work, in the reader's words. */
export function failureText(failure: unknown): { text: string; requestId: string | null } {
  if (!(failure instanceof ApiError)) return { text: t('console.error.page'), requestId: null };
  const text = maybe(`console.error.${failure.code}`, maybe(`error.${failure.code}`, t('console.error.other', { code: failure.code })));
  return { text, requestId: failure.status >= 500 && failure.requestId !== '' ? failure.requestId : null };
}

/** A coded word of the wire: `words.code('reason', 'not_followed')`. Unknown codes are shown as they are. */
export function code(group: string, value: string): string {
  return maybe(`console.${group}.${value}`, maybe(`${group}.${value}`, value));
}

export type TimeForm = 'time' | 'day' | 'both';

const book = (): Words<ConsoleKey> => books[language.value];
/** `14:05` */
export const timeOfDay = (at: Date): string => book().time(at, { hour: '2-digit', minute: '2-digit' });
/** `Sun 22 Nov` */
export const shortDay = (at: Date): string => book().time(at, { weekday: 'short', day: 'numeric', month: 'short' });
/** `Monday` for 0, `Sunday` for 6. */
export const weekday = (day: number): string => book().time(Date.UTC(2024, 0, 1 + day, 12), { weekday: 'long', timeZone: 'UTC' });
/** `Sunday 22 November 2026` */
export const longDay = (at: Date): string => book().time(at, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
/** `22 Nov 2026, 14:05` */
export const dateTime = (at: Date): string => book().time(at, { day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });
/** With seconds and zone, for the hover. */
export const fullTime = (at: Date): string => book().time(at, { dateStyle: 'full', timeStyle: 'long' });
/** A number as the language writes it. */
export const number = (value: number, options?: Intl.NumberFormatOptions): string => book().number(value, options);
/** `m:ss` */
export const duration = (seconds: number): string => book().duration(seconds * 1000);
/** The name of a language in the language spoken now. */
export const languageName = (of: string): string => new Intl.DisplayNames([language.value], { type: 'language' }).of(of) ?? of;

/** An ISO date of a document as the language writes it; anything else as it is. */
export function documentDate(value: string): string {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(value) ? new Date(`${value}T00:00:00Z`) : null;
  return at === null || Number.isNaN(at.getTime()) ? value : book().time(at, { day: '2-digit', month: 'short', year: 'numeric', timeZone: 'UTC' });
}

/** `1.4 MB` */
export function fileSize(bytes: number): string {
  const [size, unit] = bytes >= 1e6 ? [bytes / 1e6, 'megabyte'] : [bytes / 1e3, 'kilobyte'];
  return number(size, { style: 'unit', unit, maximumFractionDigits: 1 });
}
