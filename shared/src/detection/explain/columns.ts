import { halfDeviance } from './deviance.ts';

/** What one window sold as a whole (`column` null), or of it what has one value of a column. */
export interface ColumnCount {
  /** 0: the incident; others: the same hours of weeks before. */
  readonly window: number;
  readonly column: string | null;
  /** `null`: all other values, and rows without one. */
  readonly value: string | null;
  readonly attempts: number;
  readonly approved: number;
  readonly gross: number;
}

/** A value of a column that an incident shows in. */
export interface ColumnValue {
  readonly value: string;
  readonly observed: number;
  readonly expected: number;
  /** Of all that is missing, or too much. */
  readonly share: number;
}

/** What a column tells of an incident. */
export interface ColumnFinding {
  readonly column: string;
  /** Whether its values are counted by attempts, or by declines: where more was declined than attempts are missing. */
  readonly counts: 'attempts' | 'declines';
  /** Those that it shows in most, by falling surprise, at most three; none where it shows in no value of it. */
  readonly values: readonly ColumnValue[];
}

/** Half deviance below which a value is as usual, and the share of the whole below which it does not matter. */
const LEAST_SURPRISE = 4;
const LEAST_SHARE = 0.05;
const MOST_VALUES = 3;

/**
 * What each column tells of an incident: the values of which much more was declined than in the same hours of the weeks
 * before, or of which attempts are missing (in excess, of a high one). Expected is the median of the weeks, so that one
 * troubled week among them does not count.
 * @returns `null` where no week before was counted.
 * @example
 * explainColumns(counts, 'low'); // [{ column: 'reason', counts: 'declines', values: [{ value: '91', observed: 80, … }] }]
 */
export function explainColumns(counts: readonly ColumnCount[], side: 'low' | 'high'): ColumnFinding[] | null {
  const whole = counts.filter(({ column }) => column === null);
  const weeks = whole.filter(({ window, attempts }) => window > 0 && attempts > 0).map(({ window }) => window);
  if (weeks.length === 0) return null;
  const total = compare(whole, weeks);
  const extraDeclines = total.declines.observed - total.declines.expected;
  const missing = total.attempts.expected - total.attempts.observed;
  const by = side === 'low' && extraDeclines > Math.max(0, missing) ? 'declines' : 'attempts';
  const sign = by === 'declines' || side === 'high' ? 1 : -1;
  const all = sign * (total[by].observed - total[by].expected);
  return [...new Set(counts.flatMap(({ column }) => column ?? []))].map((column) => {
    const own = counts.filter((one) => one.column === column && one.value !== null);
    const values = [...new Set(own.map(({ value }) => value as string))].map((value) => {
      const { observed, expected } = compare(
        own.filter((one) => one.value === value),
        weeks,
      )[by];
      const moved = sign * (observed - expected);
      return {
        value,
        observed,
        expected,
        share: all > 0 ? moved / all : 0,
        moved,
        surprise: halfDeviance(observed, expected, 0),
      };
    });
    const telling = values
      .filter(({ moved, surprise, share }) => moved > 0 && surprise >= LEAST_SURPRISE && share >= LEAST_SHARE)
      .sort((one, other) => other.surprise - one.surprise)
      .slice(0, MOST_VALUES)
      .map(({ value, observed, expected, share }) => ({ value, observed, expected, share: Math.min(1, share) }));
    return { column, counts: by, values: telling };
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What the incident had of some rows, and the median of the weeks; a week without a row had none. */
function compare(rows: readonly ColumnCount[], weeks: readonly number[]) {
  const summed = (window: number, count: (row: ColumnCount) => number) =>
    rows.reduce((sum, row) => sum + (row.window === window ? count(row) : 0), 0);
  const both = (count: (row: ColumnCount) => number) => ({
    observed: summed(0, count),
    expected: median(weeks.map((week) => summed(week, count))),
  });
  return {
    attempts: both(({ attempts }) => attempts),
    declines: both(({ attempts, approved }) => attempts - approved),
  };
}
