import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Artifact,
  bandAt,
  createForecaster,
  createRandom,
  type Series,
  SMALL_NETWORK,
  untrainedArtifact,
} from '@tidemark/shared/forecasting';
import { literal, openDuck } from '@tidemark/shared/warehouse/duckdb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeArtifact } from '../artifact/artifact-files.ts';
import { exportCommand } from '../commands/export.ts';
import { writePrepared } from '../history/prepared.ts';
import { replay } from './replay.ts';
import { TABLE_NAMES, TABLES } from './tables.ts';

const STEP_MS = 7_200_000;
const FIRST = 240_000;
const WEEK = 84;
let work: string;
let artifact: Artifact;
const series = ['north, "café"', 'south'].map((id, nth) => shop(id, nth));

/** A rhythm with noise, and in the last week half a day without trade, an open bucket last. */
function shop(id: string, seed: number): Series {
  const random = createRandom(seed);
  const values = Float64Array.from({ length: 14 * WEEK }, (_, i) => {
    const rhythm = 1.6 + Math.sin((2 * Math.PI * i) / 12);
    return i >= 14 * WEEK - 30 && i < 14 * WEEK - 24 ? 0 : Math.round(1e5 * (rhythm + 0.1 * random.normal())) / 100;
  });
  const states = Array.from(values, (value, i) =>
    i === values.length - 1 ? ('open' as const) : value === 0 ? ('zero' as const) : ('observed' as const),
  );
  return { id, measure: 'net', stepMs: STEP_MS, firstBucket: FIRST, values, states };
}

beforeAll(async () => {
  work = await mkdtemp(join(tmpdir(), 'tidemark-export-'));
  artifact = untrainedArtifact(series, { servedBy: 'base', network: SMALL_NETWORK });
  await writeArtifact(work, artifact);
  await writePrepared(
    work,
    series.map((one) => ({ series: one, transactions: Array.from(one.values, () => 1) })),
  );
});
afterAll(() => rm(work, { recursive: true, force: true }));

const run = (...args: string[]) =>
  exportCommand()
    .exitOverride()
    .parseAsync(['--work', work, ...args], { from: 'user' });

/** Rows of the exported files, each cell as text. */
async function rowsOf(format: 'parquet' | 'csv', name: string): Promise<(string | null)[][]> {
  const duck = await openDuck();
  try {
    const file = literal(join(work, 'export', `${name}.${format}`));
    const from = format === 'csv' ? `read_csv(${file}, all_varchar = true, nullstr = '')` : `read_parquet(${file})`;
    const rows = (await duck.read(`SELECT * FROM ${from}`)).getRowsJson();
    return rows.map((row) => row.map((cell) => (cell === null ? null : String(cell))));
  } finally {
    duck.close();
  }
}

describe('bands, verdicts and incidents of the last weeks', () => {
  beforeAll(async () => {
    await run('--weeks', '2');
    await run('--weeks', '2', '--format', 'csv');
  });

  test.each(TABLE_NAMES)('%s are the same as Parquet and as CSV', async (name) => {
    const [parquet, csv] = [await rowsOf('parquet', name), await rowsOf('csv', name)];
    const types = Object.values(TABLES[name]);
    const alike = (row: (string | null)[]) =>
      row.map((cell, at) => {
        if (cell === null) return null;
        if (types[at] === 'DOUBLE') return Number(cell);
        return types[at] === 'TIMESTAMP' ? Date.parse(`${cell.replace(' ', 'T').replace('Z', '')}Z`) : cell;
      });
    expect(parquet.length).toBeGreaterThan(1);
    expect(csv.map(alike)).toEqual(parquet.map(alike));
    const header = (await readFile(join(work, 'export', `${name}.csv`), 'utf8')).split('\n')[0];
    expect(header).toBe(Object.keys(TABLES[name]).join(','));
  });

  test('a verdict is of the band that was issued one bucket before', async () => {
    const bands = new Map(
      (await rowsOf('parquet', 'bands'))
        .filter(([, , , , horizon]) => horizon === '1')
        .map((row) => [`${row[0]}|${row[1]}`, [row[8], row[9], row[5]]]),
    );
    const verdicts = await rowsOf('parquet', 'verdicts');
    expect(verdicts).toHaveLength(2 * (2 * WEEK));
    for (const [id, start, , , forecast, lower, upper] of verdicts) {
      expect(bands.get(`${id}|${start}`)).toEqual([lower, upper, forecast]);
    }
  });

  test('the outage of each series is an incident with its money', async () => {
    const incidents = (await rowsOf('parquet', 'incidents')).filter(([, , , , direction]) => direction === 'low');
    expect(incidents.map(([id]) => id)).toEqual(expect.arrayContaining(series.map(({ id }) => id)));
    for (const [, , , , , , , volume] of incidents) expect(Number(volume)).toBeLessThan(0);
  });
});

test('nothing is read before its time: what comes later changes no band that was issued', () => {
  const forecaster = createForecaster(artifact);
  const [one] = series as [Series];
  const changed = { ...one, values: one.values.map((value, i) => (i >= 13 * WEEK ? value * 3 : value)) };
  const limits = (of: Series) =>
    replay(forecaster, of, 3)
      .bands.filter(({ origin }) => origin < FIRST + 13 * WEEK)
      .map(({ fan }) => bandAt(fan, 0.99));
  expect(limits(one).length).toBeGreaterThan(100);
  expect(limits(changed)).toEqual(limits(one));
});

test('a series that is none lists those that are', async () => {
  await expect(run('--series', 'west')).rejects.toThrow(
    /unknown series: "west"; prepared are "north, "café"", "south"/,
  );
});
