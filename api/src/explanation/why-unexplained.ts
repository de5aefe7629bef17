import type { Language } from '@tidemark/shared/vocabulary';
import type { StoredExplanation } from '../store/explanations.ts';
import type { LabelledIncident } from '../store/incidents.ts';
import type { StoredSeries } from '../store/rows.ts';

/** Why an incident has no explanation. */
export type Unexplained = 'no-counts' | 'no-history' | 'refunds-series' | 'withdrawn' | 'not-yet';

/** Why an incident has no explanation, in sentences for people. */
export const UNEXPLAINED_WORDS: Readonly<Record<Language, Readonly<Record<Unexplained, string>>>> = {
  en: {
    'no-counts': 'Only money is known of these hours: with counts of attempts and approvals it would be explained.',
    'no-history': 'The same hours of no week before are known, so there is nothing to compare with.',
    'refunds-series': 'This series is of refunds, which are not explained further.',
    withdrawn: 'It was withdrawn before it was explained.',
    'not-yet': 'Not explained yet; the next cycle will.',
  },
  es: {
    'no-counts': 'De estas horas solo se conoce el dinero: con intentos y aprobaciones se explicaría.',
    'no-history': 'No se conocen las mismas horas de ninguna semana anterior: no hay con qué comparar.',
    'refunds-series': 'Esta serie es de devoluciones, que no se explican más.',
    withdrawn: 'Se retiró antes de que se explicara.',
    'not-yet': 'Aún sin explicar; lo hará el próximo ciclo.',
  },
  pt: {
    'no-counts': 'Destas horas só se conhece o dinheiro: com tentativas e aprovações seria explicado.',
    'no-history': 'Não se conhecem as mesmas horas de nenhuma semana anterior: não há com que comparar.',
    'refunds-series': 'Esta série é de reembolsos, que não se explicam mais.',
    withdrawn: 'Foi retirado antes de ser explicado.',
    'not-yet': 'Ainda sem explicação; o próximo ciclo a dará.',
  },
};

/**
 * Why an incident has no explanation: what was found when it was to be explained, else why the next cycle will not try.
 * @param own the incident's series.
 */
export function whyUnexplained(
  stored: StoredExplanation | undefined,
  { status, start }: Pick<LabelledIncident, 'status' | 'start'>,
  own: Pick<StoredSeries, 'measure' | 'countedFrom'> | undefined,
): Unexplained {
  if (stored?.reason) return stored.reason as Unexplained;
  if (own?.measure === 'refunds') return 'refunds-series';
  if (!own || own.countedFrom === null || start < own.countedFrom) return 'no-counts';
  return status === 'withdrawn' ? 'withdrawn' : 'not-yet';
}
