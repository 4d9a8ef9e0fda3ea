/** Words both faces use, and the printed report too: errors, documents, fields, reasons. English decides the keys. */
import type { Phrase } from '../i18n';
import words from './common.en.json' with { type: 'json' };

export const commonEn = words satisfies Record<string, Phrase>;

/** Every key of this catalogue. */
export type CommonKey = keyof typeof commonEn;
