import {
  type Artifact,
  createRandom,
  type Series,
  SMALL_NETWORK,
  untrainedArtifact,
} from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import { injectedKinds } from './injected-trouble.ts';
import { countAlarms, type Flag, noAlarms } from './synthetic-anomalies.ts';
import { lowRecallWarning, syntheticAnomalyTest } from './synthetic-anomaly-test.ts';

const FIRST = 240_000;
const random = createRandom(1);
const values = Float64Array.from({ length: 84 * 30 }, (_, i) => {
  return 1000 * (1.6 + Math.sin((2 * Math.PI * i) / 12) + 0.05 * random.normal());
});
const series: Series = {
  id: 'shop',
  measure: 'net',
  stepMs: 7_200_000,
  firstBucket: FIRST,
  values,
  states: Array.from(values, () => 'observed' as const),
};
const artifact: Artifact = untrainedArtifact([series], { servedBy: 'base', network: SMALL_NETWORK });

test('a hit needs the right direction inside the event; flags elsewhere are false', () => {
  const flag = (bucket: number, next: -1 | 0 | 1): Flag => ({ bucket, value: 1, fan: undefined, next, dayAhead: 0 });
  const counts = noAlarms();
  const found = [flag(1, 0), flag(2, 1), flag(3, -1), flag(4, 0), flag(5, 1)];
  countAlarms(counts, found, [{ start: 2, buckets: 2, factor: 0 }]);
  expect(counts).toMatchObject({ events: 1, hits: 1, delay: 1, falseFlags: 1, quietBuckets: 3 });
});

test('on a steady rhythm outages are seen at once, and a rerun injects and finds the same', async () => {
  const testFrom = () => 84 * 24;
  const found = await syntheticAnomalyTest(artifact, [series], testFrom);
  expect(await syntheticAnomalyTest(artifact, [series], testFrom)).toEqual(found);
  const outages = found.kinds.filter(({ factor }) => factor === 0);
  expect(outages.length).toBeGreaterThan(0);
  for (const { recall, hoursToAlarm } of outages) {
    expect(recall).toBe(1);
    expect(hoursToAlarm).toBe(2);
  }
  expect(found.examples.map(({ hours }) => hours)).toEqual(outages.map(({ hours }) => hours));
  for (const { alarm } of found.examples) expect(alarm?.hours).toBe(2);
  for (const { rows } of found.examples) {
    for (const { usual, value, out } of rows) expect(value).toBe(out ? 0 : usual);
  }
  expect(found.falsePerWeekUndisturbed).toBeLessThan(3);
  expect(lowRecallWarning(found)).toBeNull();
});

test('where empty buckets are usual, it says that outages cannot be seen', async () => {
  const sparse = { ...series, values: values.map((value, i) => (i % 5 < 3 ? 0 : value * random.uniform())) };
  const found = await syntheticAnomalyTest(
    untrainedArtifact([sparse], { servedBy: 'base', network: SMALL_NETWORK }),
    [sparse],
    () => 84 * 24,
  );
  expect(lowRecallWarning(found)).toMatch(/^(None|Only \d+ %) of the outages put in were seen/);
});

test('with longer buckets anomalies last whole ones, are named by how long, and each is tried once', async () => {
  const stepMs = 8 * 3_600_000;
  const days = { ...series, stepMs, firstBucket: FIRST / 4, values: values.slice(0, 840) };
  const coarse = { ...days, states: series.states.slice(0, 840) };
  const untrained = untrainedArtifact([coarse], { servedBy: 'base', network: SMALL_NETWORK });
  const found = await syntheticAnomalyTest(untrained, [coarse], () => 400);
  const names = found.kinds.map(({ kind, hours }) => `${kind}, ${hours} h`);
  expect(names.filter((name) => name.startsWith('outage'))).toEqual(['outage, 8 h', 'outage, 16 h']);
  expect(new Set(names).size).toBe(names.length);
  for (const { hours, rows } of found.examples) expect(rows.filter(({ out }) => out)).toHaveLength(hours / 8);
});

test('with buckets of a day anomalies are as rare as with shorter ones: calibration does not widen the bands for them', async () => {
  const levels = Float64Array.from(
    { length: 400 },
    (_, i) => 1000 * (i % 7 < 5 ? 1 : 0.6) * (1 + 0.1 * random.normal()),
  );
  const states = Array.from(levels, () => 'observed' as const);
  const daily = { ...series, stepMs: 86_400_000, firstBucket: 20_000, values: levels, states };
  const untrained = untrainedArtifact([daily], { servedBy: 'base', network: SMALL_NETWORK });
  const { kinds } = await syntheticAnomalyTest(untrained, [daily], () => 300);
  expect(kinds.find(({ factor }) => factor === 0)?.recall).toBeGreaterThan(0.7);
});

test('troubles put into counts are named by the hours that they last', () => {
  const names = (stepHours: number) => injectedKinds(stepHours).map(({ name }) => name);
  expect(names(2)).toEqual(expect.arrayContaining(['no attempts, 2 h', 'no attempts, 6 h', 'no attempts, 24 h']));
  expect(names(2)).toEqual(names(0.5));
  expect(names(24).filter((name) => name.startsWith('no'))).toEqual(['no attempts, 24 h']);
  expect(injectedKinds(3).every(({ hours }) => hours % 3 === 0)).toBe(true);
});
