import { halfDeviance } from './deviance.ts';
import { pairsOf } from './pairs.ts';

/** What one window sold as a whole, or of it what has one value of a column, or one of each of two columns. */
export interface ColumnCount {
  /** 0: the incident; others: the same hours of weeks before. */
  readonly window: number;
  /** None of the whole, one, or two. */
  readonly columns: readonly string[];
  /** One of each column; `null`: all others, and rows without one. */
  readonly values: readonly string[] | null;
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

/** What a column tells of an incident, or two together: these are named `channel × issuer`, and so are their values. */
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
const TIMES = ' × ';

/**
 * What each column tells of an incident: the values of which much more was declined than in the same hours of the weeks
 * before, or of which attempts are missing (in excess, of a high one). Expected is the median of the weeks, so that one
 * troubled week among them does not count. Two columns tell something only where one value of each together carries it and
 * neither by itself does.
 * A column that is empty in every row of the incident, as after its name has changed in the source, is left out.
 * @returns `null` where no week before was counted.
 * @example
 * explainColumns(counts, 'low'); // [{ column: 'reason', counts: 'declines', values: [{ value: '91', observed: 80, … }] }]
 */
export function explainColumns(counts: readonly ColumnCount[], side: 'low' | 'high'): ColumnFinding[] | null {
  const whole = counts.filter(({ columns }) => columns.length === 0);
  const weeks = whole.filter(({ window, attempts }) => window > 0 && attempts > 0).map(({ window }) => window);
  if (weeks.length === 0) return null;
  const total = compare(whole, weeks);
  const extraDeclines = total.declines.observed - total.declines.expected;
  const missing = total.attempts.expected - total.attempts.observed;
  const by = side === 'low' && extraDeclines > Math.max(0, missing) ? 'declines' : 'attempts';
  const sign = by === 'declines' || side === 'high' ? 1 : -1;
  const all = sign * (total[by].observed - total[by].expected);
  const terms = { side, weeks, by, sign, all } as const;
  return [...grouped(counts, ({ columns }) => columns.join(TIMES))].flatMap(([column, rows]) => {
    const { columns } = rows[0]!;
    if (columns.length === 0) return [];
    const known = rows.filter(({ values }) => values !== null);
    if (isUnfilled(compare(known, weeks)[by], total[by])) return [];
    const byValue = grouped(known, ({ values }) => values!.join(TIMES));
    if (columns.length === 1) return [{ column, counts: by, values: tellingValues(byValue, terms) }];
    const named = pairsNamed(columns, rows, terms);
    const values = tellingValues(new Map([...byValue].filter(([value]) => named.has(value))), terms);
    return values.length > 0 ? [{ column, counts: by, values }] : [];
  });
}

/** Whether a column has no value in any row of the incident, where it usually has one in most: its rows tell nothing. */
function isUnfilled(known: Compared, total: Compared): boolean {
  return known.observed === 0 && total.observed > 0 && known.expected > total.expected / 2;
}

/** What an incident had, and the median of the weeks before. */
interface Compared {
  readonly observed: number;
  readonly expected: number;
}

interface Terms {
  readonly side: 'low' | 'high';
  /** Windows that the incident is compared with. */
  readonly weeks: readonly number[];
  /** What is counted, whether more (1) or less (−1) of it is the trouble, and how much there is in all. */
  readonly by: 'attempts' | 'declines';
  readonly sign: 1 | -1;
  readonly all: number;
}

/** Of some values those that the trouble shows in most. */
function tellingValues(
  rowsOf: ReadonlyMap<string, readonly ColumnCount[]>,
  { weeks, by, sign, all }: Terms,
): ColumnValue[] {
  return [...rowsOf]
    .map(([value, rows]) => {
      const { observed, expected } = compare(rows, weeks)[by];
      const moved = sign * (observed - expected);
      const surprise = halfDeviance(observed, expected, 0);
      return { value, observed, expected, share: all > 0 ? moved / all : 0, moved, surprise };
    })
    .filter(({ moved, surprise, share }) => moved > 0 && surprise >= LEAST_SURPRISE && share >= LEAST_SHARE)
    .sort((one, other) => other.surprise - one.surprise)
    .slice(0, MOST_VALUES)
    .map(({ value, observed, expected, share }) => ({ value, observed, expected, share: Math.min(1, share) }));
}

/** The pairs that went their own way. Declines are told by approvals: of what is never declined, more is no multiple. */
function pairsNamed(columns: readonly string[], rows: readonly ColumnCount[], { side, weeks, by }: Terms): Set<string> {
  const cells = [...grouped(rows, ({ values }) => values?.join(TIMES)).values()].map((own) => ({
    values: own[0]!.values,
    ...(by === 'declines' ? approvedOf(own, weeks) : compare(own, weeks).attempts),
  }));
  return new Set(pairsOf(columns, cells, side).map((pair) => pair.join(TIMES)));
}

/** Approved of the incident, and what would usually have been of its attempts. */
function approvedOf(rows: readonly ColumnCount[], weeks: readonly number[]) {
  const [now, then] = [rows.filter(({ window }) => window === 0), rows.filter(({ window }) => weeks.includes(window))];
  const sum = (of: readonly ColumnCount[], count: 'attempts' | 'approved') =>
    of.reduce((total, row) => total + row[count], 0);
  const rate = sum(then, 'attempts') > 0 ? sum(then, 'approved') / sum(then, 'attempts') : 1;
  return { observed: sum(now, 'approved'), expected: sum(now, 'attempts') * rate };
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

/** Rows by what they have in common. */
function grouped<Row, Key>(rows: readonly Row[], keyOf: (row: Row) => Key): Map<Key, Row[]> {
  const groups = new Map<Key, Row[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
