import { UserError } from '@tidemark/shared/errors';
import { bucketStart, COLD_START_WEEKS, createGrid, type Series } from '@tidemark/shared/forecasting';
import type { Remark } from '../history/prepared.ts';
import { OWN_PARAMETERS_WEEKS, shortReason } from './cold-start.ts';
import { completeLength, observedWeeks } from './split.ts';

/** Series that can be trained on, and remarks on them and on the others. */
export interface Fitness {
  readonly fit: readonly Series[];
  readonly leftOut: readonly Remark[];
  /** Remarks on series that are trained on. */
  readonly remarks: readonly Remark[];
}

/**
 * Separates series that can be trained on from those that cannot.
 * @throws UserError `nothing-to-train-on` with the reasons, when none can; `no-series` when none is given.
 */
export function fitToTrain(all: readonly Series[], unreadable: readonly Remark[] = []): Fitness {
  const leftOut = [...unreadable];
  const remarks: Remark[] = [];
  const fit = all.filter((series) => {
    const why = whyUnfit(series);
    if (why !== null) leftOut.push({ id: series.id, why });
    else remarks.push(...remarksOf(series));
    return why === null;
  });
  if (fit.length === 0) {
    if (leftOut.length === 0) throw new UserError('no-series', 'no prepared series to learn from');
    const reasons = leftOut.slice(0, 5).map(({ id, why }) => `\n  "${id}": ${why}`);
    const more = leftOut.length > 5 ? `\n  … and ${leftOut.length - 5} more series` : '';
    throw new UserError('nothing-to-train-on', `nothing to train on:${reasons.join('')}${more}`);
  }
  return { fit, leftOut, remarks };
}

/** Why a series is served by what all have in common; `null` if it has history enough for parameters of its own. */
export function whyColdStart(series: Series): string | null {
  const weeks = observedWeeks(series, createGrid(series.stepMs).perWeek);
  return weeks < OWN_PARAMETERS_WEEKS ? shortReason(weeks) : null;
}

/** Why a series cannot be trained on; `null` if it can. */
export function whyUnfit(series: Series): string | null {
  const length = completeLength(series);
  const { perWeek } = createGrid(series.stepMs);
  const needed = COLD_START_WEEKS * perWeek;
  const seen = Math.round(observedWeeks(series, perWeek) * perWeek);
  if ((seen > 0 || length === 0) && seen < needed) {
    return `too little history: ${seen} complete buckets; at least ${needed} (${COLD_START_WEEKS} weeks) are needed; fetch more, or wait`;
  }
  let first: number | undefined;
  let varies = false;
  for (let i = 0; i < length; i++) {
    const value = series.values[i]!;
    if (series.states[i] === 'missing') continue;
    if (!Number.isFinite(value)) {
      return `the value of the bucket at ${clock(series, i)} is ${value}; expected a finite number; correct the source, then run fetch and prepare again`;
    }
    first ??= value;
    if (value !== first) varies = true;
  }
  if (first === undefined) return `all of its ${length} buckets are missing; was its feed ever up?`;
  if (varies) return null;
  if (first === 0) return `no trade in any of its ${length} buckets; leave its client out, or correct the filters`;
  return `constant: each of its ${length} buckets is ${first}; is its feed stuck?`;
}

function remarksOf(series: Series): Remark[] {
  const week = createGrid(series.stepMs).perWeek;
  const length = completeLength(series);
  const trading = series.states.filter((state) => state === 'observed').length;
  // Weeks without trade are usual for a series that trades now and then.
  if (trading < length / 4) return [];
  let weeks = 0;
  let longest = { from: 0, buckets: 0 };
  for (let i = 0, from = 0; i <= length; i++) {
    if (i < length && series.states[i] === 'zero') continue;
    weeks += Math.floor((i - from) / week);
    if (i - from > longest.buckets) longest = { from, buckets: i - from };
    from = i + 1;
  }
  if (weeks === 0) return [];
  const end = longest.from + longest.buckets;
  const why = `${weeks} all-zero ${weeks === 1 ? 'week' : 'weeks'}, the longest silence from ${clock(series, longest.from)} to ${clock(series, end)}; the model learns that such weeks are usual: if the feed was down, name that time under feedGaps and prepare again`;
  return [{ id: series.id, why }];
}

function clock({ firstBucket, stepMs }: Series, index: number): string {
  return `${new Date(bucketStart(firstBucket + index, stepMs)).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
