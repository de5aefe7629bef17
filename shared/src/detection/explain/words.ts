import type { Language } from '../../vocabulary.ts';
import { many, percentText } from '../phrase.ts';
import type { ColumnFinding, ColumnValue } from './columns.ts';
import type { Explanation } from './explain.ts';
import type { Element } from './locate.ts';

interface Words {
  readonly of: (share: string, part: string) => string;
  readonly more: (part: string) => string;
  /** Of a part whose own money went the other way than that of the whole, or of no money in all. */
  readonly shows: (part: string) => string;
  readonly everywhere: string;
  readonly outside: string;
  readonly unclear: string;
  readonly attempts: (observed: string, usual: string) => string;
  readonly declines: (observed: string, usual: string) => string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    of: (share, part) => `${share} of it is ${part}`,
    more: (part) => `${part} makes up more than all of it`,
    shows: (part) => `it shows in ${part}`,
    everywhere: 'everywhere alike',
    outside: 'outside the known dimensions',
    unclear: 'no part of it stands out',
    attempts: (observed, usual) => `${many(observed, 'attempt', 'attempts')}, usually ${usual}`,
    declines: (observed, usual) => `${observed} declined, usually ${usual}`,
  },
  es: {
    of: (share, part) => `el ${share} es ${part}`,
    more: (part) => `${part} supone más que el total`,
    shows: (part) => `se ve en ${part}`,
    everywhere: 'en todas partes por igual',
    outside: 'fuera de las dimensiones conocidas',
    unclear: 'ninguna parte destaca',
    attempts: (observed, usual) => `${many(observed, 'intento', 'intentos')}, normalmente ${usual}`,
    declines: (observed, usual) => `${many(observed, 'rechazo', 'rechazos')}, normalmente ${usual}`,
  },
  pt: {
    of: (share, part) => `${share} é ${part}`,
    more: (part) => `${part} representa mais do que o total`,
    shows: (part) => `vê-se em ${part}`,
    everywhere: 'em todo o lado por igual',
    outside: 'fora das dimensões conhecidas',
    unclear: 'nenhuma parte se destaca',
    attempts: (observed, usual) => `${many(observed, 'tentativa', 'tentativas')}, normalmente ${usual}`,
    declines: (observed, usual) => `${many(observed, 'recusa', 'recusas')}, normalmente ${usual}`,
  },
};

/**
 * The text of a part: the values with their dimensions.
 * @example
 * partText([{ dimension: 'channel', value: 'web' }, { dimension: 'issuer', value: 'E1' }]); // 'channel web × issuer E1'
 */
export function partText(elements: readonly Element[]): string {
  return elements.map(({ dimension, value }) => `${dimension} ${value}`).join(' × ');
}

/**
 * Where an incident lies, in a few words of the given language.
 * @example
 * whereText({ where: 'parts', parts: [{ elements: [{ dimension: 'channel', value: 'web' }], share: 0.94 }] }, 'en');
 * // '94 % of it is channel web'
 */
export function whereText(
  {
    where,
    parts,
  }: Pick<Explanation, 'where'> & {
    readonly parts: readonly Pick<Explanation['parts'][number], 'elements' | 'share'>[];
  },
  language: Language,
): string {
  const words = WORDS[language];
  if (where !== 'parts') return words[where];
  return parts
    .map(({ elements, share }) => {
      const part = partText(elements);
      if (share === null) return words.shows(part);
      return share > 1.005 ? words.more(part) : words.of(percentText(share, language), part);
    })
    .join('; ');
}

/**
 * What was counted of a value of a column and what is usual, in a few words of the given language.
 * @example
 * columnText('declines', { observed: 80, expected: 3 }, 'en'); // '80 declined, usually 3'
 */
export function columnText(
  counts: ColumnFinding['counts'],
  { observed, expected }: Pick<ColumnValue, 'observed' | 'expected'>,
  language: Language,
): string {
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  return WORDS[language][counts](number.format(observed), number.format(expected));
}
