/**
 * The words. One catalogue per language and namespace under `i18n/`; English decides which keys there are, every other
 * language must have them all (the compiler says so). A page builds one {@link Words} of the namespaces it needs and loads
 * only the language it speaks. No DOM.
 */

/** The languages. */
export type Language = 'en' | 'vi';

/** A sentence, or one sentence per plural form of `{count}`. `{name}` stands for a value. */
export type Phrase = string | { one: string; other: string };

/** A catalogue that has every key of another. */
export type Same<T> = { readonly [K in keyof T]: Phrase };

/** Values of a sentence. Numbers are written as the language writes them. */
export type Values = Readonly<Record<string, string | number>>;

/** Every language, in the order of the switch, by its own name. */
export const LANGUAGES: readonly { code: Language; name: string }[] = [
  { code: 'en', name: 'English' },
  { code: 'vi', name: 'Tiếng Việt' },
];

/** The first of the person's languages we speak; English when there is none. */
export function pick(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const code = tag.toLowerCase().split('-')[0];
    if (code === 'en' || code === 'vi') return code;
  }
  return 'en';
}

/** The sentences of one page in the language it speaks now. */
export class Words<K extends string> {
  #language: Language = 'en';
  #phrases: Readonly<Record<string, Phrase>> = {};

  constructor(private readonly load: (language: Language) => Promise<Readonly<Record<K, Phrase>>>) {}

  /** The language spoken now. */
  get language(): Language {
    return this.#language;
  }

  /** Speaks another language from now on. */
  async speak(language: Language): Promise<void> {
    this.#phrases = await this.load(language);
    this.#language = language;
  }

  /** The sentence of a key. */
  readonly t = (key: K, values: Values = {}): string => this.maybe(key, values) ?? key;

  /** The sentence of a key that came from the server, or null when there is none. */
  maybe(key: string, values: Values = {}): string | null {
    const phrase = Object.hasOwn(this.#phrases, key) ? this.#phrases[key] : undefined;
    if (phrase === undefined) return null;
    return fill(choose(phrase, values, this.#language), values, this.#language);
  }

  /** A number as the language writes it. */
  number(value: number, options?: Intl.NumberFormatOptions): string {
    return new Intl.NumberFormat(this.#language, options).format(value);
  }

  /** A point in time as the language writes it, in the person's zone unless another is given. */
  time(at: string | number | Date, options: Intl.DateTimeFormatOptions): string {
    return new Intl.DateTimeFormat(this.#language === 'en' ? 'en-GB' : 'vi-VN', options).format(new Date(at));
  }

  /** A length of time as `m:ss` or `h:mm:ss`. */
  duration(ms: number): string {
    const seconds = Math.max(0, Math.floor(ms / 1000));
    const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    const shown = parts[0] === 0 ? parts.slice(1) : parts;
    return shown.map((part, at) => (at === 0 ? String(part) : String(part).padStart(2, '0'))).join(':');
  }
}

function choose(phrase: Phrase, values: Values, language: Language): string {
  if (typeof phrase === 'string') return phrase;
  const form = new Intl.PluralRules(language).select(Number(values['count'] ?? 0));
  return form === 'one' ? phrase.one : phrase.other;
}

function fill(sentence: string, values: Values, language: Language): string {
  return sentence.replace(/\{(\w+)\}/g, (hole, name: string) => {
    const value = values[name];
    if (value === undefined) return hole;
    return typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value;
  });
}
