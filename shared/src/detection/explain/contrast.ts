import type { Direction } from '../../vocabulary.ts';
import { binomialHalfDeviance, halfDeviance } from './deviance.ts';
import type { Element } from './locate.ts';

/** One dimension of a series: what was expected of each of its values, and seen. Both add up to the series' own. */
export interface Margin {
  readonly dimension: string;
  readonly values: readonly string[];
  readonly expected: readonly number[];
  readonly observed: readonly number[];
  /** Of how many the counts are those that succeeded, where they are: approvals of attempts. */
  readonly trials?: readonly number[];
}

/** A value that went its own way, against what the other values did. */
export interface OwnWay {
  readonly dimension: string;
  readonly value: string;
  /** ln of how much likelier the dimension's counts are with a level of its own for this value. */
  readonly surprise: number;
  /** Counts that are missing in it (or too many) beyond what the other values lead to expect, ≥ 0. */
  readonly excess: number;
}

/** Values named at most. */
const MOST = 3;
/** Relative variance of a value's share beyond chance, and correlation of chances to succeed. */
const DISPERSION = 0.003;
const RHO = 0.002;
/**
 * What a value has to gain beyond its price, the logarithm of 1 ÷ its share and at least 1: a large one is likelier to be at fault, and to be
 * noticed. A value that somebody suspects already has no price.
 */
const LEAST = 0.8;
const LEAST_SUSPECTED = 0.5;
/** Share below which no value is dearer. */
const LEAST_SHARE = 0.01;
/** Share of what the first value found has too little (or too much) from which others of its dimension are named with it. */
const WORTH = 0.15;

/**
 * The values of one dimension that went their own way, most surprising first; all others of it moved together.
 *
 * A value is held against the others, not against its expectation, so that what all of them did (a quiet day, a good one, an
 * outage) does not count for it or against it. What it gains is a likelihood ratio: counts under two levels, its own and
 * that of the rest, to counts under one (surprise in the sense of Bhagwan et al. 2014, Adtributor). Margins of several
 * dimensions show one cause several times over, so only the dimension that shows it best is named.
 * @param suspect a value that is known to be in trouble from elsewhere: it has to gain less.
 * @example
 * ownWays([{ dimension: 'channel', values: ['pos', 'web'], expected: [60, 40], observed: [62, 1] }], 'low');
 * // [{ dimension: 'channel', value: 'web', … }]
 */
export function ownWays(margins: readonly Margin[], side: Direction, suspect: Element | null = null): OwnWay[] {
  let best: Found[] = [];
  let score = 0;
  for (const margin of margins) {
    const found = ownWaysOf(margin, side, suspect?.dimension === margin.dimension ? suspect.value : null);
    const first = found[0];
    if (first === undefined) continue;
    if (first.score <= score) continue;
    [best, score] = [found, first.score];
  }
  return best.map(({ place: _, score: _score, ...one }) => one);
}

/** A value found, by its place, and what it gained beyond its price. */
interface Found extends OwnWay {
  readonly place: number;
  readonly score: number;
}

function ownWaysOf(margin: Margin, side: Direction, suspect: string | null): Found[] {
  const { dimension, values, expected, observed } = margin;
  const found: Found[] = [];
  const all = expected.reduce((sum, mean) => sum + mean, 0);
  const rest = new Set(values.keys());
  while (found.length < MOST) {
    let best: Found | null = null;
    for (const place of rest) {
      const others = [...rest].filter((other) => other !== place);
      const level = levelOf(others, expected, observed);
      if (level === null) continue;
      const missing = (side === 'low' ? 1 : -1) * (level * expected[place]! - observed[place]!);
      if (missing <= 0) continue;
      const together = levelOf([...rest], expected, observed) ?? level;
      const gain = deviances([...rest], margin, together) - deviances(others, margin, level);
      const isSuspect = values[place] === suspect;
      const price = isSuspect ? 0 : Math.max(1, -Math.log(Math.max(LEAST_SHARE, expected[place]! / all)));
      if (gain - price < (isSuspect ? LEAST_SUSPECTED : LEAST) || (best !== null && gain - price <= best.score))
        continue;
      best = { dimension, value: values[place]!, surprise: gain, excess: missing, place, score: gain - price };
    }
    if (best === null || best.excess < WORTH * (found[0]?.excess ?? 0)) break;
    found.push(best);
    rest.delete(best.place);
  }
  return found;
}

/** Seen to expected over some values; `null` where nothing is expected of them. */
function levelOf(places: readonly number[], expected: readonly number[], observed: readonly number[]): number | null {
  let [mean, count] = [0, 0];
  for (const place of places) {
    mean += expected[place]!;
    count += observed[place]!;
  }
  return mean > 0 ? count / mean : null;
}

/** Half the deviance of some values' counts from `level` times what is expected of them. */
function deviances(places: readonly number[], { expected, observed, trials }: Margin, level: number): number {
  return places.reduce((sum, place) => {
    const [seen, mean] = [observed[place]!, level * expected[place]!];
    if (trials === undefined) return sum + halfDeviance(seen, mean, DISPERSION);
    return sum + binomialHalfDeviance({ observed: seen, expected: mean, trials: trials[place]! }, RHO);
  }, 0);
}
