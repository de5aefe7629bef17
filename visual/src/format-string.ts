import { valueFormatter } from 'powerbi-visuals-utils-formattingutils';
import { ensureCulture } from './culture.ts';

/** Names that a measure may have for its format in place of a format string, as DAX's FORMAT has them. */
const NAMED: Readonly<Record<string, string>> = {
  'general number': 'G',
  currency: 'C2',
  fixed: '0.00',
  standard: '#,0.00',
  percent: '0.00%',
  scientific: '0.00E+00',
};

/** What stands for itself in a format string: an escaped character, a text in quotes. */
const LITERAL = /\\.|"[^"]*"|'[^']*'/g;

/** Digits of a format string, and its decimal point with what follows; the commas are the thousands left out. */
const DIGITS = /(?<digits>[#0](?:[#0,]*[#0])?)(?<before>,*)(?<point>\.[#0]*)?(?<after>,*)/;

/** A format string of the model in a locale. */
export interface FormatString {
  /** Writes a value in full. */
  readonly write: (value: number) => string;
  /** Does it write shares as percentages? */
  readonly isPercent: boolean;
  /** What it puts before and after the digits, such as a currency sign, but no letter for thousands it leaves out. */
  readonly before: string;
  readonly after: string;
}

/**
 * Reads a format string.
 * @param format as the model has it: `\$#,0.00;(\$#,0.00)`, `#,0.0,,"M"`, `C2`, `Currency`
 * @param locale BCP 47, one that `Intl` supports
 */
export function readFormat(format: string, locale: string): FormatString {
  ensureCulture(locale);
  const named = NAMED[format.trim().toLowerCase()] ?? format;
  const { spelled, thousands } = withScale(named);
  const formatter = valueFormatter.create({ format: spelled, cultureSelector: locale });
  const write = (value: number) => formatter.format(value === 0 ? 0 : value);
  const [, before = '', after = ''] = /^(\D*)0*8(?:[^\d\s]0+)?(.*)$/s.exec(write(8 * 1000 ** thousands)) ?? [];
  return {
    write,
    isPercent: named.replaceAll(LITERAL, '').includes('%'),
    before,
    after: thousands > 0 ? after.replace(/^\s*[\p{L}.]+/u, '') : after.replace(/^E[+-]?0+/i, ''),
  };
}

/**
 * A format string with the commas that leave out thousands where the library looks for them, before a decimal point:
 * `#,0,"K"` becomes `#,0,."K"`; how many thousands it leaves out.
 */
function withScale(format: string): { spelled: string; thousands: number } {
  const literals: string[] = [];
  const bare = format.replaceAll(LITERAL, (literal) => {
    literals.push(literal);
    return '\ue000';
  });
  const sections = bare.split(';');
  const spelledSections = sections.map((section) => {
    const { digits = '', before = '', point = '', after = '' } = DIGITS.exec(section)?.groups ?? {};
    const commas = before + after;
    return commas === '' ? section : section.replace(DIGITS, () => digits + commas + (point || '.'));
  });
  const spelled = spelledSections.join(';').replaceAll('\ue000', () => literals.shift() as string);
  const { before = '', after = '' } = DIGITS.exec(sections[0] ?? '')?.groups ?? {};
  return { spelled, thousands: before.length + after.length };
}
