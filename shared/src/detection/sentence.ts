import type { Direction } from '../vocabulary.ts';

/** Languages that sentences are written in. */
export type SentenceLanguage = 'en' | 'es' | 'pt';

/** What a sentence tells of. */
export interface SentenceFacts {
  readonly side: Direction;
  /** `attempts`, `approval`, `ticket`, a dimension's name, or `volume` and `refunds`, which are about money. */
  readonly cause: string;
  readonly causeValue: string | null;
  /** As evidence has them: attempts, shares, mean log amounts, or money. */
  readonly observed: number;
  readonly expected: number;
  /** Length of the window they are about, in hours. */
  readonly hours: number;
}

interface Words {
  readonly none: (hours: string, expected: string) => string;
  readonly attempts: (observed: string, hours: string, expected: string) => string;
  readonly moved: (what: string, down: boolean, from: string, to: string) => string;
  readonly approval: string;
  readonly ticket: string;
  readonly volume: string;
  readonly refunds: string;
}

const WORDS: Readonly<Record<SentenceLanguage, Words>> = {
  en: {
    none: (hours, expected) => `No sale for ${hours} h; ${expected} expected`,
    attempts: (observed, hours, expected) => `${observed} attempts in ${hours} h; ${expected} expected`,
    moved: (what, down, from, to) => `${what} ${down ? 'fell' : 'rose'} from ${from} to ${to}`,
    approval: 'Approval',
    ticket: 'The typical ticket',
    volume: 'Volume',
    refunds: 'Volume after refunds',
  },
  es: {
    none: (hours, expected) => `Ninguna venta en ${hours} h; se esperaban ${expected}`,
    attempts: (observed, hours, expected) => `${observed} intentos en ${hours} h; se esperaban ${expected}`,
    moved: (what, down, from, to) => `${what} ${down ? 'bajó' : 'subió'} de ${from} a ${to}`,
    approval: 'La aprobación',
    ticket: 'El ticket típico',
    volume: 'El volumen',
    refunds: 'El volumen tras devoluciones',
  },
  pt: {
    none: (hours, expected) => `Nenhuma venda em ${hours} h; esperavam-se ${expected}`,
    attempts: (observed, hours, expected) => `${observed} tentativas em ${hours} h; esperavam-se ${expected}`,
    moved: (what, down, from, to) => `${what} ${down ? 'caiu' : 'subiu'} de ${from} para ${to}`,
    approval: 'A aprovação',
    ticket: 'O ticket típico',
    volume: 'O volume',
    refunds: 'O volume após reembolsos',
  },
};

/**
 * What happened, in one sentence of the given language.
 * @example
 * sentenceOf({ side: 'low', cause: 'approval', causeValue: null, observed: 0.35, expected: 0.92, hours: 2 }, 'en');
 * // 'Approval fell from 92 % to 35 %'
 */
export function sentenceOf(facts: SentenceFacts, language: SentenceLanguage): string {
  const { side, cause, causeValue, observed, expected, hours } = facts;
  const words = WORDS[language];
  const number = (value: number, digits = 3) =>
    value.toLocaleString(language, { maximumSignificantDigits: digits, useGrouping: value >= 10_000 });
  const percent = (share: number) => `${number(100 * share, share >= 0.1 ? 2 : 1)} %`;
  const down = side === 'low';
  if (cause === 'attempts') {
    if (observed === 0) return words.none(number(hours), number(expected));
    return words.attempts(number(observed, 9), number(hours), number(expected));
  }
  if (cause === 'approval') return words.moved(words.approval, down, percent(expected), percent(observed));
  if (cause === 'ticket') {
    return words.moved(words.ticket, down, number(Math.exp(expected)), number(Math.exp(observed)));
  }
  if (cause === 'volume' || cause === 'refunds') {
    return words.moved(words[cause], down, number(expected), number(observed));
  }
  return words.moved(
    causeValue === null ? cause : `${cause} ${causeValue}`,
    down,
    percent(expected),
    percent(observed),
  );
}
