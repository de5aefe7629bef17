import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Artifact,
  bucketStart,
  createGrid,
  DEFAULT_STEP_MS,
  FAN_COVERAGES,
  type Series,
} from '@tidemark/shared/forecasting';
import { backtestOf } from '@tidemark/trainer/testing/evaluation';
import { splitOf, train } from '@tidemark/trainer/testing/training';
import { type Figure, single } from '../figure.ts';
import type { BenchmarkSet } from './sets.ts';
import { createSides } from './sides.ts';
import { simulatedSets } from './simulated-sets.ts';

/** What LightGBM's 95 % bands came to on one series: mean interval scores, in units of its values. */
interface PeerRow {
  readonly h1: number;
  readonly h12: number;
}
type PeerRows = Readonly<Record<string, Readonly<Record<string, PeerRow>>>>;

const SCRIPT = join(import.meta.dirname, 'lightgbm-peer.py');
const COMMITTED = join(import.meta.dirname, 'lightgbm-rows.json');
const AT_95 = FAN_COVERAGES.indexOf(0.95);
const AT_99 = FAN_COVERAGES.indexOf(0.99);

/**
 * Figures of the simulated sets `rare` and `openings`, and of rare series given beside them: interval scores against
 * LightGBM's, in units of the mean traded bucket of each series, because the week-to-week change of one that hardly
 * trades, or was not open yet, is next to nothing.
 * @param python a Python with lightgbm and numpy; where it has none, the committed rows of the seed are the peer.
 */
export async function simulatedFigures(
  seed: number,
  steps: number,
  real: readonly Series[],
  python: string,
): Promise<Figure[]> {
  const sets = simulatedSets(seed);
  if (real.length > 0) sets.push({ name: 'real-rare', series: real });
  const peers = peerRows(sets, seed, python);
  const trained = await train(sets, { seed, steps });
  return sets.flatMap((set, k) => figuresOf(set, trained.artifacts[k] as Artifact, peers[set.name] ?? {}));
}

function figuresOf(
  { name, series }: BenchmarkSet,
  artifact: Artifact,
  peers: Readonly<Record<string, PeerRow>>,
): Figure[] {
  const scores = { h1: 0, h12: 0 };
  const theirs = { h1: 0, h12: 0 };
  let coverage = 0;
  const sides = createSides(createGrid(DEFAULT_STEP_MS).perDay);
  const payments = { all: 0, inside95: 0, inside99: 0 };
  for (const one of series) {
    const unit = meanTrade(one);
    let buckets = 0;
    let inside = 0;
    const sums = { h1: 0, h12: 0 };
    const part = { testFrom: splitOf(one.values.length).calibrationEnd, scale: unit };
    backtestOf(artifact, one, part, ({ bucket, actual, fans }) => {
      if (fans[0]) sides.add(one.id, bucket, actual, fans[0]);
      const limits = (h: number, c: number) => [fans[h - 1]?.lower[c] ?? 0, fans[h - 1]?.upper[c] ?? 0] as const;
      const holds = (c: number) => actual >= limits(1, c)[0] && actual <= limits(1, c)[1];
      buckets++;
      if (holds(AT_95)) inside++;
      if (actual !== 0) {
        payments.all++;
        if (holds(AT_95)) payments.inside95++;
        if (holds(AT_99)) payments.inside99++;
      }
      sums.h1 += intervalScore(actual, ...limits(1, AT_95));
      sums.h12 += intervalScore(actual, ...limits(12, AT_95));
    });
    coverage += inside / buckets / series.length;
    for (const h of ['h1', 'h12'] as const) {
      scores[h] += sums[h] / buckets / unit / series.length;
      theirs[h] += (peers[one.id]?.[h] ?? Number.NaN) / unit / series.length;
    }
  }
  const against = (h: 'h1' | 'h12'): Figure[] =>
    Number.isNaN(theirs[h])
      ? []
      : [single(`forecast/${name}/msis95-${h}-vs-lightgbm`, scores[h] / theirs[h], 'ratio', '≤ 1')];
  return [
    single(`forecast/${name}/msis95-h1`, scores.h1, 'mean trades'),
    single(`forecast/${name}/msis95-h12`, scores.h12, 'mean trades'),
    ...against('h1'),
    ...against('h12'),
    single(`forecast/${name}/cov95`, coverage, 'share', '0.93–0.985'),
    single(`forecast/${name}/trades-inside95`, payments.inside95 / payments.all, 'share', '≥ 0.9'),
    single(`forecast/${name}/trades-inside99`, payments.inside99 / payments.all, 'share'),
    ...sides.figures(name),
  ];
}

function intervalScore(actual: number, lower: number, upper: number): number {
  return upper - lower + 40 * (Math.max(0, lower - actual) + Math.max(0, actual - upper));
}

/** Mean |volume| of the buckets that trade. */
function meanTrade({ values }: Series): number {
  const traded = values.filter((value) => Math.abs(value) > 0);
  return traded.reduce((sum, value) => sum + Math.abs(value), 0) / Math.max(1, traded.length);
}

function peerRows(sets: readonly BenchmarkSet[], seed: number, python: string): PeerRows {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-sets-'));
  try {
    for (const { name, series } of sets) writeFileSync(join(folder, `${name}.csv`), csvOf(series));
    const { status, stdout } = spawnSync(python, [SCRIPT, folder], { encoding: 'utf8', maxBuffer: 1e8 });
    if (status === 0) return JSON.parse(stdout);
    process.stderr.write(`no LightGBM in ${python}: its committed rows are the peer\n`);
    return JSON.parse(readFileSync(COMMITTED, 'utf8'))[String(seed)] ?? {};
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function csvOf(series: readonly Series[]): string {
  const rows = series.flatMap(({ id, firstBucket, stepMs, values }) =>
    Array.from(values, (value, i) => {
      const start = new Date(bucketStart(firstBucket + i, stepMs)).toISOString().slice(0, 19);
      return `"${id}",${start},${value}`;
    }),
  );
  return `series,bucket_start,value\n${rows.join('\n')}\n`;
}
