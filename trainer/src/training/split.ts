import type { Series } from '@tidemark/shared/forecasting';

/** Parts of a history, one after the other, as counts of buckets from its start. */
export interface Split {
  /** End of the training targets. */
  readonly learnEnd: number;
  /** End of the validation targets, by which the best weights and the forecast of each series are chosen. */
  readonly validationEnd: number;
  /** End of what parameters are fitted to. */
  readonly trainEnd: number;
  /** End of the calibration part. */
  readonly calibrationEnd: number;
  /** End of the test part. */
  readonly end: number;
}

/** Share of the training part that is learnt from; the rest is for validation. */
const LEARNING = 0.88;

/** 65 % training (its last 12 % for validation), 15 % calibration, 20 % test. */
export function splitOf(buckets: number): Split {
  const trainEnd = Math.floor(0.65 * buckets);
  return {
    learnEnd: Math.floor(LEARNING * trainEnd),
    validationEnd: trainEnd,
    trainEnd,
    calibrationEnd: Math.floor(0.8 * buckets),
    end: buckets,
  };
}

/**
 * The split of a series' complete buckets. Validation is the last 12 % of the training part's known buckets: a feed that
 * was down for its last weeks would leave nothing to choose weights and forecasts by.
 */
export function splitOfSeries(series: Series): Split {
  const split = splitOf(completeLength(series));
  const known: number[] = [];
  for (let i = 0; i < split.trainEnd; i++) if (series.states[i] !== 'missing') known.push(i);
  const [learnEnd, last] = [known[Math.floor(LEARNING * known.length)], known.at(-1)];
  return learnEnd === undefined || last === undefined ? split : { ...split, learnEnd, validationEnd: last + 1 };
}

/** Buckets before the first open one. */
export function completeLength({ states }: Series): number {
  const open = states.indexOf('open');
  return open < 0 ? states.length : open;
}

/** Weeks of a history in which something was observed: time that only lies between strange rows teaches nothing. */
export function observedWeeks(series: Series, perWeek: number): number {
  const length = completeLength(series);
  let buckets = 0;
  for (let start = 0; start < length; start += perWeek) {
    const end = Math.min(length, start + perWeek);
    if (series.states.slice(start, end).includes('observed')) buckets += end - start;
  }
  return buckets / perWeek;
}
