import { type Means, meansOf, type SeriesEvaluation } from '../evaluation/evaluate.ts';
import { percent } from '../numbers.ts';

/** A table of text, its head first; the first column names the rows. */
export interface TextTable {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

const COLUMNS: readonly [string, (means: Means) => string][] = [
  ['MASE', ({ mase }) => mase.toFixed(2)],
  ['pinball', ({ pinball }) => pinball.toFixed(3)],
  ['MSIS 95 %', ({ msis95 }) => msis95.toFixed(1)],
  ['MSIS 99 %', ({ msis99 }) => msis99.toFixed(1)],
  ['in 95 %', ({ cov95 }) => percent(cov95)],
  ['below', ({ below95 }) => percent(below95)],
  ['above', ({ above95 }) => percent(above95)],
  ['width', ({ width95 }) => width95.toFixed(2)],
  ['in 99 %', ({ cov99 }) => percent(cov99)],
  ['below', ({ below99 }) => percent(below99)],
  ['above', ({ above99 }) => percent(above99)],
];

/** Forecasters side by side, for the next bucket and for a day ahead. */
export function comparisonTables(rivals: readonly (readonly [string, readonly SeriesEvaluation[]])[]): TextTable[] {
  const horizons = rivals[0]?.[1][0]?.horizons.length ?? 1;
  return [['next bucket', 1] as const, ['a day ahead', horizons] as const].map(([title, horizon]) => ({
    title,
    head: COLUMNS.map(([name]) => name),
    rows: rivals.map(([name, evaluations]) => {
      const means = meansOf(evaluations, horizon);
      return [name, ...COLUMNS.map(([, text]) => text(means))];
    }),
  }));
}
