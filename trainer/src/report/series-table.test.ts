import { expect, test } from 'vitest';
import { seriesTable } from './series-table.ts';

test('gives all shares of a series with the same decimals', () => {
  const band = (coverage: number, below: number, above: number) => ({
    coverage,
    inside: 1 - below - above,
    below,
    above,
    width: 1,
    msis: 1,
  });
  const next = { buckets: 897, mase: 1.304, pinball: 0.2, bands: [band(0.95, 0.01, 0.01), band(0.99, 0.004, 0)] };
  const { rows } = seriesTable([{ id: 'total', service: null, horizons: [next], judged: [] }]);
  expect(rows).toEqual([['total', '–', '897', '1.30', '98.0 %', '99.6 %', '0.4 %', '0.0 %']]);
});
