import type { Counts } from '../observation.ts';
import type { Margin } from './contrast.ts';
import type { ExpectedSales, SoldBucket } from './reference.ts';

/** The rest of a dimension: values that are not told apart, and what has none. */
export const REST = '…';

/** One dimension of an incident: attempts and approved ones by value, seen and expected, the rest of it last. */
export interface DimensionCounts {
  readonly dimension: string;
  readonly values: readonly string[];
  readonly attempts: Pick<Margin, 'expected' | 'observed'>;
  readonly approved: Pick<Margin, 'expected' | 'observed'>;
  /** Whether more is counted by value than there is in all, which cannot be. */
  readonly isExcessive: boolean;
  /** Values that the weeks before did not have. */
  readonly added: readonly string[];
  /** Values of a fair share that had stopped before the incident: the dimension changed, the incident did not do it. */
  readonly gone: readonly string[];
}

type Seen = Pick<Counts, 'attempts' | 'approved'>;

/** Share of a dimension's sales from which a value is missed, and noticed. */
const MISSED_SHARE = 0.05;
const NOTICED_SHARE = 0.02;
/** Sales at the end of the weeks before that must be there to miss a value among them. */
const MISSED_AMONG = 200;

/** The dimensions of an incident, each with a rest so that it adds up to the whole. */
export function dimensionsOfIncident(
  buckets: readonly SoldBucket[],
  seen: Seen,
  expected: ExpectedSales,
  history: readonly SoldBucket[],
): DimensionCounts[] {
  const names = new Map<string, Map<string, Seen>>();
  const add = (dimension: string, value: string, { attempts, approved }: Seen) => {
    const values = names.get(dimension) ?? new Map<string, Seen>();
    const before = values.get(value) ?? { attempts: 0, approved: 0 };
    names.set(
      dimension,
      values.set(value, { attempts: before.attempts + attempts, approved: before.approved + approved }),
    );
  };
  for (const { dimension, value } of expected.parts) add(dimension, value, { attempts: 0, approved: 0 });
  for (const { parts } of buckets) for (const part of parts) add(part.dimension, part.value, part);
  return [...names].map(([dimension, ofValue]) => {
    const values = [...ofValue.keys()].sort();
    const usual = new Map(expected.parts.filter((one) => one.dimension === dimension).map((one) => [one.value, one]));
    const column = (count: keyof Seen) => ({
      observed: withRest(
        seen[count],
        values.map((value) => ofValue.get(value)?.[count] ?? 0),
      ),
      expected: withRest(
        expected[count],
        values.map((value) => usual.get(value)?.[count] ?? 0),
      ),
    });
    const counted = values.reduce((sum, value) => sum + (ofValue.get(value)?.attempts ?? 0), 0);
    return {
      dimension,
      values: [...values, REST],
      attempts: column('attempts'),
      approved: column('approved'),
      isExcessive: counted > seen.attempts + 0.5,
      added: values.filter(
        (value) => !usual.has(value) && (ofValue.get(value)?.attempts ?? 0) >= NOTICED_SHARE * seen.attempts,
      ),
      gone: goneBefore(dimension, values, history),
    };
  });
}

function withRest(whole: number, parts: readonly number[]): number[] {
  return [...parts, Math.max(0, whole - parts.reduce((sum, part) => sum + part, 0))];
}

function goneBefore(dimension: string, values: readonly string[], history: readonly SoldBucket[]): string[] {
  const sumsOf = (some: readonly SoldBucket[]) => {
    const sums = new Map<string, number>();
    for (const { parts } of some) {
      for (const part of parts) {
        if (part.dimension === dimension) sums.set(part.value, (sums.get(part.value) ?? 0) + part.approved);
      }
    }
    return { sums, total: [...sums.values()].reduce((sum, one) => sum + one, 0) };
  };
  const before = sumsOf(history);
  const late = sumsOf(history.slice(-Math.ceil(history.length / 8)));
  if (late.total < MISSED_AMONG) return [];
  return values.filter(
    (value) => (before.sums.get(value) ?? 0) >= MISSED_SHARE * before.total && !late.sums.get(value),
  );
}
