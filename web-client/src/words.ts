/** The sentences of the customer's page. */
import { ApiError } from '@visavis/shared/api';
import { LANGUAGES, pick, Words, type Language, type Phrase } from '@visavis/shared/i18n';
import type { ClientKey } from '@visavis/shared/i18n/client.en';
import type { CommonKey } from '@visavis/shared/i18n/common.en';

/** Every key this page may use. */
export type Key = ClientKey | CommonKey;

const REMEMBERED = 'visavis.language';

/** The page's words. */
export const words = new Words<Key>(async (language): Promise<Readonly<Record<Key, Phrase>>> => {
  if (language === 'vi') {
    const [common, client] = await Promise.all([import('@visavis/shared/i18n/common.vi'), import('@visavis/shared/i18n/client.vi')]);
    return { ...common.commonVi, ...client.clientVi };
  }
  const [common, client] = await Promise.all([import('@visavis/shared/i18n/common.en'), import('@visavis/shared/i18n/client.en')]);
  return { ...common.commonEn, ...client.clientEn };
});

/** The sentence of a key. */
export const t = words.t;

/** The language chosen before on this device, or the browser's. */
export function preferredLanguage(): Language {
  let remembered: string | null = null;
  try {
    remembered = localStorage.getItem(REMEMBERED);
  } catch {
    remembered = null;
  }
  return LANGUAGES.find(({ code }) => code === remembered)?.code ?? pick(navigator.languages ?? [navigator.language]);
}

/** Remembers the choice on this device. */
export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(REMEMBERED, language);
  } catch {
    // A browser that keeps nothing asks its own setting again next time.
  }
}

/** What happened and what to do, for anything that was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ApiError) {
    const sentence = words.maybe(`error.${error.code}`);
    if (sentence !== null) return sentence;
    if (error.status === 429) return t('error.limited');
    if (error.status === 404) return t('error.unknown');
    if (error.isPassing) return t('error.unavailable');
  }
  return t('error.unexpected');
}

/** The person's IANA zone. */
export function timeZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';
}

/** The person's zone by its name in the language of the page, “Indochina Time”. */
export function zoneName(): string {
  const parts = new Intl.DateTimeFormat(words.language === 'en' ? 'en-GB' : 'vi-VN', { timeZoneName: 'longGeneric' }).formatToParts(new Date());
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? timeZone();
}

/** “about 3–5 min”, or a sentence for less than a minute. */
export function waitRange(low: number, high: number): string {
  if (high <= 1) return t('client.wait.under_minute');
  return low === high ? t('client.wait.about', { count: high }) : t('client.wait.range', { low, high });
}
