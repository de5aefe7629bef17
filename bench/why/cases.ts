import type { CellTable, Element } from '@tidemark/shared/detection';
import { createRandom, type Random } from '@tidemark/shared/forecasting';

/** A difference with a known cause, to be found again. */
export interface LocatedCase {
  readonly table: CellTable;
  readonly side: 'low' | 'high';
  /** Relative variance of cells on calm days. */
  readonly dispersion: number;
  /** The parts that caused it, by the dimensions that are given. */
  readonly truth: readonly (readonly Element[])[];
  /** Whether the cause lies in a dimension that is not given. */
  readonly outside: boolean;
}

/** What cases are drawn from, after the settings that RiskLoc's paper (Kalander 2022, section V) names S and L. */
export interface CaseSettings {
  /** Values of each dimension. */
  readonly sizes: readonly number[];
  /** Relative error of forecasts of cells: lowest and highest. */
  readonly noise: readonly [number, number];
  /** Share lost in a part. */
  readonly severity: readonly [number, number];
  /** Standard deviation of that share from cell to cell. */
  readonly deviation: readonly [number, number];
  /** Troubles, and parts of each. */
  readonly troubles: readonly [number, number];
  readonly elements: readonly [number, number];
  /** Dimensions of a part. */
  readonly depth: readonly [number, number];
}

/** S: five dimensions, noisy, weak troubles among strong ones; parts of one dimension or a pair. */
export const S: CaseSettings = {
  sizes: [10, 12, 10, 8, 5],
  noise: [0, 0.25],
  severity: [0.2, 1],
  deviation: [0, 0.1],
  troubles: [1, 3],
  elements: [1, 3],
  depth: [1, 2],
};

/** L: four dimensions, little noise, strong troubles, one part each; here of one dimension. */
export const L: CaseSettings = {
  sizes: [10, 24, 10, 15],
  noise: [0, 0.1],
  severity: [0.5, 1],
  deviation: [0, 0],
  troubles: [1, 5],
  elements: [1, 1],
  depth: [1, 1],
};

/**
 * A case of some settings, the same for the same seed: cells as 100 · Weibull with a shape from 0.5 to 1, up to a
 * quarter of them empty, forecasts in error on either side, and the share `severity` (and as much more as the noise)
 * lost in the parts.
 * @param hidden whether a dimension of the first trouble is taken away: cells are added up over it.
 */
export function makeCase(settings: CaseSettings, seed: number, hidden = false): LocatedCase {
  const random = createRandom(seed);
  const { sizes } = settings;
  const cells = sizes.reduce((product, size) => product * size, 1);
  const noise = between(random, settings.noise);
  const shape = between(random, [0.5, 1]);
  const empty = between(random, [0, 0.25]);
  const expected = new Float64Array(cells);
  const observed = new Float64Array(cells);
  for (let cell = 0; cell < cells; cell++) {
    const real = random.uniform() < empty ? 0 : 100 * (-Math.log(1 - random.uniform())) ** (1 / shape);
    const noisy = Math.max(0, real * (1 + noise * random.normal()));
    [expected[cell], observed[cell]] = random.uniform() < 0.5 ? [real, noisy] : [noisy, real];
  }
  const places = sizes.map((_, axis) => {
    const stride = sizes.slice(0, axis).reduce((product, size) => product * size, 1);
    return Int32Array.from({ length: cells }, (_, cell) => Math.floor(cell / stride) % (sizes[axis] as number));
  });
  const troubles = drawTroubles(random, settings);
  const sum = (list: Float64Array) => list.reduce((total, one) => total + one, 0);
  // As the errors of the calm cells lie, so that they do not outweigh the troubles.
  const low = sum(observed) <= sum(expected);
  const lessened = low ? observed : expected;
  const dimensions = sizes.map((_, axis) => 'abcdef'[axis] as string);
  const values = sizes.map((size, axis) => Array.from({ length: size }, (_, k) => `${dimensions[axis]}${k + 1}`));
  const table: CellTable = { dimensions, values, places, expected, observed };
  const gone = hidden ? (troubles[0]?.axes[0] ?? 0) : null;
  const dispersion = dispersionOf(gone === null ? table : without(table, gone));
  for (const { axes, parts } of troubles) {
    const severity = between(random, settings.severity) + noise;
    const deviation = between(random, settings.deviation);
    for (let cell = 0; cell < cells; cell++) {
      if (!parts.some((part) => part.every((value, k) => places[axes[k] as number]?.[cell] === value))) continue;
      const lost = severity + deviation * random.normal();
      lessened[cell] = Math.max(0, (lessened[cell] as number) * (1 - lost));
    }
  }
  return {
    table: gone === null ? table : without(table, gone),
    side: low ? 'low' : 'high',
    dispersion,
    outside: hidden,
    truth: hidden
      ? []
      : troubles.flatMap(({ axes, parts }) =>
          parts.map((part) =>
            axes.map((axis, k) => ({
              dimension: dimensions[axis] as string,
              value: values[axis]?.[part[k] as number] as string,
            })),
          ),
        ),
  };
}

interface Drawn {
  readonly axes: readonly number[];
  /** Values of each part, in the order of the axes. */
  readonly parts: readonly (readonly number[])[];
}

/** Relative variance of calm cells, by the median: that of a normal error's squares is 0.455 times its variance. */
function dispersionOf({ expected, observed }: CellTable): number {
  const squares: number[] = [];
  for (let cell = 0; cell < expected.length; cell++) {
    const mean = expected[cell] as number;
    if (mean >= 1) squares.push(((observed[cell] as number) / mean - 1) ** 2);
  }
  squares.sort((one, other) => one - other);
  return Math.max(1e-4, (squares[squares.length >> 1] ?? 0) / 0.455);
}

/** Troubles in cuboids of their own, whose parts share no value with those of another. */
function drawTroubles(random: Random, { sizes, troubles, elements, depth }: CaseSettings): Drawn[] {
  const drawn: Drawn[] = [];
  const count = whole(random, troubles);
  for (let tries = 0; drawn.length < count && tries < 1_000; tries++) {
    const axes = shuffled(
      random,
      sizes.map((_, axis) => axis),
    )
      .slice(0, whole(random, depth))
      .sort();
    if (drawn.some((one) => one.axes.join() === axes.join())) continue;
    const free = axes.map((axis) => {
      const used = new Set(drawn.flatMap((one) => one.parts.map((part) => part[one.axes.indexOf(axis)])));
      return Array.from({ length: sizes[axis] as number }, (_, value) => value).filter((value) => !used.has(value));
    });
    if (free.some(({ length }) => length === 0)) continue;
    const parts = new Map<string, number[]>();
    for (let left = whole(random, elements); left > 0; left--) {
      const part = free.map((list) => list[Math.floor(random.uniform() * list.length)] as number);
      parts.set(part.join(), part);
    }
    drawn.push({ axes, parts: [...parts.values()] });
  }
  return drawn;
}

/** The table added up over one dimension. */
function without({ dimensions, values, places, expected, observed }: CellTable, gone: number): CellTable {
  const kept = dimensions.map((_, axis) => axis).filter((axis) => axis !== gone);
  const sizes = kept.map((axis) => values[axis]?.length ?? 1);
  const cells = sizes.reduce((product, size) => product * size, 1);
  const sums = { expected: new Float64Array(cells), observed: new Float64Array(cells) };
  for (let cell = 0; cell < expected.length; cell++) {
    let at = 0;
    let stride = 1;
    kept.forEach((axis, k) => {
      at += stride * (places[axis]?.[cell] as number);
      stride *= sizes[k] as number;
    });
    sums.expected[at] = (sums.expected[at] as number) + (expected[cell] as number);
    sums.observed[at] = (sums.observed[at] as number) + (observed[cell] as number);
  }
  return {
    dimensions: kept.map((axis) => dimensions[axis] as string),
    values: kept.map((axis) => values[axis] as readonly string[]),
    places: kept.map((_, k) => {
      const stride = sizes.slice(0, k).reduce((product, size) => product * size, 1);
      return Int32Array.from({ length: cells }, (_, cell) => Math.floor(cell / stride) % (sizes[k] as number));
    }),
    ...sums,
  };
}

const between = (random: Random, [low, high]: readonly [number, number]) => low + (high - low) * random.uniform();
const whole = (random: Random, [low, high]: readonly [number, number]) =>
  low + Math.floor((high - low + 1) * random.uniform());

function shuffled(random: Random, list: readonly number[]): number[] {
  return list
    .map((one) => ({ one, order: random.uniform() }))
    .sort((a, b) => a.order - b.order)
    .map(({ one }) => one);
}
