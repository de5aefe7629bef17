import { CANDIDATES, type ServiceNow } from '@tidemark/shared/forecasting';
import type { SeriesEvaluation } from '../evaluation/evaluate.ts';
import type { TextTable } from './comparison.ts';

/**
 * Who serves each series at the end of its history, what the bands of each candidate lost in the last weeks as a multiple
 * of what the server's lost, and why it serves.
 */
export function serviceTable(evaluations: readonly Pick<SeriesEvaluation, 'id' | 'service'>[]): TextTable {
  return {
    title: 'who serves',
    head: ['served by', ...CANDIDATES.map((name) => `${name} loses`), 'why'],
    rows: evaluations.flatMap(({ id, service }) =>
      service ? [[id, service.servedBy, ...lossCells(service), service.reason]] : [],
    ),
  };
}

function lossCells({ losses }: ServiceNow): string[] {
  return CANDIDATES.map((name) => losses[name]?.toFixed(2) ?? '–');
}
