import { DAY_MS } from '@tidemark/shared/forecasting';
import type { JudgedSeries, Point } from './judged.ts';

/** Rhythms coarser than buckets. */
export const ROLL_UPS = [DAY_MS, 7 * DAY_MS] as const;

/** How far the actuals of a day or week reached. */
export interface Reach {
  /** Middle of the stretch. */
  readonly time: number;
  readonly lowest: number;
  readonly highest: number;
}

/** A long range by day or by week: mean values, and how far actuals reached within each stretch. */
export interface RollUp {
  readonly stepMs: number;
  /** Means of what the buckets hold, at the middle of each stretch. */
  readonly points: readonly Point[];
  readonly envelope: readonly Reach[];
}

/** Least room of a bucket, in px: below it a daily rhythm is a slab. */
const LEAST_BUCKET_PX = 1;
/** Least room of a day or a week, in px. */
const LEAST_STRETCH_PX = 3;
/** Share of a stretch whose buckets must be there for its mean to stand beside those of others. */
const LEAST_SHARE = 0.9;

/**
 * Length in ms of what a range is drawn by: a day or a week; `null` where each bucket is drawn.
 * @param stepMs length of the buckets
 * @param pxPerMs width of the plot over its time
 */
export function rollUpStep(stepMs: number, pxPerMs: number): number | null {
  if (stepMs * pxPerMs >= LEAST_BUCKET_PX) return null;
  const coarser = ROLL_UPS.filter((step) => step > stepMs);
  return coarser.find((step) => step * pxPerMs >= LEAST_STRETCH_PX) ?? coarser.at(-1) ?? null;
}

const rolled = new WeakMap<JudgedSeries, Map<number, RollUp>>();

/** The same as `rollUp` for a whole series, computed once for each rhythm: zooming and resizing use it again. */
export function rollUpOf(series: JudgedSeries, stepMs: number): RollUp {
  const known = rolled.get(series) ?? new Map<number, RollUp>();
  rolled.set(series, known);
  const made = known.get(stepMs) ?? rollUp(series.points, series.stepMs, stepMs);
  known.set(stepMs, made);
  return made;
}

/**
 * Points by day or by week, weeks from Monday, in time order. A stretch that is not all there has no mean, because the
 * buckets it lacks have another usual; its reach is kept.
 * @param points in time order
 * @param bucketMs length of their buckets
 * @param stepMs one of `ROLL_UPS`
 */
export function rollUp(points: readonly Point[], bucketMs: number, stepMs: number): RollUp {
  // The first of January 1970 was a Thursday.
  const shift = stepMs > DAY_MS ? 3 * DAY_MS : 0;
  const needed = (LEAST_SHARE * stepMs) / bucketMs;
  const means: Point[] = [];
  const envelope: Reach[] = [];
  for (let from = 0; from < points.length; ) {
    const stretch = Math.floor(((points[from] as Point).time + shift) / stepMs);
    let to = from + 1;
    while (to < points.length && Math.floor(((points[to] as Point).time + shift) / stepMs) === stretch) to++;
    const time = stretch * stepMs - shift + stepMs / 2;
    const sums = sumsOf(points, from, to);
    means.push(meanOf(points[from] as Point, time, sums, needed));
    if (sums.lowest <= sums.highest) envelope.push({ time, lowest: sums.lowest, highest: sums.highest });
    from = to;
  }
  return { stepMs, points: means, envelope };
}

/** Values whose means are drawn: actual, forecast, lower, upper, and the two inner limits. */
const AVERAGED = 6;

/** Sum and count of each averaged value in a stretch, and the reach of its actuals. */
interface Sums {
  readonly sum: Float64Array;
  readonly count: Int32Array;
  lowest: number;
  highest: number;
}

function sumsOf(points: readonly Point[], from: number, to: number): Sums {
  const sums: Sums = {
    sum: new Float64Array(AVERAGED),
    count: new Int32Array(AVERAGED),
    lowest: Number.POSITIVE_INFINITY,
    highest: Number.NEGATIVE_INFINITY,
  };
  for (let k = from; k < to; k++) {
    const point = points[k] as Point;
    const actual = completeActual(point);
    add(sums, 0, actual);
    add(sums, 1, point.forecast);
    add(sums, 2, point.lower);
    add(sums, 3, point.upper);
    add(sums, 4, point.innerLower);
    add(sums, 5, point.innerUpper);
    if (actual === null) continue;
    if (actual < sums.lowest) sums.lowest = actual;
    if (actual > sums.highest) sums.highest = actual;
  }
  return sums;
}

function add({ sum, count }: Sums, at: number, value: number | null): void {
  if (value === null) return;
  sum[at] = (sum[at] as number) + value;
  count[at] = (count[at] as number) + 1;
}

function meanOf(first: Point, time: number, { sum, count }: Sums, needed: number): Point {
  const mean = (at: number) => {
    const values = count[at] as number;
    return values === 0 || values < needed ? null : (sum[at] as number) / values;
  };
  const actual = mean(0);
  return {
    ...first,
    time,
    actual,
    state: actual === null ? first.state : 'observed',
    forecast: mean(1),
    lower: mean(2),
    upper: mean(3),
    innerLower: mean(4),
    innerUpper: mean(5),
    direction: null,
    severity: null,
  };
}

function completeActual({ actual, state }: Point): number | null {
  return state === 'open' ? null : actual;
}
