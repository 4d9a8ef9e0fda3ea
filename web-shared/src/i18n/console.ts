/** The console's catalogue: the common words, those of what is filed, of a call, and its own. */
import type { Language, Phrase } from '../i18n';
import type { CommonKey } from './common.en';
import type { ConsoleOwnKey } from './console.en';
import type { FiledKey } from './filed.en';
import type { MediaKey } from './media.en';
import type { ScriptKey } from './script.en';

/** Every key the console may use. */
export type ConsoleKey = CommonKey | FiledKey | MediaKey | ScriptKey | ConsoleOwnKey;

/** The catalogue of one language. */
export async function loadConsole(language: Language): Promise<Readonly<Record<ConsoleKey, Phrase>>> {
  if (language === 'vi') {
    const [common, filed, media, script, own] = await Promise.all([import('./common.vi'), import('./filed.vi'), import('./media.vi'), import('./script.vi'), import('./console.vi')]);
    return { ...common.commonVi, ...filed.filedVi, ...media.mediaVi, ...script.scriptVi, ...own.consoleVi };
  }
  const [common, filed, media, script, own] = await Promise.all([import('./common.en'), import('./filed.en'), import('./media.en'), import('./script.en'), import('./console.en')]);
  return { ...common.commonEn, ...filed.filedEn, ...media.mediaEn, ...script.scriptEn, ...own.consoleEn };
}
