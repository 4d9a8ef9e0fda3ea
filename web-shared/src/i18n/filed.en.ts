/** Words of what is filed, used by the console and by the printed report: states, events, outcomes. English decides the keys. */
import type { Phrase } from '../i18n';
import words from './filed.en.json' with { type: 'json' };

export const filedEn = words satisfies Record<string, Phrase>;

/** Every key of this catalogue. */
export type FiledKey = keyof typeof filedEn;
