import type { SeriesEvaluation } from '../evaluation/evaluate.ts';
import { percent } from '../numbers.ts';
import type { TextTable } from './comparison.ts';

/** How good the bands of each series' next bucket are: error of the median, and shares inside and beyond. */
export function seriesTable(evaluations: readonly SeriesEvaluation[]): TextTable {
  const rows = evaluations.flatMap(({ id, service, horizons }) => {
    const [next] = horizons;
    const at95 = next?.bands.find(({ coverage }) => coverage === 0.95);
    const at99 = next?.bands.find(({ coverage }) => coverage === 0.99);
    if (!next || !at95 || !at99) return [];
    const shares = [at95.inside, at99.inside, at99.below, at99.above].map((share) => percent(share));
    return [[id, service?.servedBy ?? '–', String(next.buckets), next.mase.toFixed(2), ...shares]];
  });
  return {
    title: 'series',
    head: ['served by', 'buckets', 'MASE', 'in 95 %', 'in 99 %', 'below', 'above'],
    rows,
  };
}
