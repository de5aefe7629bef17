import { createRandom, type Series, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { describe, expect, test } from 'vitest';
import { decidePromotion, lostSeries } from './promotion.ts';

/** A daily rhythm with noise over twenty weeks. */
function rhythm(id: string): Series {
  const random = createRandom(7);
  const length = 20 * 84;
  const values = Float64Array.from({ length }, (_, k) => {
    return 1000 * (1.5 + Math.sin((2 * Math.PI * k) / 12)) + 60 * random.normal();
  });
  return {
    id,
    measure: 'net',
    stepMs: 7_200_000,
    firstBucket: 240_000,
    values,
    states: Array.from(values, () => 'observed' as const),
  };
}

const series = [rhythm('a')];
const good = untrainedArtifact(series, { timeZone: 'UTC', servedBy: 'base', network: SMALL_NETWORK });
const named = (artifact: typeof good, modelVersion: string) => ({
  ...artifact,
  metadata: { ...artifact.metadata, modelVersion },
});
/** A base forecast that runs after every bucket's noise, whoever serves first. */
function spoilt(servedBy: 'base' | 'seasonal-naive') {
  const { metadata, ...network } = untrainedArtifact(series, { timeZone: 'UTC', servedBy, network: SMALL_NETWORK });
  const smoothing = { level: 0.9, daily: 0.9, weekly: 0.9, carry: 0 };
  const models = metadata.series.map((one) => ({ ...one, smoothing, ridge: one.ridge.fill(0.2) }));
  return { ...network, metadata: { ...metadata, series: models } };
}
const poor = spoilt('base');

describe('promotion', () => {
  test('the first model is promoted when its bands hold', async () => {
    const { promoted, inService, reason } = await decidePromotion(named(good, 'new'), null, series);
    expect(inService).toBeNull();
    expect(promoted).toBe(true);
    expect(reason).toMatch(/inside the 99 % band; nothing to compare with/);
  });

  test('a model as good as the one in service is promoted', async () => {
    const { promoted, candidate, inService } = await decidePromotion(named(good, 'new'), named(good, 'old'), series);
    expect(promoted).toBe(true);
    expect(candidate.pinball).toBe(inService?.pinball);
    expect([candidate.modelVersion, inService?.modelVersion]).toEqual(['new', 'old']);
  });

  test('a worse model is not, and it says by how much', async () => {
    const { promoted, reason } = await decidePromotion(named(poor, 'new'), named(good, 'old'), series);
    expect(promoted).toBe(false);
    expect(reason).toMatch(/^loss .* of the model in service: worse by \d+ %$/);
  });

  test('models are compared as they serve: by the forecast that loses least, not by the first one chosen', async () => {
    const startsPoorly = untrainedArtifact(series, {
      timeZone: 'UTC',
      servedBy: 'seasonal-naive',
      network: SMALL_NETWORK,
    });
    const { candidate, inService } = await decidePromotion(named(startsPoorly, 'new'), named(good, 'old'), series);
    expect(candidate.pinball / (inService?.pinball ?? 0)).toBeLessThan(1.02);
    const { candidate: worst } = await decidePromotion(spoilt('seasonal-naive'), null, series);
    expect(worst.pinball).toBeGreaterThan(1.1 * candidate.pinball);
  });

  test('series that hardly trade do not decide', async () => {
    const quiet = { ...rhythm('q'), states: Array.from({ length: 20 * 84 }, () => 'zero' as const) };
    const model = untrainedArtifact([...series, quiet], { timeZone: 'UTC', servedBy: 'base', network: SMALL_NETWORK });
    expect((await decidePromotion(model, model, [...series, quiet])).candidate.mase).toBeLessThan(2);
    expect((await decidePromotion(model, model, [quiet])).reason).toMatch(/^no series trades often enough/);
  });

  test('series that only the model in service knows are named', () => {
    const both = untrainedArtifact([...series, rhythm('gone')], {
      timeZone: 'UTC',
      servedBy: 'base',
      network: SMALL_NETWORK,
    });
    expect(lostSeries(good, both)).toEqual(['gone']);
    expect(lostSeries(both, good)).toEqual([]);
    expect(lostSeries(both, null)).toEqual([]);
  });

  test('without a series in common it is judged alone', async () => {
    const other = untrainedArtifact([rhythm('b')], { timeZone: 'UTC', servedBy: 'base', network: SMALL_NETWORK });
    const { inService, promoted } = await decidePromotion(named(good, 'new'), other, series);
    expect(inService).toBeNull();
    expect(promoted).toBe(true);
  });
});
