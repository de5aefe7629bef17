import { createRandom, type Series, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { backtestAll } from './evaluation/evaluate.ts';
import { onThreads } from './threads.ts';
import { withScores } from './training/starting-scores.ts';

const DAY = 12;

function shop(id: string, seed: number): Series {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: 16 * 7 * DAY }, (_, i) =>
    Math.max(0, 100 * seed * (1.5 + Math.sin((2 * Math.PI * i) / DAY) + 0.1 * random.normal())),
  );
  return {
    id,
    measure: 'gross',
    stepMs: 7_200_000,
    firstBucket: 240_000,
    values,
    states: Array.from(values, () => 'observed' as const),
  };
}
const all = ['a', 'b', 'c', 'd', 'e'].map((id, k) => shop(id, k + 1));
const artifact = untrainedArtifact(all, { timeZone: 'UTC', servedBy: 'lstm', network: SMALL_NETWORK });
const partOf = () => ({ testFrom: 12 * 7 * DAY, scale: 10 });

test('series worked out on threads are what they are one by one', async () => {
  const done: number[] = [];
  const together = await backtestAll(artifact, all, partOf, { keepJudged: true, onSeries: () => done.push(1) });
  expect(done).toHaveLength(all.length);
  const alone = await Promise.all(all.map((one) => backtestAll(artifact, [one], partOf, { keepJudged: true })));
  expect(together).toEqual(alone.flat());
  expect(together[0]?.judged).toHaveLength(4 * 7 * DAY);

  const { metadata } = await withScores(artifact, all);
  for (const [k, one] of all.entries()) {
    const model = artifact.metadata.series[k] as (typeof metadata.series)[number];
    const single = { ...artifact, metadata: { ...artifact.metadata, series: [model] } };
    expect(metadata.series[k]).toEqual((await withScores(single, [one])).metadata.series[0]);
    expect(metadata.series[k]?.scores.length).toBeGreaterThan(0);
  }
});

test('a task that fails on a thread ends the work with its reason', async () => {
  const module = new URL('./evaluation/evaluate.ts', import.meta.url);
  const { start } = await import('./evaluation/evaluate.ts');
  const terms = { artifact, rival: 'served' as const, keepJudged: false };
  const tasks = [...all, shop('unknown', 9)].map((series) => ({ series, part: partOf() }));
  await expect(onThreads({ module, start }, terms, tasks)).rejects.toThrow(/unknown/);
});
