import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAULTS } from './faults/list.ts';
import { type Laboratory, LIMIT_MINUTES, openLaboratory } from './faults/run.ts';

/** `pnpm bench:api faults` injects all kinds of faults, and has 24 calm days. */
const SHORT = [
  'series-silent',
  'counts-late',
  'model-unreadable',
  'coverage-off',
  'cycle-failing',
  'database-full',
  'silence',
];
const CALM_DAYS = 0.5;

let laboratory: Laboratory;
beforeAll(async () => {
  laboratory = await openLaboratory(CALM_DAYS);
});
afterAll(() => laboratory.close());

test('thirty-seven kinds of faults are listed, each once', () => {
  expect(FAULTS.length).toBe(37);
  expect(new Set(FAULTS.map(({ what }) => what)).size).toBe(37);
});

test.each(FAULTS.filter(({ tells, isSlow }) => SHORT.includes(tells) && !isSlow))(
  '$what: it is told in time as $tells',
  async (fault) => {
    const { minutes } = await laboratory.run(fault, null);
    expect(minutes).not.toBe(null);
    expect(minutes).toBeLessThanOrEqual(LIMIT_MINUTES);
  },
);

test('on calm days nothing is told of the service, and every cycle is followed by a heartbeat', async () => {
  expect(await laboratory.calm(CALM_DAYS)).toEqual([]);
});
