import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { artifactFiles } from '@tidemark/shared/contract/model-file';
import { bucketAt, DEFAULT_STEP_MS, type Series, zoneClock } from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { simulateVolume } from '../simulate/buckets.ts';
import { disturbanceFactors, drawDisturbance } from '../simulate/disturbance.ts';
import { random } from '../simulate/random.ts';
import { drawRhythm, specialDaysOfRhythms } from '../simulate/rhythm.ts';
import { PRETRAINED_FOLDER } from './pretrained.ts';
import { train } from './train.ts';

/**
 * Makes the checkpoint that training starts from, of simulated series unlike each other: `pnpm pretrain`.
 * The same seed writes the same weights on the same kind of machine, in about a quarter of an hour.
 */
const SEED = 20_261;
const SERIES = 320;
const WEEKS = 60;
const STEPS = 20_000;
/** Every so many-th series moves with the calendar and chance alone. */
const UNDISTURBED_EVERY = 4;
const FIRST = bucketAt(Date.parse('2024-01-01T00:00:00Z'), DEFAULT_STEP_MS);

const clock = zoneClock('UTC');
const series = Array.from({ length: SERIES }, (_, k): Series => {
  const source = random(SEED + k);
  const stretch = { clock, firstBucket: FIRST + 7 * 84 * (k % 4), buckets: 84 * WEEKS, stepMs: DEFAULT_STEP_MS };
  const rhythm = drawRhythm(source);
  const factors =
    k % UNDISTURBED_EVERY === 0
      ? undefined
      : disturbanceFactors(drawDisturbance(source), { buckets: stretch.buckets, perDay: 12 }, source);
  const values = simulateVolume(rhythm, stretch, source, {
    measure: 'gross',
    ...(factors ? { factorAt: (index) => factors[index]! } : {}),
  });
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return {
    id: `simulated-${k + 1}`,
    measure: 'gross',
    stepMs: DEFAULT_STEP_MS,
    firstBucket: stretch.firstBucket,
    values,
    states,
  };
});
const specialDays = specialDaysOfRhythms('2024-01-01', '2026-12-31');
const { artifacts } = await train([{ name: 'simulated', series, specialDays }], {
  seed: SEED,
  steps: STEPS,
  start: 'random',
  ensembleSize: 1,
  onProgress: (_, { step, steps, validation }) => {
    if (step % 500 === 0) process.stderr.write(`${step}/${steps}, held-out loss ${validation.toFixed(4)}\n`);
  },
});
const [artifact] = artifacts;
if (!artifact) throw new Error('training made no artifact');
const { specialDays: _specialDays, ...metadata } = artifact.metadata;
const { modelJson, weights } = artifactFiles({ ...artifact, metadata: { ...metadata, series: [], createdAt: '' } });
const fresh = `${PRETRAINED_FOLDER}.new`;
await mkdir(fresh, { recursive: true });
await writeFile(`${fresh}/model.json`, `${JSON.stringify(JSON.parse(modelJson), null, 2)}\n`);
await writeFile(`${fresh}/weights.bin`, weights);
await rm(PRETRAINED_FOLDER, { recursive: true, force: true });
await rename(fresh, PRETRAINED_FOLDER);
