import type { RowSeries } from './rows.ts';

/** A line beside the range, from a measure: a target, a budget, a capacity. */
export interface ReferenceLine {
  readonly name: string;
  /** For each point of the series; `null` where the measure has no number. */
  readonly values: readonly (number | null)[];
  /** The one value where it is the same at every bucket; `null` where it moves. */
  readonly constant: number | null;
}

/** The lines of a series that have any value, in the order of the well. */
export function referencesOf({ rows, references = [] }: RowSeries): ReferenceLine[] {
  return references.flatMap(({ name, valueAt }) => {
    const values = rows.map(({ index }) => (index < 0 ? null : valueAt(index)));
    let [lowest, highest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const value of values) {
      if (value === null) continue;
      if (value < lowest) lowest = value;
      if (value > highest) highest = value;
    }
    if (lowest > highest) return [];
    return [{ name, values, constant: lowest === highest ? lowest : null }];
  });
}
