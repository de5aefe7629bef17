import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Series, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writePrepared } from '../history/prepared.ts';
import { runTrainer } from '../testing/command-line.ts';
import { writeArtifact } from './artifact-files.ts';
import { readModelAndSeries } from './model-and-series.ts';

let work: string;
beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tidemark-model-and-series-'));
  await writeArtifact(work, untrainedArtifact([shop()], { servedBy: 'base', network: SMALL_NETWORK }));
});
afterAll(() => rm(work, { recursive: true, force: true }));

function shop(other: Partial<Series> = {}): Series {
  const values = Float64Array.from({ length: 20 * 84 }, (_, k) => 1000 * (1.5 + Math.sin((2 * Math.PI * k) / 12)));
  const states = Array.from(values, () => 'observed' as const);
  return { id: 'shop', measure: 'net', stepMs: 7_200_000, firstBucket: 240_000, values, states, ...other };
}

async function prepare(series: Series) {
  await writePrepared(work, [{ series, transactions: Array.from(series.values, () => 1) }]);
}

describe('series that were prepared in another way since', () => {
  test.each([
    [{ stepMs: 3_600_000 }, 'other-step', /2-hour buckets of net volume; the prepared series: 1-hour buckets of net/],
    [{ measure: 'gross' as const }, 'measure-conflict', /of net volume; the prepared series: .* of gross volume; run/],
  ])('%j are not taken for those of the model', async (other, code, message) => {
    await prepare(shop(other));
    await expect(readModelAndSeries(work)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test.each([['evaluate'], ['predict'], ['export'], ['publish', '--api', 'http://127.0.0.1:9']])(
    '%s says so before it does anything',
    async (...words) => {
      await prepare(shop({ stepMs: 3_600_000 }));
      const { code, errors } = await runTrainer([...words, '--work', work]);
      expect([code, errors]).toEqual([2, expect.stringContaining('run `trainer train` again')]);
    },
  );
});

test('series that are as they were are read with their model', async () => {
  await prepare(shop());
  const { artifact, all } = await readModelAndSeries(work);
  expect([artifact.metadata.series[0]?.id, all.length]).toEqual(['shop', 1]);
});
