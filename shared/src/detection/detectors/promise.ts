import { bucketDispersion, dispersionOf } from '../expected/dispersion.ts';
import { expectCount } from '../expected/expected-counts.ts';
import { holidayFactor } from '../expected/holidays.ts';
import { type LocalHours, middleHour } from '../expected/local-hours.ts';
import { expectedBefore } from './attempt-ring.ts';
import { fewerTail } from './tails.ts';
import { thresholdFor } from './threshold.ts';
import { bonusOf, LEAST_EXPECTED, lowLengths, PRIORS, type WindowState } from './window.ts';

/** Weeks of silence after which a promise is no use. */
const PROMISE_WEEKS = 4;

/**
 * Buckets of total silence from `first` on until it would be noticed, or `null` where four weeks of silence would not be:
 * the shortest window whose tail probability at a count of nothing reaches today's threshold.
 * @param hoursOf local hours of a bucket.
 * @param target false alarms a week the test may raise.
 */
export function silenceNoticed(
  state: WindowState,
  first: number,
  hoursOf: (bucket: number) => LocalHours,
  target: number,
): number | null {
  if (!state.warm) return null;
  const perWeek = state.ring.counts.length;
  const lengths = lowLengths(perWeek);
  const spread = dispersionOf(state.dispersion);
  const total = spread.bucket + spread.day + spread.week;
  const holiday = holidayFactor(state.holidays);
  const threshold = thresholdFor(state.low.threshold, PRIORS.low, target);
  let mean = 0;
  let variances = 0;
  let wholeDays = 0;
  let ofDay = 0;
  let day = Number.MIN_SAFE_INTEGER;
  for (let length = 1; length <= PROMISE_WEEKS * perWeek; length++) {
    const at = hoursOf(first + length - 1);
    const isHoliday = at.special?.exceptional === true;
    // On a holiday of which too little is known a silence says nothing, nor on one on which the series has not opened.
    if (isHoliday && !(holiday.known && expectedBefore(state.ring, first, at.day) > 0)) continue;
    const ordinary = expectCount(state.expectation, at, total);
    const expected = isHoliday ? holiday.factor * ordinary.mean : ordinary.mean;
    const noise = bucketDispersion(state.dispersion, middleHour(at), spread) + ordinary.doubt;
    const ofHoliday = isHoliday ? 2 * holiday.variance * (expected + (at.day === day ? ofDay : 0)) * expected : 0;
    if (at.day !== day) {
      wholeDays += ofDay * ofDay;
      ofDay = 0;
      day = at.day;
    }
    mean += expected;
    ofDay += expected;
    variances += noise * expected ** 2 + ofHoliday;
    if ((length <= perWeek && !lengths.has(length)) || mean < LEAST_EXPECTED) continue;
    const variance = mean + variances + spread.day * (wholeDays + ofDay * ofDay) + spread.week * mean * mean;
    if (fewerTail(0, mean, variance) + bonusOf(Math.min(length, perWeek), perWeek) >= threshold) return length;
  }
  return null;
}
