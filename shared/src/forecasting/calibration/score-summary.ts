import type { SeriesModel } from '../artifact.ts';
import type { SeriesState } from '../forecaster/forecaster.ts';
import { asForecasterState, type ForecasterState } from '../forecaster/state.ts';
import { summaryOfHurdle } from '../hurdle/hurdle.ts';
import { SCORES } from './calibrate.ts';
import { EVENLY } from './spread-evenly.ts';
import { risingScores, weightedCodes } from './thresholds.ts';

/** Scores per horizon in a summary; the largest ones are kept as they are. */
const SUMMARY = 64;
/** [SUMMARY]: where in the rising order, [0, 1], they stand: ever denser towards the largest. */
const PLACES = Float64Array.from({ length: SUMMARY }, (_, k) => 1 - (1 - k / (SUMMARY - 1)) ** 2.5);

/** What an artifact hands on of a state's calibration, so that the next start need not learn it again. */
export type CalibrationSummary = Pick<
  SeriesModel,
  'scores' | 'logScaleBySlot' | 'residualSums' | 'negativeSeen' | 'hurdle'
>;

/** Nothing known. */
export const NO_CALIBRATION: CalibrationSummary = {
  scores: new Uint16Array(0),
  logScaleBySlot: new Float32Array(0),
  residualSums: new Float32Array(0),
  negativeSeen: false,
  hurdle: new Float32Array(0),
};

/** Pooled scores that a cold start begins with: two weeks of them, soon outnumbered by its own. */
export const COLD_SCORES = 168;

/**
 * The calibration of a state in compact form: scores [horizons, SUMMARY] rising, and the slots' scales as they are.
 * No scores while fewer than `SUMMARY` are known at some horizon.
 * @example
 * const model = { ...series, ...summaryOf(state), scoredThrough: state.origin };
 */
export function summaryOf(state: SeriesState): CalibrationSummary {
  const remembered = asForecasterState(state);
  const { scoreCounts, base: track, logScaleBySlot, negativeSeen } = remembered;
  const hurdle = summaryOfHurdle(remembered.hurdle);
  if (scoreCounts.some((n) => n < SUMMARY)) return { ...NO_CALIBRATION, negativeSeen, hurdle };
  const summary = new Uint16Array(track.horizons * SUMMARY);
  for (let h = 1; h <= track.horizons; h++) {
    weightedCodes(risingScores(remembered, h), PLACES, 0, summary.subarray((h - 1) * SUMMARY, h * SUMMARY));
  }
  const residualSums = remembered.correction.sums.slice();
  return { scores: summary, logScaleBySlot: logScaleBySlot.slice(), residualSums, negativeSeen, hurdle };
}

/**
 * The scores of several series as those of one, every series counting alike; empty where none has any.
 * @example
 * const coldStart = { ...commonParameters(models), scores: pooledScores(models), tradeSizes };
 */
export function pooledScores(models: readonly Pick<SeriesModel, 'scores'>[]): Uint16Array {
  const known = models.flatMap(({ scores }) => (scores.length > 0 ? [scores] : []));
  const pooled = new Uint16Array(known[0]?.length ?? 0);
  for (let h = 0; h < pooled.length / SUMMARY; h++) {
    const all = known.flatMap((scores) =>
      Array.from({ length: SCORES }, (_, i) => scoreAt(scores, h, i / (SCORES - 1))),
    );
    const rising = Uint16Array.from(all).sort();
    PLACES.forEach((place, k) => {
      pooled[h * SUMMARY + k] = rising[Math.round(place * (rising.length - 1))]!;
    });
  }
  return pooled;
}

/** Fills the rings from a summary, so that real scores push it out within twelve weeks. */
export function seedScores(state: ForecasterState, { scores, logScaleBySlot, servedBy }: SeriesModel): void {
  if (scores.length === 0) return;
  if (logScaleBySlot.length === state.logScaleBySlot.length) state.logScaleBySlot.set(logScaleBySlot);
  const n = servedBy === 'cold-start' ? COLD_SCORES : SCORES;
  for (let h = 0; h < state.base.horizons; h++) {
    for (let i = 0; i < n; i++) {
      // Evenly at every age: what is old and counts little, and what is overwritten first, is a fair sample of all.
      state.scores[h * SCORES + i] = scoreAt(scores, h, (i * EVENLY) % 1);
    }
    state.scoreCounts[h] = n;
    state.scoreHeads[h] = n % SCORES;
  }
}

/** The score that a summary has at a place in the rising order, [0, 1]. */
function scoreAt(summary: Uint16Array, h: number, place: number): number {
  const steps = (1 - (1 - place) ** (1 / 2.5)) * (SUMMARY - 1);
  const below = Math.min(SUMMARY - 2, Math.floor(steps));
  const from = summary[h * SUMMARY + below]!;
  const to = summary[h * SUMMARY + below + 1]!;
  return Math.round(from + (steps - below) * (to - from));
}
