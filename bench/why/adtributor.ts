import type { CellTable, Element } from '@tidemark/shared/detection';

/** Explanatory power that a dimension's set of values must reach, and that one value must have. */
const ALL_POWER = 0.67;
const ONE_POWER = 0.1;

/**
 * The parts that Adtributor names (Bhagwan et al. 2014, figure 4, for a fundamental measure), as a peer: of each dimension
 * the most surprising values until they explain enough, of the dimensions the most surprising set. One dimension only.
 */
export function adtributor({ dimensions, values, places, expected, observed }: CellTable): Element[][] {
  const sum = (list: ArrayLike<number>) => Array.from(list).reduce((total, one) => total + one, 0);
  const [allExpected, allObserved] = [sum(expected), sum(observed)];
  const sets = dimensions.map((dimension, axis) => {
    const means = new Float64Array(values[axis]?.length ?? 0);
    const counts = new Float64Array(means.length);
    for (let cell = 0; cell < expected.length; cell++) {
      const place = places[axis]?.[cell] as number;
      means[place] = (means[place] as number) + (expected[cell] as number);
      counts[place] = (counts[place] as number) + (observed[cell] as number);
    }
    const rows = Array.from(means, (mean, place) => {
      const count = counts[place] as number;
      const [p, q] = [mean / allExpected, count / allObserved];
      return {
        element: { dimension, value: values[axis]?.[place] as string },
        power: (count - mean) / (allObserved - allExpected),
        surprise: 0.5 * (half(p, q) + half(q, p)),
      };
    }).sort((one, other) => other.surprise - one.surprise);
    const chosen: typeof rows = [];
    let power = 0;
    for (const row of rows) {
      if (power > ALL_POWER) break;
      if (row.power <= ONE_POWER) continue;
      chosen.push(row);
      power += row.power;
    }
    return { chosen, power, surprise: chosen.reduce((total, { surprise }) => total + surprise, 0) };
  });
  const [best] = sets.filter(({ power }) => power > ALL_POWER).sort((one, other) => other.surprise - one.surprise);
  return (best?.chosen ?? []).map(({ element }) => [element]);
}

/** Half of a Jensen–Shannon divergence. */
const half = (p: number, q: number) => (p > 0 ? p * Math.log((2 * p) / (p + q)) : 0);
