import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ownWays } from './contrast.ts';
import { binomialHalfDeviance, halfDeviance } from './deviance.ts';
import { type CellTable, locate } from './locate.ts';

const CHANNELS = ['pos', 'web', 'app'];
const ISSUERS = ['E1', 'E2', 'E3', 'E4', 'E5'];
const SHARES = [
  [0.6, 0.25, 0.15],
  [0.35, 0.25, 0.2, 0.12, 0.08],
] as const;

/** Every channel × issuer, `size` in all, of which `kept` of each cell is left. */
function table(size: number, kept: (channel: string, issuer: string) => number): CellTable {
  const cells = CHANNELS.flatMap((channel, c) => ISSUERS.map((issuer, i) => ({ channel, issuer, c, i })));
  const expected = cells.map(({ c, i }) => size * (SHARES[0][c] as number) * (SHARES[1][i] as number));
  return {
    dimensions: ['channel', 'issuer'],
    values: [CHANNELS, ISSUERS],
    places: [cells.map(({ c }) => c), cells.map(({ i }) => i)],
    expected,
    observed: cells.map(({ channel, issuer }, cell) => (expected[cell] as number) * kept(channel, issuer)),
  };
}
const found = (one: CellTable) => {
  const { where, parts } = locate([one], { side: 'low' });
  return [where, ...parts.map(({ elements }) => elements.map(({ value }) => value).join(' × '))];
};

describe('where a loss lies', () => {
  test('a value of a dimension, a pair, two values, or everywhere', () => {
    expect(found(table(2_000, (channel) => (channel === 'web' ? 0 : 1)))).toEqual(['parts', 'web']);
    expect(found(table(2_000, (c, i) => (c === 'web' && i === 'E1' ? 0.1 : 1)))).toEqual(['parts', 'web × E1']);
    expect(found(table(2_000, (_, i) => (i === 'E1' || i === 'E3' ? 0.2 : 1)))).toEqual(['parts', 'E1', 'E3']);
    expect(found(table(2_000, () => 0.6))).toEqual(['everywhere']);
    expect(found(table(2_000, () => 0))).toEqual(['everywhere']);
  });

  test('too little to tell is unclear, and so is nothing at all', () => {
    expect(found(table(2, (channel) => (channel === 'web' ? 0 : 1)))).toEqual(['unclear']);
    expect(found(table(2_000, () => 1))).toEqual(['unclear']);
    expect(locate([], { side: 'low' })).toEqual({ where: 'unclear', parts: [] });
  });

  test('shares are of the whole difference, and a part that came out of nothing is found too', () => {
    const lost = locate([table(2_000, (channel) => (channel === 'web' ? 0 : 1))], { side: 'low' });
    expect(lost.parts[0]?.share).toBeCloseTo(1, 9);
    const usual = table(2_000, () => 1);
    const expected = usual.expected as number[];
    const cell = CHANNELS.indexOf('app') * ISSUERS.length;
    const came = { ...usual, expected: expected.map((mean, place) => (place === cell ? 0 : mean)) };
    const { parts } = locate([came], { side: 'high' });
    expect(parts[0]?.elements.map(({ value }) => value)).toEqual(['app', 'E1']);
  });

  test('a table for each dimension tells what one of all combinations tells', () => {
    const whole = table(2_000, (_, issuer) => (issuer === 'E1' ? 0.1 : 1));
    const margin = (axis: 0 | 1): CellTable => {
      const sums = (list: ArrayLike<number>) =>
        (whole.values[axis] as string[]).map((_, place) =>
          Array.from(list).reduce((sum, one, cell) => sum + (whole.places[axis]?.[cell] === place ? one : 0), 0),
        );
      const values = whole.values[axis] as string[];
      return {
        dimensions: [whole.dimensions[axis] as string],
        values: [values],
        places: [values.map((_, place) => place)],
        expected: sums(whole.expected),
        observed: sums(whole.observed),
      };
    };
    const { parts } = locate([margin(0), margin(1)], { side: 'low' });
    expect(parts.map(({ elements }) => elements)).toEqual([[{ dimension: 'issuer', value: 'E1' }]]);
  });
});

describe('values that went their own way', () => {
  const margin = (observed: readonly number[]) => ({
    dimension: 'channel',
    values: CHANNELS,
    expected: [60, 25, 15],
    observed,
  });

  test('whatever the others did, the one that stopped is named', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.4, max: 3, noNaN: true }), (level) => {
        const ways = ownWays([margin([60 * level, 0, 15 * level])], 'low');
        expect(ways.map(({ value }) => value)).toEqual(['web']);
      }),
    );
  });

  test('where all moved alike none is named', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 3, noNaN: true }), (level) => {
        expect(ownWays([margin([60 * level, 25 * level, 15 * level])], 'low')).toEqual([]);
      }),
    );
  });

  test('of approvals few declines of one value are enough, which as mere counts prove nothing', () => {
    const approvals = { ...margin([9, 0, 2]), expected: [11, 2.8, 2.8] };
    expect(ownWays([approvals], 'low')).toEqual([]);
    expect(ownWays([{ ...approvals, trials: [12, 3, 3] }], 'low').map(({ value }) => value)).toEqual(['web']);
    const alike = { ...margin([4, 1, 1]), expected: [11, 2.8, 2.8], trials: [12, 3, 3] };
    expect(ownWays([alike], 'low')).toEqual([]);
  });

  test('a suspect needs less', () => {
    const few = { ...margin([5, 0, 1.5]), expected: [6, 2.5, 1.5] };
    expect(ownWays([few], 'low')).toEqual([]);
    expect(ownWays([few], 'low', { dimension: 'channel', value: 'web' })[0]?.value).toBe('web');
  });
});

test('half the deviance is 0 at the expectation, grows from it on both sides, and shrinks with dispersion', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.5, max: 1e4, noNaN: true }),
      fc.double({ min: 0, max: 0.5, noNaN: true }),
      (mean, dispersion) => {
        expect(halfDeviance(mean, mean, dispersion)).toBeCloseTo(0, 6);
        for (const direction of [-1, 1]) {
          const near = halfDeviance(mean * (1 + 0.2 * direction), mean, dispersion);
          expect(halfDeviance(mean * (1 + 0.4 * direction), mean, dispersion)).toBeGreaterThan(near);
          expect(near).toBeLessThanOrEqual(halfDeviance(mean * (1 + 0.2 * direction), mean, 0) * 1.001 + 1e-6);
        }
      },
    ),
  );
});

test('half the deviance of successes is 0 at the expectation, that of the binomial away from it, and less the more chances vary', () => {
  const none = { observed: 0, expected: 9, trials: 10 };
  expect(binomialHalfDeviance(none, 0)).toBeCloseTo(10 * Math.log(10), 9);
  expect(binomialHalfDeviance({ ...none, observed: 9 }, 0)).toBe(0);
  expect(binomialHalfDeviance({ ...none, observed: 10, expected: 12 }, 0)).toBeCloseTo(0.01, 3);
  expect(binomialHalfDeviance(none, 0.1)).toBeCloseTo((10 * Math.log(10)) / 1.9, 9);
  expect(binomialHalfDeviance({ observed: 0, expected: 0, trials: 0 }, 0)).toBe(0);
});
