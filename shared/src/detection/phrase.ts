import type { Language } from '../vocabulary.ts';

const made = new Map<string, Intl.NumberFormat>();

function formatOf(language: Language, digits: number, grouped: boolean): Intl.NumberFormat {
  const name = `${language} ${digits} ${grouped}`;
  let format = made.get(name);
  if (format === undefined) {
    format = new Intl.NumberFormat(language, { maximumSignificantDigits: digits, useGrouping: grouped });
    made.set(name, format);
  }
  return format;
}

/**
 * The text of a number, rounded to significant digits, with the language's decimal sign and the minus sign (U+2212) that
 * the pictures use; from ten thousand on in groups.
 * @example
 * numberText(1234.5, 'pt'); // '1230'
 */
export function numberText(value: number, language: Language, digits = 3): string {
  return trueMinus(formatOf(language, digits, Math.abs(value) >= 10_000).format(value));
}

/**
 * A number's text with a minus as typographers set it (U+2212), in place of the hyphen of number formats.
 * @example
 * trueMinus('-3,5'); // '−3,5'
 */
export function trueMinus(text: string): string {
  return text.replace('-', '−');
}

/**
 * The text of a share in percent, two digits of it, and as many more as are asked for.
 * @example
 * percentText(0.354, 'es'); // '35 %'
 */
export function percentText(share: number, language: Language, more = 0): string {
  return `${numberText(100 * share, language, (share >= 0.1 ? 2 : 1) + more)} %`;
}

/** Digits that two texts get at most to be told apart. */
const MOST_MORE = 4;

/**
 * The texts of two numbers between which something moved: they differ where the numbers do, by more digits than usual
 * where it takes them.
 * @param textOf the text of a number with so many more digits than usual.
 * @example
 * movedTexts(0.984, 0.976, (share, more) => percentText(share, 'en', more)); // ['98.4 %', '97.6 %']
 */
export function movedTexts(
  from: number,
  to: number,
  textOf: (value: number, more: number) => string,
): readonly [from: string, to: string] {
  for (let more = 0; ; more++) {
    const [before, after] = [textOf(from, more), textOf(to, more)];
    if (before !== after || more === MOST_MORE) return [before, after];
  }
}

/**
 * A count with its noun.
 * @example
 * many('1', 'attempt', 'attempts'); // '1 attempt'
 */
export function many(count: string, one: string, several: string): string {
  return `${count} ${count === '1' ? one : several}`;
}

const DAYS: Readonly<Record<Language, readonly [one: string, many: string]>> = {
  en: ['day', 'days'],
  es: ['día', 'días'],
  pt: ['dia', 'dias'],
};

/**
 * The text of a length of time: in minutes below an hour, in days from two days on, else in hours.
 * @example
 * durationText(84, 'pt'); // '3,5 dias'
 */
export function durationText(hours: number, language: Language): string {
  if (hours < 1) return `${numberText(60 * hours, language)} min`;
  if (hours < 48) return `${numberText(hours, language)} h`;
  const days = numberText(hours / 24, language, 2);
  return `${days} ${DAYS[language][days === '1' ? 0 : 1]}`;
}
