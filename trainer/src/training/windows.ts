import {
  type BaseParameters,
  type BaseState,
  type BaseTerms,
  type Calendar,
  credibleValues,
  fillHoles,
  type NetworkShape,
  type Random,
  type Series,
  SPREAD_FLOOR,
  trackOf,
  WARM_UP_WEEKS,
  writeSequence,
  writeTarget,
} from '@tidemark/shared/forecasting';
import type { Batch } from '../network/training-backend.ts';
import type { Split } from './split.ts';

/** Weight of the next bucket relative to later ones: alarms are judged by its band. */
const NEXT_BUCKET_WEIGHT = 4;

/** The training part of one series, from which windows are cut without copying it. */
export interface TrainingSeries {
  readonly track: BaseState;
  /** Actuals as far as they can be believed, `NaN` where missing. */
  readonly values: Float64Array;
  readonly firstBucket: number;
  readonly calendar: Calendar;
  readonly scale: number;
  /** Origins of training windows, and of validation windows: [from, to) as bucket numbers. */
  readonly learn: readonly [number, number];
  readonly validate: readonly [number, number];
}

/** Series that are trained on together. */
export interface TrainingGroup {
  readonly series: readonly TrainingSeries[];
  /** Number of training windows. */
  readonly size: number;
  /** Divisor of the group's losses, set from its first validation loss. */
  lossUnit: number;
}

/** A window: a series and its origin. */
export interface Window {
  readonly series: TrainingSeries;
  readonly origin: number;
  readonly lossUnit: number;
}

/** The training part of a series with its base forecast at every bucket. */
export function trainingSeries(
  series: Series,
  split: Split,
  { calendar, horizons }: Omit<BaseTerms, 'firstBucket'>,
  parameters: BaseParameters,
): TrainingSeries {
  const { firstBucket } = series;
  const terms = { firstBucket, calendar, horizons };
  const values = credibleValues(series.values.subarray(0, split.trainEnd), terms);
  const perWeek = 7 * calendar.perDay;
  const filled = fillHoles(values, perWeek);
  const start = firstBucket + WARM_UP_WEEKS * perWeek;
  const learnEnd = firstBucket + split.learnEnd;
  return {
    track: trackOf(filled, terms, parameters),
    values,
    firstBucket,
    calendar,
    scale: parameters.scale,
    learn: [start, Math.max(start, learnEnd - horizons)],
    validate: [Math.max(start, learnEnd - 1), Math.max(start, firstBucket + split.validationEnd - horizons)],
  };
}

/** A group of series; without a window its size is 0. */
export function trainingGroup(series: readonly TrainingSeries[]): TrainingGroup {
  return { series, size: series.reduce((sum, { learn }) => sum + learn[1] - learn[0], 0), lossUnit: 1 };
}

/** Windows drawn at random from a group, every window equally likely. */
export function drawWindows(group: TrainingGroup, count: number, random: Random): Window[] {
  return Array.from({ length: count }, () => {
    let at = random.below(group.size);
    for (const series of group.series) {
      const [from, to] = series.learn;
      if (at < to - from) return { series, origin: from + at, lossUnit: group.lossUnit };
      at -= to - from;
    }
    throw new RangeError('a group without windows');
  });
}

/** At most `limit` validation windows of a group, evenly spaced. */
export function validationWindows(group: TrainingGroup, limit: number): Window[] {
  const total = group.series.reduce((sum, { validate }) => sum + validate[1] - validate[0], 0);
  const stride = Math.max(1, total / limit);
  const windows: Window[] = [];
  let before = 0;
  for (const series of group.series) {
    const [from, to] = series.validate;
    for (let k = Math.ceil(windows.length * stride); k < before + to - from; k = Math.ceil(windows.length * stride)) {
      windows.push({ series, origin: from + k - before, lossUnit: group.lossUnit });
    }
    before += to - from;
  }
  return windows;
}

/** Fills one batch from windows. */
export function cutBatch(windows: readonly Window[], shape: NetworkShape): Batch {
  const { steps, sequenceFeatures, horizons, targetFeatures } = shape;
  const size = windows.length;
  const sequence = new Float32Array(size * steps * sequenceFeatures);
  const target = new Float32Array(size * horizons * targetFeatures);
  windows.forEach(({ series: { track, calendar }, origin }, i) => {
    writeSequence(track, calendar, origin, steps, sequence, i * steps * sequenceFeatures);
    writeTarget(track, calendar, origin, target, i * horizons * targetFeatures);
  });
  return { size, sequence, target, ...cutTargets(windows, horizons, 'base') };
}

/**
 * Targets of windows relative to the base forecast or to last week's value, in spreads, with their weights in the loss:
 * [windows, horizons]. A missing target has weight 0.
 */
export function cutTargets(
  windows: readonly Window[],
  horizons: number,
  center: 'base' | 'last-week',
): Pick<Batch, 'actual' | 'weight'> {
  const actual = new Float32Array(windows.length * horizons);
  const weight = new Float32Array(windows.length * horizons);
  windows.forEach(({ series, origin, lossUnit }, i) => {
    const { track, values, firstBucket, scale } = series;
    for (let h = 1; h <= horizons; h++) {
      const y = values[origin + h - firstBucket]!;
      if (!Number.isFinite(y)) continue;
      const issued = (origin & track.issuedMask) * horizons + h - 1;
      const unit = track.spread[issued]! + SPREAD_FLOOR * scale;
      const from = center === 'base' ? track.base[issued] : track.values[(origin + h - track.perWeek) & track.mask];
      const at = i * horizons + h - 1;
      actual[at] = (y - from!) / unit;
      weight[at] = ((unit / scale) * (h === 1 ? NEXT_BUCKET_WEIGHT : 1)) / lossUnit;
    }
  });
  return { actual, weight };
}
