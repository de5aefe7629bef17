import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ColumnCount, explainColumns } from './columns.ts';

const WEEKS = [1, 2, 3, 4];

/** Counts of a column by window and value: attempts and approved. */
function countsOf(values: Record<string, readonly (readonly [attempts: number, approved: number])[]>): ColumnCount[] {
  const own = Object.entries(values).flatMap(([value, windows]) =>
    windows.map(([attempts, approved], window) => ({
      window,
      columns: ['c'],
      values: [value],
      attempts,
      approved,
      gross: 0,
    })),
  );
  const whole = [0, ...WEEKS].map((window) => {
    const sum = (count: 'attempts' | 'approved') =>
      own.reduce((total, row) => total + (row.window === window ? row[count] : 0), 0);
    return { window, columns: [], values: null, attempts: sum('attempts'), approved: sum('approved'), gross: 0 };
  });
  return [...whole, ...own];
}
const week = (attempts: number, approved: number) => WEEKS.map(() => [attempts, approved] as const);

describe('what columns tell', () => {
  test('names no value where the incident is as the weeks before, whatever these are', () => {
    const value = fc.tuple(fc.nat(500), fc.nat(500)).map(([a, b]) => [Math.max(a, b), Math.min(a, b)] as const);
    fc.assert(
      fc.property(fc.dictionary(fc.string({ minLength: 1, maxLength: 3 }), value, { minKeys: 1 }), (usual) => {
        const windows = Object.fromEntries(Object.entries(usual).map(([name, one]) => [name, [one, ...week(...one)]]));
        const side = fc.sample(fc.constantFrom('low' as const, 'high' as const), 1)[0] ?? 'low';
        const found = explainColumns(countsOf(windows), side);
        if (found !== null) expect(found.every(({ values }) => values.length === 0)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  test('names the reason of more declines, though one of the weeks before was troubled alike', () => {
    const found = explainColumns(
      countsOf({
        ok: [[20, 20], ...week(95, 95)],
        '51': [[3, 0], ...week(4, 0)],
        '91': [
          [77, 0],
          [80, 0],
          [1, 0],
          [0, 0],
          [1, 0],
        ],
      }),
      'low',
    );
    expect(found).toEqual([
      { column: 'c', counts: 'declines', values: [{ value: '91', observed: 77, expected: 1, share: 1 }] },
    ]);
  });

  test('names the value whose attempts have gone, and that which brings too many', () => {
    const counts = countsOf({ T1: [[0, 0], ...week(40, 38)], T2: [[39, 38], ...week(40, 38)] });
    expect(explainColumns(counts, 'low')?.[0]).toMatchObject({
      counts: 'attempts',
      values: [{ value: 'T1', observed: 0 }],
    });
    const more = countsOf({ T1: [[120, 110], ...week(40, 38)], T2: [[39, 38], ...week(40, 38)] });
    expect(explainColumns(more, 'high')?.[0]).toMatchObject({ values: [{ value: 'T1', observed: 120, expected: 40 }] });
  });

  test('says nothing of a column that has no value in any row of the incident, where it usually has', () => {
    const whole = [0, ...WEEKS].map((window) => ({ window, attempts: 80, approved: window === 0 ? 10 : 76 }));
    const counts = (known: number): ColumnCount[] => [
      ...whole.map((one) => ({ ...one, columns: [], values: null, gross: 0 })),
      { window: 0, columns: ['reason'], values: null, attempts: 70, approved: 0, gross: 0 },
      ...WEEKS.map((window) => ({
        window,
        columns: ['reason'],
        values: ['51'],
        attempts: known,
        approved: 0,
        gross: 0,
      })),
    ];
    expect(explainColumns(counts(4), 'low')).toEqual([]);
    expect(explainColumns(counts(1), 'low')).toEqual([{ column: 'reason', counts: 'declines', values: [] }]);
  });

  /** Counts by channel and issuer, 40 attempts each a window, of which 36 are approved; of the incident's, `now`. */
  const crossed = (now: (channel: string, issuer: string) => { attempts: number; approved: number }): ColumnCount[] => {
    const cells = ['app', 'pos', 'web'].flatMap((channel) =>
      ['E1', 'E2', 'E3', 'E4'].flatMap((issuer) =>
        [0, ...WEEKS].map((window) => {
          const counted = window === 0 ? now(channel, issuer) : { attempts: 40 + (window % 3), approved: 36 };
          return { window, columns: ['channel', 'issuer'], values: [channel, issuer], ...counted, gross: 0 };
        }),
      ),
    );
    const whole = [0, ...WEEKS].map((window) => {
      const sum = (count: 'attempts' | 'approved') =>
        cells.reduce((total, row) => total + (row.window === window ? row[count] : 0), 0);
      return { window, columns: [], values: null, attempts: sum('attempts'), approved: sum('approved'), gross: 0 };
    });
    return [...whole, ...cells];
  };
  const usual = { attempts: 41, approved: 37 };

  test('names two values that carry it together, of attempts and of declines', () => {
    const gone = crossed((...pair) => (pair.join() === 'web,E1' ? { attempts: 1, approved: 1 } : usual));
    expect(explainColumns(gone, 'low')).toMatchObject([
      { column: 'channel × issuer', counts: 'attempts', values: [{ value: 'web × E1', observed: 1 }] },
    ]);
    const refused = crossed((...pair) => (pair.join() === 'web,E1' ? { attempts: 41, approved: 2 } : usual));
    expect(explainColumns(refused, 'low')).toMatchObject([
      { column: 'channel × issuer', counts: 'declines', values: [{ value: 'web × E1', observed: 39 }] },
    ]);
  });

  test('names no pair where one value alone carries it, all do, or none', () => {
    for (const isDown of [
      (channel: string) => channel === 'web',
      (_: string, issuer: string) => issuer === 'E1',
      () => true,
      () => false,
    ]) {
      const counts = crossed((...pair) => (isDown(...pair) ? { attempts: 6, approved: 5 } : usual));
      expect(explainColumns(counts, 'low')).toEqual([]);
    }
  });

  test('says nothing without a week to compare with', () => {
    expect(explainColumns(countsOf({ T1: [[5, 5]] }), 'low')).toBeNull();
  });
});
