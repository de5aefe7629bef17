import { bucketDispersion, type Dispersion, dispersionOf } from '../expected/dispersion.ts';
import { expectCount } from '../expected/expected-counts.ts';
import { holidayFactor } from '../expected/holidays.ts';
import { type LocalHours, middleHour } from '../expected/local-hours.ts';
import { expectedBefore } from './attempt-ring.ts';
import { fewerTail } from './tails.ts';
import { thresholdFor } from './threshold.ts';
import { attemptsPrior, bonusOf, LEAST_EXPECTED, lowLengths, type WindowState } from './window.ts';

/** Weeks of silence after which a promise is no use. */
const PROMISE_WEEKS = 4;

/**
 * Buckets of total silence from `first` on until it would be noticed, or `null` where four weeks of silence would not be:
 * the shortest window whose tail probability at a count of nothing reaches today's threshold. A silence shorter than any
 * window is seen in one that begins before it, in which until then as much came as was expected.
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
  const shortest = Math.min(...lengths);
  const spread = dispersionOf(state.dispersion);
  const ofWeek = state.ring.means.reduce((sum, mean) => sum + mean, 0);
  const threshold = thresholdFor(state.low.threshold, attemptsPrior('low', ofWeek, perWeek), target);
  const expect = expectations(state, first, hoursOf, spread);
  const isNoticed = (count: number, mean: number, variance: number, length: number) =>
    mean >= LEAST_EXPECTED &&
    fewerTail(count, mean, variance) + bonusOf(Math.min(length, perWeek), perWeek) >= threshold;
  for (let length = 1; length < shortest; length++) {
    const window = startWindow();
    for (let bucket = first + length - shortest; bucket < first; bucket++) expect(window, bucket);
    const count = Math.round(window.mean);
    for (let bucket = first; bucket < first + length; bucket++) expect(window, bucket);
    if (isNoticed(count, window.mean, varianceOf(window, spread), shortest)) return length;
  }
  const window = startWindow();
  for (let length = 1; length <= PROMISE_WEEKS * perWeek; length++) {
    const isKnown = expect(window, first + length - 1);
    if (!isKnown || (length <= perWeek && !lengths.has(length))) continue;
    if (isNoticed(0, window.mean, varianceOf(window, spread), length)) return length;
  }
  return null;
}

/** What is expected of a window that grows by a bucket at a time. */
interface Window {
  mean: number;
  variances: number;
  wholeDays: number;
  ofDay: number;
  day: number;
}

function startWindow(): Window {
  return { mean: 0, variances: 0, wholeDays: 0, ofDay: 0, day: Number.MIN_SAFE_INTEGER };
}

function varianceOf({ mean, variances, wholeDays, ofDay }: Window, spread: Dispersion): number {
  return mean + variances + spread.day * (wholeDays + ofDay * ofDay) + spread.week * mean * mean;
}

/** Adds buckets to windows; of one that says nothing it adds nothing and returns `false`. */
function expectations(
  state: WindowState,
  first: number,
  hoursOf: (bucket: number) => LocalHours,
  spread: Dispersion,
): (window: Window, bucket: number) => boolean {
  const total = spread.bucket + spread.day + spread.week;
  const holiday = holidayFactor(state.holidays);
  return (window, bucket) => {
    const at = hoursOf(bucket);
    const isHoliday = at.special?.exceptional === true;
    // On a holiday of which too little is known a silence says nothing, nor on one on which the series has not opened.
    if (isHoliday && !(holiday.known && expectedBefore(state.ring, first, at.day) > 0)) return false;
    const ordinary = expectCount(state.expectation, at, total);
    const expected = isHoliday ? holiday.factor * ordinary.mean : ordinary.mean;
    const noise = bucketDispersion(state.dispersion, middleHour(at), spread) + ordinary.doubt;
    const ofDay = at.day === window.day ? window.ofDay : 0;
    const ofHoliday = isHoliday ? 2 * holiday.variance * (expected + ofDay) * expected : 0;
    if (at.day !== window.day) {
      window.wholeDays += window.ofDay * window.ofDay;
      window.ofDay = 0;
      window.day = at.day;
    }
    window.mean += expected;
    window.ofDay += expected;
    window.variances += noise * expected ** 2 + ofHoliday;
    return true;
  };
}
