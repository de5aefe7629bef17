import type { BaseTerms } from '../base/fit.ts';
import { createHurdle, credibleVolume, issueHurdle, observeHurdle } from './hurdle.ts';
import { UNKNOWN_SIZES } from './trade-size.ts';

/** A series whose values are all under so many mean buckets with trade is believed: real sales are as large. */
const LOOKED_AT = 50;

/**
 * The values as far as they can be believed, to fit parameters to: see `credibleVolume`. One amount mistyped a thousandfold
 * would make the scale twenty times as large and teach the network nothing else.
 * @param values `NaN` where nothing is known. Returned as they are where none is far above the mean.
 * @example
 * const parameters = fitBase(credibleValues(values, terms), terms, seed);
 */
export function credibleValues(values: Float64Array, { firstBucket, calendar, horizons }: BaseTerms): Float64Array {
  if (!hasLarge(values)) return values;
  const hurdle = createHurdle(calendar.perDay, horizons);
  return values.map((value, i) => {
    const bucket = firstBucket + i;
    const credible = credibleVolume(hurdle, bucket, value);
    if (!Number.isNaN(value)) observeHurdle(hurdle, calendar, bucket, value !== 0, credible, UNKNOWN_SIZES);
    issueHurdle(hurdle, calendar, bucket, UNKNOWN_SIZES);
    return credible;
  });
}

function hasLarge(values: Float64Array): boolean {
  let sum = 0;
  let trades = 0;
  let largest = 0;
  for (const value of values) {
    if (Number.isNaN(value) || value === 0) continue;
    sum += Math.abs(value);
    trades++;
    largest = Math.max(largest, Math.abs(value));
  }
  return largest * trades > LOOKED_AT * sum;
}
