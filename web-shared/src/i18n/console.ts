/** The console's catalogue: the common words and its own. */
import type { Language, Phrase } from '../i18n';
import type { CommonKey } from './common.en';
import type { ConsoleOwnKey } from './console.en';

/** Every key the console may use. */
export type ConsoleKey = CommonKey | ConsoleOwnKey;

/** The catalogue of one language. */
export async function loadConsole(language: Language): Promise<Readonly<Record<ConsoleKey, Phrase>>> {
  if (language === 'vi') {
    const [common, own] = await Promise.all([import('./common.vi'), import('./console.vi')]);
    return { ...common.commonVi, ...own.consoleVi };
  }
  const [common, own] = await Promise.all([import('./common.en'), import('./console.en')]);
  return { ...common.commonEn, ...own.consoleEn };
}
