import { networkShape } from '@tidemark/shared';
import { expect, test } from 'vitest';
import { pretrainedWeights } from './pretrained.ts';

test('the shipped checkpoint fits two-hour buckets, is finite, and is left out for other lengths', () => {
  const weights = pretrainedWeights(networkShape(12));
  expect(weights?.reduce((sum, { values }) => sum + values.length, 0)).toBe(21_769);
  expect(weights?.every(({ values }) => values.every(Number.isFinite))).toBe(true);
  expect(pretrainedWeights(networkShape(24))).toBeUndefined();
});
