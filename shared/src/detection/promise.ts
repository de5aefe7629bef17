import type { Language } from '../vocabulary.ts';
import { LEFT_WEEKS } from './detectors/window.ts';
import { durationText, numberText } from './phrase.ts';
import { COLD_WEEKS } from './watch.ts';

/** What is known of how soon an outage of a series would be noticed. */
export interface PromiseFacts {
  /** Days since the newest counts, up to the newest money; `null` where nothing was ever counted. */
  readonly countsOldDays: number | null;
  /** Days from the first counts to the newest. */
  readonly countedDays: number;
  /** Days for which nothing has come of the series while others went on. */
  readonly goneDays: number;
  /** Hours until an outage that begins now, or at the worst time of the day, would be noticed; `null`: never. */
  readonly now: number | null;
  readonly atWorst: number | null;
}

interface Words {
  readonly moneyOnly: string;
  readonly ended: (days: string, isOne: boolean) => string;
  readonly gone: (days: string) => string;
  readonly young: string;
  readonly never: string;
  readonly sometimes: (now: string) => string;
  readonly always: (now: string) => string;
  readonly both: (now: string, atWorst: string) => string;
}

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    moneyOnly: 'only money is known: judged by its band alone',
    ended: (days, isOne) => `counts ended ${days} ${isOne ? 'day' : 'days'} before money: judged by its band alone`,
    gone: (days) => `nothing has come for ${days} days`,
    young: 'counted for less than four weeks: judged by its band alone',
    never: 'too few sales: four weeks of silence would prove nothing',
    sometimes: (now) => `an outage would be noticed after ${now} now; at other times it may never be`,
    always: (now) => `an outage would be noticed after ${now} at this time`,
    both: (now, atWorst) => `an outage would be noticed after ${now} at this time, ${atWorst} at the quietest`,
  },
  es: {
    moneyOnly: 'solo se conoce el dinero: se juzga únicamente por su banda',
    ended: (days, isOne) =>
      `los conteos terminaron ${days} ${isOne ? 'día' : 'días'} antes que el dinero: se juzga únicamente por su banda`,
    gone: (days) => `no llega nada desde hace ${days} días`,
    young: 'contado desde hace menos de cuatro semanas: se juzga únicamente por su banda',
    never: 'muy pocas ventas: cuatro semanas de silencio no probarían nada',
    sometimes: (now) => `una caída se notaría tras ${now} ahora; a otras horas puede no notarse nunca`,
    always: (now) => `una caída se notaría tras ${now} a esta hora`,
    both: (now, atWorst) => `una caída se notaría tras ${now} a esta hora, ${atWorst} a la más tranquila`,
  },
  pt: {
    moneyOnly: 'só se conhece o dinheiro: julgado apenas pela sua banda',
    ended: (days, isOne) =>
      `as contagens terminaram ${days} ${isOne ? 'dia' : 'dias'} antes do dinheiro: julgado apenas pela sua banda`,
    gone: (days) => `nada chega há ${days} dias`,
    young: 'contado há menos de quatro semanas: julgado apenas pela sua banda',
    never: 'vendas de menos: quatro semanas de silêncio não provariam nada',
    sometimes: (now) => `uma queda seria notada após ${now} agora; a outras horas pode nunca ser`,
    always: (now) => `uma queda seria notada após ${now} a esta hora`,
    both: (now, atWorst) => `uma queda seria notada após ${now} a esta hora, ${atWorst} na mais calma`,
  },
};

/**
 * After how long an outage of a series would be noticed, or why there is no such promise, in the given language.
 * @example
 * promiseSentence({ countsOldDays: 0, countedDays: 90, goneDays: 0, now: 3, atWorst: 14 }, 'en');
 * // 'an outage would be noticed after 3 h at this time, 14 h at the quietest'
 */
export function promiseSentence(facts: PromiseFacts, language: Language): string {
  const { countsOldDays, countedDays, goneDays, now, atWorst } = facts;
  const words = WORDS[language];
  if (goneDays >= 7 * LEFT_WEEKS) return words.gone(numberText(Math.floor(goneDays), language, 9));
  if (countsOldDays === null) return words.moneyOnly;
  if (countsOldDays >= 1) {
    const days = Math.floor(countsOldDays);
    return words.ended(numberText(days, language, 9), days === 1);
  }
  if (now === null) return countedDays < 7 * COLD_WEEKS ? words.young : words.never;
  if (atWorst === null) return words.sometimes(durationText(now, language));
  if (atWorst <= now) return words.always(durationText(now, language));
  return words.both(durationText(now, language), durationText(atWorst, language));
}
