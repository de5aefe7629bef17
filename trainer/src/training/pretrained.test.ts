import { networkShape } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { readCheckpoint } from './pretrained.ts';

test('the shipped checkpoint fits two-hour buckets, is finite, and is left out for other lengths', () => {
  const weights = readCheckpoint(networkShape(12))?.weights;
  expect(weights?.reduce((sum, { values }) => sum + values.length, 0)).toBe(21_769);
  expect(weights?.every(({ values }) => values.every(Number.isFinite))).toBe(true);
  expect(readCheckpoint(networkShape(24))).toBeUndefined();
});
