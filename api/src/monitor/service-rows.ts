import { localClock, type ServiceIncidentRow, utcText } from '@tidemark/shared/contract';
import type { Language, ServiceIncidentKind, Severity } from '@tidemark/shared/vocabulary';
import type { ServiceFacts, ServiceIncident } from '../store/service-incidents.ts';
import { KINDS, type KindWords, TIME_FACTS } from './kinds.ts';

/** How sentences are written. */
export interface WordStyle {
  /** IANA name; times are told in it. */
  readonly timeZone: string;
  readonly language: Language;
}

/** A fact's place in a sentence. */
const FACT = /\{(\w+)\}/g;

/** What is said of an incident of the service, and what to do, with its facts put in. */
export function wordsOf(
  { kind, subject, facts }: { kind: ServiceIncidentKind; subject: string; facts: ServiceFacts },
  { timeZone, language }: WordStyle,
): KindWords {
  const local = localClock(timeZone);
  const fill = (template: string) =>
    template.replaceAll(FACT, (match, name: string, at: number) => {
      if (name === 'subject') return subject;
      const fact = facts[name] ?? '';
      if (typeof fact === 'string') return fact;
      if (!TIME_FACTS.has(name)) return fact.toLocaleString(language);
      // The zone is named once, after the last time.
      const isLast = ![...template.slice(at + match.length).matchAll(FACT)].some(([, later = '']) =>
        TIME_FACTS.has(later),
      );
      return `${local(fact).slice(0, 16).replace('T', ' ')}${isLast ? ` (${timeZone})` : ''}`;
    });
  const { sentence, action } = KINDS[kind][language];
  return { sentence: fill(sentence), action: fill(action) };
}

/** A finding, or an incident that is stored, as it is told. */
export function serviceRow(
  one: Pick<ServiceIncident, 'kind' | 'subject' | 'facts'> & {
    readonly severity: Severity;
    readonly id: string | null;
    readonly openedAt: number | null;
    readonly closedAt: number | null;
  },
  style: WordStyle,
): ServiceIncidentRow {
  const { id, kind, subject, severity, openedAt, closedAt } = one;
  return {
    id,
    kind,
    subject: subject === '' ? null : subject,
    severity,
    opened_at: openedAt === null ? null : utcText(openedAt),
    closed_at: closedAt === null ? null : utcText(closedAt),
    ...wordsOf(one, style),
  };
}
