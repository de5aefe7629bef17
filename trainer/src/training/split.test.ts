import type { Series } from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { expect, test } from 'vitest';
import { splitOf, splitOfSeries } from './split.ts';

function seriesOf(isMissing: (bucket: number) => boolean): Series {
  const states = Array.from({ length: 1000 }, (_, i): BucketState => (isMissing(i) ? 'missing' : 'observed'));
  const values = Float64Array.from(states, (state, i) => (state === 'missing' ? Number.NaN : i % 12));
  return { id: 'shop', measure: 'net', stepMs: 7_200_000, firstBucket: 240_000, values, states };
}

test('a series without holes is split at its shares', () => {
  expect(splitOfSeries(seriesOf(() => false))).toEqual(splitOf(1000));
});

test('a feed that was down over the validation part leaves known buckets to validate with', () => {
  const split = splitOfSeries(seriesOf((i) => i >= 500 && i < 700));
  expect(split).toEqual({ ...splitOf(1000), learnEnd: 440, validationEnd: 500 });
});
