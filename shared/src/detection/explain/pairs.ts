import { locate } from './locate.ts';
import { REST } from './margins.ts';

/** What has one value of each of two dimensions; `null`: all others. */
export interface PairCell {
  readonly values: readonly string[] | null;
  readonly observed: number;
  readonly expected: number;
}

/** ln of how much likelier a part makes the counts, beyond the number of such parts, from which it is named. */
const LEAST = 4;

/**
 * The pairs of values that went their own way, where no value by itself explains it; see `locate`.
 * @param dimensions the two, in the order of the values.
 * @example
 * pairsOf(['channel', 'issuer'], cells, 'low'); // [['web', 'E1']]
 */
export function pairsOf(dimensions: readonly string[], cells: readonly PairCell[], side: 'low' | 'high'): string[][] {
  const valuesOf = (cell: PairCell) => cell.values ?? dimensions.map(() => REST);
  const values = dimensions.map((_, axis) => [...new Set(cells.map((cell) => valuesOf(cell)[axis]!))]);
  const table = {
    dimensions,
    values,
    places: dimensions.map((_, axis) => cells.map((cell) => values[axis]!.indexOf(valuesOf(cell)[axis]!))),
    expected: cells.map(({ expected }) => expected),
    observed: cells.map(({ observed }) => observed),
  };
  return locate([table], { side, least: LEAST })
    .parts.map(({ elements }) => elements.map(({ value }) => value))
    .filter((pair) => pair.length === 2 && !pair.includes(REST));
}
