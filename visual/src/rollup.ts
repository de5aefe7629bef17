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
    means.push(meanOf(points, from, to, time, needed));
    const reach = reachOf(points, from, to);
    if (reach.lowest <= reach.highest) envelope.push({ time, ...reach });
    from = to;
  }
  return { stepMs, points: means, envelope };
}

function meanOf(points: readonly Point[], from: number, to: number, time: number, needed: number): Point {
  const first = points[from] as Point;
  const mean = (value: (point: Point) => number | null) => {
    let [sum, count] = [0, 0];
    for (let k = from; k < to; k++) {
      const one = value(points[k] as Point);
      if (one === null) continue;
      sum += one;
      count++;
    }
    return count < needed ? null : sum / count;
  };
  const actual = mean(completeActual);
  return {
    ...first,
    time,
    actual,
    state: actual === null ? first.state : 'observed',
    forecast: mean((point) => point.forecast),
    lower: mean((point) => point.lower),
    upper: mean((point) => point.upper),
    innerLower: mean((point) => point.innerLower),
    innerUpper: mean((point) => point.innerUpper),
    direction: null,
    severity: null,
  };
}

function reachOf(points: readonly Point[], from: number, to: number) {
  let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let k = from; k < to; k++) {
    const actual = completeActual(points[k] as Point);
    if (actual === null) continue;
    if (actual < lowest) lowest = actual;
    if (actual > highest) highest = actual;
  }
  return { lowest, highest };
}

function completeActual({ actual, state }: Point): number | null {
  return state === 'open' ? null : actual;
}
