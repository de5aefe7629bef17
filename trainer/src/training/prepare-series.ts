import { UserError } from '@tidemark/shared/errors';
import {
  type Calendar,
  COLD_START_WEEKS,
  credibleValues,
  fitBase,
  NO_CALIBRATION,
  type Series,
} from '@tidemark/shared/forecasting';
import type { Candidate } from '../calendar/judge-calendar.ts';
import { OWN_PARAMETERS_WEEKS, shortReason } from './cold-start.ts';
import type { TrainingSet } from './options.ts';
import { completeLength, observedWeeks, splitOf, splitOfSeries } from './split.ts';
import { type TrainingSeries, trainingSeries } from './windows.ts';

/** A series with its own parameters and the windows to train on. */
export interface PreparedSeries extends Candidate {
  /** Too short for parameters of its own. */
  readonly short: boolean;
  readonly training: TrainingSeries;
}

/** The values that parameters are fitted to: those before the first held-out bucket. */
export function trainingPart(series: Series): Float64Array {
  return series.values.subarray(0, splitOf(completeLength(series)).trainEnd);
}

/** The series with a base forecast fitted to its training part, and its training windows. */
export function prepareSeries(series: Series, calendar: Calendar, horizons: number, seed: number): PreparedSeries {
  const split = splitOfSeries(series);
  const terms = { firstBucket: series.firstBucket, calendar, horizons };
  const base = fitBase(credibleValues(trainingPart(series), terms), terms, seed);
  const weeks = observedWeeks(series, 7 * calendar.perDay);
  const short = weeks < OWN_PARAMETERS_WEEKS;
  const trainedThrough = series.firstBucket + (short ? 0 : split.trainEnd) - 1;
  return {
    short,
    series,
    model: {
      id: series.id,
      servedBy: short ? 'cold-start' : 'base',
      reason: short ? shortReason(weeks) : '',
      ...base,
      trainedThrough,
      scoredThrough: trainedThrough,
      ...NO_CALIBRATION,
    },
    training: trainingSeries(series, split, { calendar, horizons }, base),
  };
}

/** The series as if no calendar had been configured; parameters fitted to its ordinary days stay. */
export function withoutCalendar(one: PreparedSeries, calendar: Calendar, horizons: number): PreparedSeries {
  const { series, model } = one;
  const { trainedThrough: _through, ...parameters } = model;
  return {
    ...one,
    model: { ...model, effects: new Float32Array(0), usesSpecialDays: false },
    training: trainingSeries(series, splitOfSeries(series), { calendar, horizons }, parameters),
  };
}

/** Whether the network is trained on a series: not on one that trades rarely or is too short to split. */
export function isTrainable({ model, short }: Pick<PreparedSeries, 'model' | 'short'>): boolean {
  return model.base === 'smoothed' && !short;
}

/**
 * Checks that something can be served without training windows: by the checkpoint, or series that trade rarely.
 * @throws UserError `too-little-history` or `no-trade`.
 */
export function checkServable(sets: readonly TrainingSet[], perDay: number): void {
  const all = sets.flatMap(({ series }) => series);
  const longest = Math.max(0, ...all.map(completeLength));
  const needed = COLD_START_WEEKS * 7 * perDay;
  if (longest < needed) {
    throw new UserError(
      'too-little-history',
      `too little history to train: the longest series has ${longest} complete buckets; at least ${needed} (${COLD_START_WEEKS} weeks) are needed`,
    );
  }
  if (all.every(({ values }) => values.every((value) => !(Math.abs(value) > 0)))) {
    throw new UserError('no-trade', 'no trade to train on: every complete bucket of every series is 0 or missing');
  }
}
