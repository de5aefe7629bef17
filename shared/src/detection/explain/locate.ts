import { halfDeviance } from './deviance.ts';

/** One value of one dimension. */
export interface Element {
  readonly dimension: string;
  readonly value: string;
}

/** Counts by the combinations of the values of some dimensions. Combinations that do not occur may be left out. */
export interface CellTable {
  readonly dimensions: readonly string[];
  /** Values of each dimension. */
  readonly values: readonly (readonly string[])[];
  /** [dimension][cell]: place of the cell's value among those of the dimension. */
  readonly places: readonly ArrayLike<number>[];
  /** [cell] each, ≥ 0. The cells of every table of one question add up to the same. */
  readonly expected: ArrayLike<number>;
  readonly observed: ArrayLike<number>;
}

/** A part that went its own way. */
export interface LocatedPart {
  /** By what it is known: one element, or one of each of several dimensions. */
  readonly elements: readonly Element[];
  readonly observed: number;
  readonly expected: number;
  /** Share of the whole difference that it explains; above 1 where other parts went the other way. */
  readonly share: number;
  /** ln of how much likelier the cells are with a level of its own for this part. */
  readonly surprise: number;
}

/** Where the difference between seen and expected lies. */
export interface Located {
  /**
   * `parts`: the parts named carry it. `everywhere`: all values of all dimensions moved alike. `outside`: they did not
   * move alike, and no part tells why: it lies in something that is not among the dimensions. `unclear`: too little to
   * tell, or nothing to tell it by.
   */
  readonly where: 'parts' | 'everywhere' | 'outside' | 'unclear';
  /** By falling share of what they explain; none unless `where` is `parts`. */
  readonly parts: readonly LocatedPart[];
}

/** How `locate` searches. */
export interface LocateOptions {
  /** Only what went this way is looked for. */
  readonly side: 'low' | 'high';
  /** Parts at most. */
  readonly limit?: number;
  /** Dimensions of a part at most. */
  readonly depth?: number;
  /** Relative variance of a cell beyond Poisson. */
  readonly dispersion?: number;
  /** What a part has to gain in likelihood beyond the logarithm of the number of parts of its kind. */
  readonly least?: number;
}

const LIMIT = 3;
const DEPTH = 2;
/** Relative variance of a part beyond Poisson once the whole is known: shares move little. */
const DISPERSION = 0.003;
const LEAST = 3;
/** Share of the difference that all parts together must explain to be named, and one part to be worth naming. */
const ENOUGH = 0.5;
const WORTH = 0.02;
/** Scatter within what was found, in units of the noise, from which something unknown must be at work, and its standard errors. */
const SCATTERED = 1.3;
const SCATTER_ERRORS = 5;
/** Cells that must tell so, and the relative variance that the effect of one cause may have from cell to cell. */
const SCATTER_CELLS = 12;
const TOLERANCE = 0.02;

/**
 * A table being explained. What is larger as a whole is scaled down to what is smaller: expected to seen where there is
 * too little, seen to expected where there is too much, so that a part that came out of nothing has a level too.
 */
interface Work {
  readonly table: CellTable;
  readonly larger: ArrayLike<number>;
  readonly smaller: ArrayLike<number>;
  /** `larger`, moved to the level of what has been found. */
  readonly scaled: Float64Array;
  /** Half the deviance of each cell of `smaller` from `scaled`. */
  readonly deviance: Float64Array;
  /** Whether a cell lies in a part that was found. */
  readonly isFound: Uint8Array;
}

/** All combinations of the values of some dimensions of one table. */
interface Cuboid {
  readonly work: number;
  /** Dimensions by their place in the table; none: the whole. */
  readonly axes: readonly number[];
  /** Combinations, and the number of the one that each cell belongs to. */
  readonly size: number;
  readonly numbers: Int32Array;
}

/** One combination of a cuboid, and what a level of its own would gain. */
interface Candidate {
  readonly cuboid: Cuboid;
  readonly number: number;
  readonly gain: number;
  readonly larger: number;
  readonly smaller: number;
}

interface Search {
  readonly dispersion: number;
  readonly least: number;
  /** Difference that a part has to explain at least. */
  readonly worth: number;
}

/**
 * The few parts that carry the difference between what was seen and expected.
 *
 * A part is a value of a dimension, or of several at once. One that causes the difference moves all cells in it by the same
 * factor (the ripple effect, Sun et al. 2018, HotSpot), so a part is as good as the cells are likelier with one level of
 * its own: its surprise (Bhagwan et al. 2014, Adtributor, measure it on one dimension). The best is taken, its cells are
 * set to their new level, and the rest is searched again, as RiskLoc does (Kalander 2022), while a part gains more than
 * chance among so many would and explains a share of the difference worth naming. The whole is a part too: where it gains
 * most, everything moved alike. Where cells within what was found scatter far beyond the known noise, the cause is not
 * among the dimensions.
 * @param tables of the same whole: one of all combinations, or one for each dimension or pair. Where several hold a
 * dimension, the one with the most dimensions decides of it.
 * @example
 * locate([channels, issuers], { side: 'low' }).parts[0]?.elements; // [{ dimension: 'channel', value: 'web' }]
 */
export function locate(tables: readonly CellTable[], options: LocateOptions): Located {
  const { side, limit = LIMIT, dispersion = DISPERSION, least = LEAST } = options;
  const works = [...tables]
    .filter(({ expected }) => expected.length > 0)
    .sort((one, other) => other.dimensions.length - one.dimensions.length)
    .map((table) => startWork(table, side, dispersion));
  const first = works[0];
  if (first === undefined) return { where: 'unclear', parts: [] };
  const whole = sumOf(first.larger) - sumOf(first.smaller);
  if (!(whole > 0)) return { where: 'unclear', parts: [] };
  const cuboids = cuboidsOf(works, options.depth ?? DEPTH);
  const search: Search = { dispersion, least, worth: WORTH * whole };
  const found: LocatedPart[] = [];
  let level = 0;
  while (found.length < limit) {
    const best = bestCandidate(works, cuboids, search);
    if (best === null) break;
    const { larger, smaller, gain } = best;
    if (best.cuboid.axes.length === 0) level += larger - smaller;
    else {
      const [expected, observed] = side === 'low' ? [larger, smaller] : [smaller, larger];
      const elements = elementsOf(works[best.cuboid.work]!.table, best);
      found.push({ elements, observed, expected, share: (larger - smaller) / whole, surprise: gain });
    }
    for (const work of works) settle(work, works[best.cuboid.work]!.table, best, dispersion);
  }
  const named = found.reduce((sum, { share }) => sum + share, 0);
  if (works.some((work) => isScattered(work, level > 0, dispersion))) return { where: 'outside', parts: [] };
  if (named >= ENOUGH) return { where: 'parts', parts: found.sort((one, other) => other.share - one.share) };
  return { where: level / whole >= ENOUGH ? 'everywhere' : 'unclear', parts: [] };
}

function startWork(table: CellTable, side: LocateOptions['side'], dispersion: number): Work {
  const { expected, observed } = table;
  const [larger, smaller] = side === 'low' ? [expected, observed] : [observed, expected];
  return {
    table,
    larger,
    smaller,
    scaled: Float64Array.from(larger),
    deviance: Float64Array.from(larger, (mean, cell) => halfDeviance(smaller[cell]!, mean, dispersion)),
    isFound: new Uint8Array(larger.length),
  };
}

/** The whole, and the combinations of up to `depth` dimensions, each in the first table that has them. */
function cuboidsOf(works: readonly Work[], depth: number): Cuboid[] {
  const known = new Set<string>();
  const cuboids: Cuboid[] = [];
  works.forEach(({ table }, work) => {
    for (const axes of choices(table.dimensions.length, depth)) {
      const name = JSON.stringify(axes.map((axis) => table.dimensions[axis]).sort());
      if (known.has(name)) continue;
      known.add(name);
      let size = 1;
      const numbers = new Int32Array(table.expected.length);
      for (const axis of axes) {
        const places = table.places[axis]!;
        for (let cell = 0; cell < numbers.length; cell++) numbers[cell]! += size * places[cell]!;
        size *= table.values[axis]!.length;
      }
      cuboids.push({ work, axes, size, numbers });
    }
  });
  return cuboids;
}

/** All sets of at most `most` of the first `count` numbers, the empty one first. */
function choices(count: number, most: number): number[][] {
  const all: number[][] = [[]];
  for (let number = 0; number < count; number++) {
    for (const set of [...all]) if (set.length < most) all.push([...set, number]);
  }
  return all.sort((one, other) => one.length - other.length);
}

function bestCandidate(works: readonly Work[], cuboids: readonly Cuboid[], search: Search): Candidate | null {
  const { worth, least } = search;
  const open: (Omit<Candidate, 'gain'> & { readonly bound: number; readonly price: number })[] = [];
  for (const cuboid of cuboids) {
    const work = works[cuboid.work]!;
    const [larger, smaller, bounds] = sumsOf(cuboid, [work.scaled, work.smaller, work.deviance]);
    const price = Math.log(cuboid.size);
    for (let number = 0; number < cuboid.size; number++) {
      const bound = bounds![number]! - price;
      if (larger![number]! - smaller![number]! < worth || bound < least) continue;
      open.push({ cuboid, number, larger: larger![number]!, smaller: smaller![number]!, bound, price });
    }
  }
  // No level of its own makes cells likelier than a perfect fit: what cannot beat the best so far is not worked out.
  open.sort((one, other) => other.bound - one.bound);
  let best: Candidate | null = null;
  let score = least;
  for (const { bound, price, ...one } of open) {
    if (bound <= score) break;
    const gain = gainOf(works[one.cuboid.work]!, one, search.dispersion);
    if (gain - price <= score) continue;
    score = gain - price;
    best = { ...one, gain };
  }
  return best;
}

/** Sums of some cells by the combinations of a cuboid. */
function sumsOf({ size, numbers }: Cuboid, lists: readonly ArrayLike<number>[]): Float64Array[] {
  return lists.map((list) => {
    const sums = new Float64Array(size);
    for (let cell = 0; cell < numbers.length; cell++) sums[numbers[cell]!]! += list[cell]!;
    return sums;
  });
}

/** ln of how much likelier the cells of a combination are at one level of their own. */
function gainOf(work: Work, { cuboid, number, larger, smaller }: Omit<Candidate, 'gain'>, dispersion: number): number {
  const level = larger > 0 ? smaller / larger : 1;
  let gain = 0;
  for (let cell = 0; cell < cuboid.numbers.length; cell++) {
    if (cuboid.numbers[cell] !== number) continue;
    gain += work.deviance[cell]! - halfDeviance(work.smaller[cell]!, level * work.scaled[cell]!, dispersion);
  }
  return gain;
}

function elementsOf({ dimensions, values }: CellTable, { cuboid, number }: Candidate): Element[] {
  let left = number;
  return cuboid.axes.map((axis) => {
    const place = left % values[axis]!.length;
    left = (left - place) / values[axis]!.length;
    return { dimension: dimensions[axis]!, value: values[axis]![place]! };
  });
}

/** Moves the cells that a found part covers to its level; where a table tells only some of its dimensions, by what it moved. */
function settle(work: Work, source: CellTable, best: Candidate, dispersion: number): void {
  const { table, smaller, scaled, deviance, isFound } = work;
  const elements = elementsOf(source, best);
  const shared = elements.flatMap(({ dimension, value }) => {
    const axis = table.dimensions.indexOf(dimension);
    return axis < 0 ? [] : [{ places: table.places[axis]!, place: table.values[axis]!.indexOf(value) }];
  });
  const covered: number[] = [];
  let sum = 0;
  for (let cell = 0; cell < scaled.length; cell++) {
    if (!shared.every(({ places, place }) => places[cell] === place)) continue;
    covered.push(cell);
    sum += scaled[cell]!;
  }
  const level = sum > 0 ? Math.max(0, (sum + best.smaller - best.larger) / sum) : 1;
  const isWhole = elements.length > 0 && shared.length === elements.length;
  for (const cell of covered) {
    scaled[cell]! *= level;
    deviance[cell] = halfDeviance(smaller[cell]!, scaled[cell]!, dispersion);
    if (isWhole) isFound[cell] = 1;
  }
}

/**
 * Whether cells in what was found (or all, where the whole moved) scatter about their level far beyond the noise: the
 * ripple effect does not hold. One dimension cannot tell, since each of its cells is a part by itself.
 */
function isScattered({ table, larger, smaller, scaled, isFound }: Work, all: boolean, dispersion: number): boolean {
  if (table.dimensions.length < 2) return false;
  const squares: number[] = [];
  for (let cell = 0; cell < scaled.length; cell++) {
    const [mean, before] = [scaled[cell]!, larger[cell]!];
    if ((!all && isFound[cell] === 0) || before < 1) continue;
    const noise = Math.max(mean, 0.1) + dispersion * mean * mean + TOLERANCE * (before - mean) ** 2;
    squares.push((smaller[cell]! - mean) ** 2 / noise);
  }
  if (squares.length < SCATTER_CELLS) return false;
  squares.sort((one, other) => one - other);
  // The median of squares of a normal error is 0.455 times its variance; cells in which two causes meet do not move it.
  const scatter = squares[squares.length >> 1]! / 0.455;
  return scatter > Math.max(SCATTERED, 1 + (SCATTER_ERRORS * 2.3) / Math.sqrt(squares.length));
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let place = 0; place < values.length; place++) sum += values[place]!;
  return sum;
}
