import type { SeriesState } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { stateMemory } from './scorer.ts';

const MODEL = 1;

/** Takes the states of some series for a bucket, and leaves those after it. @returns the series that were remembered. */
function cycle(memory: ReturnType<typeof stateMemory>, series: readonly number[], bucket: number, model = MODEL) {
  return series.filter((one) => {
    const state = memory.take({ series: one, origin: bucket - 1, corrections: 0 }, model);
    memory.keep(one, 0, model, { seriesId: `${one}`, origin: bucket } as SeriesState);
    return state !== null;
  });
}

test('of more series than fit, as many as fit are remembered from cycle to cycle', () => {
  const memory = stateMemory(3);
  const all = [1, 2, 3, 4, 5, 6, 7];
  expect(cycle(memory, all, 10)).toEqual([]);
  for (let bucket = 11; bucket < 15; bucket++) expect(cycle(memory, all, bucket)).toEqual([1, 2, 3]);
});

test('series that are not scored any more, and states of an earlier model, make room', () => {
  const memory = stateMemory(3);
  cycle(memory, [1, 2, 3], 10);
  cycle(memory, [2, 3, 4, 5], 11);
  expect(cycle(memory, [2, 3, 4, 5], 12)).toEqual([2, 3]);
  expect(cycle(memory, [2, 3, 4, 5], 13)).toEqual([2, 3, 4]);
  expect(cycle(memory, [2, 3, 4, 5], 14, 2)).toEqual([]);
  expect(cycle(memory, [2, 3, 4, 5], 15, 2)).toHaveLength(3);
});

test('a state is given for its very origin, model and corrections only, and once', () => {
  const memory = stateMemory(1);
  memory.keep(1, 4, MODEL, { seriesId: '1', origin: 10 } as SeriesState);
  expect(memory.has({ series: 1, origin: 10, corrections: 4 }, MODEL)).toBe(true);
  expect(memory.has({ series: 1, origin: 10, corrections: 5 }, MODEL)).toBe(false);
  expect(memory.has({ series: 1, origin: 10, corrections: 4 }, 2)).toBe(false);
  expect(memory.take({ series: 1, origin: 10, corrections: 4 }, MODEL)).toMatchObject({ origin: 10 });
  expect(memory.take({ series: 1, origin: 10, corrections: 4 }, MODEL)).toBe(null);
});
