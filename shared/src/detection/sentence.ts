import type { Direction, Language, Withdrawal } from '../vocabulary.ts';
import { partRateOf } from './detectors/part.ts';
import { durationText, many, movedTexts, numberText, percentText } from './phrase.ts';

/** What a sentence tells of. */
export interface SentenceFacts {
  readonly side: Direction;
  /** `attempts`, `approval`, `ticket`, a dimension's name, or `volume` and `refunds`, which are about money. */
  readonly cause: string;
  readonly causeValue: string | null;
  /** Name of the detector that has seen it: of a part it tells share and approval apart. */
  readonly detector: string;
  /** As evidence has them: attempts, shares, mean log amounts, or money. */
  readonly observed: number;
  readonly expected: number;
  /** Length of the window they are about, in hours. */
  readonly hours: number;
}

/** What the sentence of a storm tells of. */
export interface StormFacts {
  /** `attempts`, `approval`, or a dimension and its value: `issuer=E1`. */
  readonly cause: string;
  /** Clients in it, and clients that were counted when it began. */
  readonly members: number;
  readonly watched: number;
  /** As of `SentenceFacts`, where it is in a value of a dimension. */
  readonly detector: string | null;
  /** Attempts of its members together; shares, where it is not in attempts. */
  readonly observed: number;
  readonly expected: number;
  /** How long it has lasted, in hours. */
  readonly hours: number;
}

interface Words {
  readonly none: (duration: string, expected: string) => string;
  readonly attempts: (observed: string, duration: string, expected: string) => string;
  readonly moved: (what: string, down: boolean, from: string, to: string) => string;
  readonly approval: string;
  readonly approvalOf: (part: string) => string;
  readonly shareOf: (part: string) => string;
  readonly ticket: string;
  readonly volume: string;
  readonly refunds: string;
  readonly withdrawn: Readonly<Record<Withdrawal, string>>;
  readonly band: Readonly<Record<Direction, string>>;
  /** Clients of a storm, to be put into the sentences below. */
  readonly clients: (members: string, watched: string) => string;
  readonly noneAt: (clients: string, duration: string, expected: string) => string;
  readonly attemptsAt: (observed: string, clients: string, duration: string, expected: string) => string;
  readonly approvalAt: (clients: string) => string;
}

const expectedEs = (count: string) => `${count === '1' ? 'se esperaba' : 'se esperaban'} ${count}`;
const expectedPt = (count: string) => `${count === '1' ? 'esperava-se' : 'esperavam-se'} ${count}`;

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    none: (duration, expected) => `No sale for ${duration}; ${expected} expected`,
    attempts: (observed, duration, expected) =>
      `${many(observed, 'attempt', 'attempts')} in ${duration}; ${expected} expected`,
    moved: (what, down, from, to) => `${what} ${down ? 'fell' : 'rose'} from ${from} to ${to}`,
    approval: 'Approval',
    approvalOf: (part) => `Approval of ${part}`,
    shareOf: (part) => `The share of ${part}`,
    ticket: 'The typical ticket',
    volume: 'Volume',
    refunds: 'Volume after refunds',
    withdrawn: {
      correction: 'Corrected figures show no trouble',
      maintenance: 'Maintenance that was entered later covers it',
    },
    band: { low: 'Volume below its band', high: 'Volume above its band' },
    clients: (members, watched) => `at ${members} of ${watched} clients`,
    noneAt: (clients, duration, expected) => `No sale ${clients} for ${duration}; ${expected} expected`,
    attemptsAt: (observed, clients, duration, expected) =>
      `${many(observed, 'attempt', 'attempts')} ${clients} in ${duration}; ${expected} expected`,
    approvalAt: (clients) => `Approval ${clients}`,
  },
  es: {
    none: (duration, expected) => `Ninguna venta en ${duration}; ${expectedEs(expected)}`,
    attempts: (observed, duration, expected) =>
      `${many(observed, 'intento', 'intentos')} en ${duration}; ${expectedEs(expected)}`,
    moved: (what, down, from, to) => `${what} ${down ? 'bajó' : 'subió'} de ${from} a ${to}`,
    approval: 'La aprobación',
    approvalOf: (part) => `La aprobación de ${part}`,
    shareOf: (part) => `La parte de ${part}`,
    ticket: 'El ticket típico',
    volume: 'El volumen',
    refunds: 'El volumen tras devoluciones',
    withdrawn: {
      correction: 'Las cifras corregidas no muestran ningún problema',
      maintenance: 'Un mantenimiento registrado después lo cubre',
    },
    band: { low: 'Volumen por debajo de su banda', high: 'Volumen por encima de su banda' },
    clients: (members, watched) => `en ${members} de ${watched} clientes`,
    noneAt: (clients, duration, expected) => `Ninguna venta ${clients} durante ${duration}; ${expectedEs(expected)}`,
    attemptsAt: (observed, clients, duration, expected) =>
      `${many(observed, 'intento', 'intentos')} ${clients} durante ${duration}; ${expectedEs(expected)}`,
    approvalAt: (clients) => `La aprobación ${clients}`,
  },
  pt: {
    none: (duration, expected) => `Nenhuma venda em ${duration}; ${expectedPt(expected)}`,
    attempts: (observed, duration, expected) =>
      `${many(observed, 'tentativa', 'tentativas')} em ${duration}; ${expectedPt(expected)}`,
    moved: (what, down, from, to) => `${what} ${down ? 'caiu' : 'subiu'} de ${from} para ${to}`,
    approval: 'A aprovação',
    approvalOf: (part) => `A aprovação de ${part}`,
    shareOf: (part) => `A parcela de ${part}`,
    ticket: 'O ticket típico',
    volume: 'O volume',
    refunds: 'O volume após reembolsos',
    withdrawn: {
      correction: 'Os números corrigidos não mostram nenhum problema',
      maintenance: 'Uma manutenção registrada depois o cobre',
    },
    band: { low: 'Volume abaixo da sua banda', high: 'Volume acima da sua banda' },
    clients: (members, watched) => `em ${members} de ${watched} clientes`,
    noneAt: (clients, duration, expected) => `Nenhuma venda ${clients} durante ${duration}; ${expectedPt(expected)}`,
    attemptsAt: (observed, clients, duration, expected) =>
      `${many(observed, 'tentativa', 'tentativas')} ${clients} durante ${duration}; ${expectedPt(expected)}`,
    approvalAt: (clients) => `A aprovação ${clients}`,
  },
};

/**
 * What happened, in one sentence of the given language.
 * @example
 * const issuer = { side: 'low', cause: 'issuer', causeValue: 'E1', detector: 'issuer-approval' } as const;
 * sentenceOf({ ...issuer, observed: 0.35, expected: 0.92, hours: 2 }, 'en');
 * // 'Approval of issuer E1 fell from 92 % to 35 %'
 */
export function sentenceOf(facts: SentenceFacts, language: Language): string {
  const { side, cause, causeValue, detector, observed, expected, hours } = facts;
  const words = WORDS[language];
  const number = (value: number, digits?: number) => numberText(value, language, digits);
  const down = side === 'low';
  if (cause === 'attempts') {
    const duration = durationText(hours, language);
    if (observed === 0) return words.none(duration, number(expected));
    return words.attempts(number(observed, 9), duration, number(expected));
  }
  const amount = (value: number, more: number) => number(value, 3 + more);
  if (cause === 'ticket') {
    return words.moved(words.ticket, down, ...movedTexts(Math.exp(expected), Math.exp(observed), amount));
  }
  if (cause === 'volume' || cause === 'refunds') {
    return words.moved(words[cause], down, ...movedTexts(expected, observed, amount));
  }
  const what = cause === 'approval' ? words.approval : rateOf(`${cause} ${causeValue}`, detector, words);
  return words.moved(what, down, ...movedShares(expected, observed, language));
}

/** The texts of two shares in percent that differ where the shares do. */
function movedShares(from: number, to: number, language: Language) {
  return movedTexts(from, to, (share, more) => percentText(share, language, more));
}

/** A part's share or approval, whichever a detector has seen; the part alone where that is not known. */
function rateOf(part: string, detector: string | null, words: Words): string {
  const rate = detector === null ? null : partRateOf(detector);
  if (rate === null) return part;
  return rate === 'share' ? words.shareOf(part) : words.approvalOf(part);
}

/**
 * What is known of an incident that the band alone has raised, in one sentence of the given language.
 * @example
 * bandSentence('low', 'es'); // 'Volumen por debajo de su banda'
 */
export function bandSentence(side: Direction, language: Language): string {
  return WORDS[language].band[side];
}

/**
 * Why an incident was withdrawn, in one sentence of the given language.
 * @example
 * withdrawalSentence('correction', 'en'); // 'Corrected figures show no trouble'
 */
export function withdrawalSentence(because: Withdrawal, language: Language): string {
  return WORDS[language].withdrawn[because];
}

/**
 * What happened to many clients at once, in one sentence of the given language.
 * @example
 * const facts = { cause: 'attempts', detector: null, members: 38, watched: 60, observed: 0, expected: 5200, hours: 4 };
 * stormSentence(facts, 'en');
 * // 'No sale at 38 of 60 clients for 4 h; 5200 expected'
 */
export function stormSentence(facts: StormFacts, language: Language): string {
  const { cause, observed, expected, hours } = facts;
  const words = WORDS[language];
  const number = (value: number, digits?: number) => numberText(value, language, digits);
  const clients = words.clients(number(facts.members, 9), number(facts.watched, 9));
  if (cause !== 'attempts') {
    const part = () => rateOf(cause.replace('=', ' '), facts.detector, words);
    const what = cause === 'approval' ? words.approvalAt(clients) : `${part()} ${clients}`;
    return words.moved(what, observed < expected, ...movedShares(expected, observed, language));
  }
  const duration = durationText(hours, language);
  return observed === 0
    ? words.noneAt(clients, duration, number(expected))
    : words.attemptsAt(number(observed, 9), clients, duration, number(expected));
}
