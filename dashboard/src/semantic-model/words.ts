import type { Language } from '@tidemark/shared/vocabulary';

/** A phrase in every language of the dashboard. */
export type Phrase = Readonly<Record<Language, string>>;

/** Names of days and months, and the decimal sign, of each language. */
const LOCALES: Phrase = { en: 'en-US', es: 'es-ES', pt: 'pt-BR' };

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;

/**
 * DAX that gives one of several expressions, by a language.
 * @param language DAX of a two-letter language; the one of the person who looks unless given.
 */
export function byLanguage(expressions: Phrase, language = 'LEFT ( USERCULTURE (), 2 )'): string {
  return `SWITCH ( ${language}, "es", ${expressions.es}, "pt", ${expressions.pt}, ${expressions.en} )`;
}

/** DAX that gives a phrase in the language of the person who looks. */
export function phrase({ en, es, pt }: Phrase, language?: string): string {
  return byLanguage({ en: quoted(en), es: quoted(es), pt: quoted(pt) }, language);
}

/** DAX that gives the one phrase for 1 and the other for all else, after the number. */
export function counted(count: string, one: Phrase, several: Phrase, language?: string): string {
  return `${count} & " " & IF ( ${count} = 1, ${phrase(one, language)}, ${phrase(several, language)} )`;
}

/** DAX that writes a moment or a number as the language of the person who looks has it. */
export function inLocale(value: string, format: string): string {
  return `FORMAT ( ${value}, "${format}", ${phrase(LOCALES)} )`;
}
