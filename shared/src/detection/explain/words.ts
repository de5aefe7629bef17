import type { Language } from '../../vocabulary.ts';
import { percentText } from '../phrase.ts';
import type { Explanation } from './explain.ts';
import type { Element } from './locate.ts';

interface Words {
  readonly of: (share: string, part: string) => string;
  readonly more: (part: string) => string;
  readonly everywhere: string;
  readonly outside: string;
  readonly unclear: string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    of: (share, part) => `${share} of it is ${part}`,
    more: (part) => `${part} makes up more than all of it`,
    everywhere: 'everywhere alike',
    outside: 'outside the known dimensions',
    unclear: 'no part of it stands out',
  },
  es: {
    of: (share, part) => `el ${share} es ${part}`,
    more: (part) => `${part} supone más que el total`,
    everywhere: 'en todas partes por igual',
    outside: 'fuera de las dimensiones conocidas',
    unclear: 'ninguna parte destaca',
  },
  pt: {
    of: (share, part) => `${share} é ${part}`,
    more: (part) => `${part} representa mais do que o total`,
    everywhere: 'em todo o lado por igual',
    outside: 'fora das dimensões conhecidas',
    unclear: 'nenhuma parte se destaca',
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
    .map(({ elements, share }) =>
      share === null || share > 1.005
        ? words.more(partText(elements))
        : words.of(percentText(share, language), partText(elements)),
    )
    .join('; ');
}
