import { createRandom, type Series, SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { describe, expect, test } from 'vitest';
import { decidePromotion } from './promotion.ts';

/** A daily rhythm with noise over thirty weeks. */
function rhythm(id: string): Series {
  const random = createRandom(7);
  const length = 30 * 84;
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
/** Last week's value: as wrong as two weeks' noise. */
const poor = untrainedArtifact(series, { timeZone: 'UTC', servedBy: 'seasonal-naive', network: SMALL_NETWORK });

describe('promotion', () => {
  test('the first model is promoted when its bands hold', () => {
    const { promoted, inService, reason } = decidePromotion(named(good, 'new'), null, series);
    expect(inService).toBeNull();
    expect(promoted).toBe(true);
    expect(reason).toMatch(/inside the 99 % band; nothing to compare with/);
  });

  test('a model as good as the one in service is promoted', () => {
    const { promoted, candidate, inService } = decidePromotion(named(good, 'new'), named(good, 'old'), series);
    expect(promoted).toBe(true);
    expect(candidate.pinball).toBe(inService?.pinball);
    expect([candidate.modelVersion, inService?.modelVersion]).toEqual(['new', 'old']);
  });

  test('a worse model is not, and it says by how much', () => {
    const { promoted, reason } = decidePromotion(named(poor, 'new'), named(good, 'old'), series);
    expect(promoted).toBe(false);
    expect(reason).toMatch(/^loss .* of the model in service: worse by \d+ %$/);
  });

  test('series that hardly trade do not decide', () => {
    const quiet = { ...rhythm('q'), states: Array.from({ length: 30 * 84 }, () => 'zero' as const) };
    const model = untrainedArtifact([...series, quiet], { timeZone: 'UTC', servedBy: 'base', network: SMALL_NETWORK });
    expect(decidePromotion(model, model, [...series, quiet]).candidate.mase).toBeLessThan(2);
    expect(decidePromotion(model, model, [quiet]).reason).toMatch(/^no series trades often enough/);
  });

  test('without a series in common it is judged alone', () => {
    const other = untrainedArtifact([rhythm('b')], { timeZone: 'UTC', servedBy: 'base', network: SMALL_NETWORK });
    const { inService, promoted } = decidePromotion(named(good, 'new'), other, series);
    expect(inService).toBeNull();
    expect(promoted).toBe(true);
  });
});
