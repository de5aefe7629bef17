import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DrawnIncident } from './judged.ts';
import { inOrder, OVERVIEW_COLUMNS, type OverviewRow, stormsIn } from './overview-rows.ts';
import type { Status } from './status.ts';

const incident = { startTime: 5, endTime: 9, direction: 'low' } as DrawnIncident;
const alarm = (direction: 'low' | 'high', since: number): Status => ({
  kind: 'alarm',
  severity: 'warning',
  direction,
  since,
  share: 0.5,
  distance: 1,
  incident,
});

const row = (name: string, status: Status, more: Partial<OverviewRow> = {}): OverviewRow => ({
  deviation: null,
  risk: null,
  last: null,
  ...more,
  panel: { series: { name }, status } as OverviewRow['panel'],
});

const statuses = fc.constantFrom<Status>(
  alarm('low', 3),
  alarm('high', 4),
  { kind: 'ok', last: null },
  { kind: 'no-data', since: 1, age: 2 },
  { kind: 'empty' },
);
const rows = fc.array(
  fc
    .record({
      name: fc.string(),
      status: statuses,
      deviation: fc.option(fc.double({ noNaN: true, min: -2, max: 2 })),
      risk: fc.option(fc.double({ noNaN: true, min: -1e6, max: 1e6 })),
    })
    .map(({ name, status, deviation, risk }) => row(name, status, { deviation, risk })),
  { maxLength: 40 },
);

describe('the overview', () => {
  test('every order holds every row once, and those without a value come last', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom(...OVERVIEW_COLUMNS), fc.boolean(), (all, column, reversed) => {
        const sorted = inOrder(all, { column, reversed });
        expect(new Set(sorted)).toEqual(new Set(all));
        expect(sorted).toHaveLength(all.length);
        if (column !== 'deviation' && column !== 'risk') return;
        const values = sorted.map((one) => one[column]);
        const firstUnknown = values.indexOf(null);
        if (firstUnknown >= 0) expect(values.slice(firstUnknown).every((value) => value === null)).toBe(true);
      }),
    );
  });

  test('a storm is at least four series and two in five, or twenty, in alarm on one side', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 0, max: 80 }), (low, calm) => {
        const all = [
          ...Array.from({ length: low }, (_, k) => row(`low ${k}`, alarm('low', 10 + k), { risk: -2 })),
          ...Array.from({ length: calm }, (_, k) => row(`calm ${k}`, { kind: 'ok', last: null })),
        ];
        const isStorm = low >= 4 && (low >= 20 || low >= 0.4 * (low + calm));
        const storms = stormsIn(all);
        expect(storms).toHaveLength(isStorm ? 1 : 0);
        if (isStorm) expect(storms[0]).toMatchObject({ direction: 'low', since: 10, risk: -2 * low });
      }),
    );
  });
});
