import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Faults } from '@tidemark/tools/athena-local/faults';
import { serveAthena } from '@tidemark/tools/athena-local/server';
import { bucketFiles, config, fetchInto, pointSdkAt, standIn } from '@tidemark/tools/payments/fetching';
import { athenaSource, totalsOf } from '@tidemark/trainer/testing/history';
import { Command } from 'commander';
import { against, type Figure, median, printFigure, printTable } from './figure.ts';
import { writeLog, writeMonths, writeSmallFiles } from './history-log.ts';
import { readOptions, wholeNumber } from './options.ts';

const options = readOptions<{ rows: number; repeats: number; write: boolean }>(
  new Command('bench:history')
    .description('Fetching 10 and 100 million rows, many files and a source that fails.')
    .option(
      '--rows <millions>',
      'rows of the largest log; below 100, that of 10 million is the largest',
      wholeNumber,
      100,
    )
    .option('--repeats <n>', 'times that each is measured, by turns with its peer', wholeNumber, 3)
    .option('--write', 'put the figures into docs/benchmarks.md', false),
);
const figures: Figure[] = [];
const root = await mkdtemp(join(tmpdir(), 'tidemark-bench-history-'));

function told(figure: Figure): void {
  figures.push(figure);
  printFigure(figure);
}

function child(kind: 'ours' | 'buckets' | 'plain', folder: string): { ms: number; peakMb: number } {
  const script = fileURLToPath(new URL('history-child.ts', import.meta.url));
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, kind, folder, join(root, 'work')], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { ms: number; peakMb: number };
}

/** Ours and DuckDB's own GROUP BY by turns, so that both see the same machine; medians. */
function groupBy(folder: string, million: number, repeats: number): void {
  const runs = Array.from({ length: repeats }, () => ({
    plain: child('plain', folder),
    buckets: child('buckets', folder),
    ours: child('ours', folder),
  }));
  const ours = median(runs.map((run) => run.ours.ms));
  const buckets = median(runs.map((run) => run.buckets.ms));
  told(
    against(
      `history/group-by-${million}m`,
      { ours: buckets, peer: median(runs.map((run) => run.plain.ms)) },
      'ms',
      '≤ 1.2',
    ),
  );
  told(against(`history/account-${million}m`, { ours, peer: buckets }, 'ms'));
  const peakMb = Math.max(...runs.map((run) => run.ours.peakMb));
  told({ figure: `history/peak-mb-${million}m`, ours: peakMb, unit: 'MB', goal: '≤ 1024' });
}

/** The same rows in many small files and in one: what looking into each file costs. */
async function manyFiles(files: number): Promise<void> {
  const [many, one] = [join(root, 'many'), join(root, 'one')];
  await writeSmallFiles(many, one, files);
  const [ours, peer] = [child('ours', many), child('ours', one)];
  told(against(`history/files-${files}`, { ours: ours.ms, peer: peer.ms }, 'ms'));
}

async function rowsOut(folder: string, rawRows: number): Promise<void> {
  const settings = config();
  const server = await serveAthena(folder);
  pointSdkAt(server.url);
  const { manifest } = await fetchInto(join(root, 'rows-out'), await athenaSource(settings, standIn()));
  await server.close();
  told({
    figure: 'history/rows-out',
    ours: totalsOf(manifest).rows / rawRows,
    unit: 'rows per raw row',
    goal: '≤ 0.002',
  });
}

async function faultyFetch(): Promise<void> {
  const folder = join(root, 'months');
  await writeMonths(folder, 45);
  const calm: Partial<Faults> = { queueMs: 400, runMs: 1_600 };
  const settings = config();
  const timed = async (faults: Partial<Faults>, name: string) => {
    const server = await serveAthena(folder, { faults });
    pointSdkAt(server.url);
    const startedMs = performance.now();
    const { manifest } = await fetchInto(join(root, name), await athenaSource(settings, standIn()));
    const ms = performance.now() - startedMs;
    await server.close();
    if (Object.keys(manifest.windows).length !== 45) throw new Error(`${name}: incomplete`);
    return ms;
  };
  const peer = await timed(calm, 'calm');
  const ours = await timed({ ...calm, throttle: 0.2, reset: 0.05 }, 'faulty');
  const [files, disturbed] = [await bucketFiles(join(root, 'calm')), await bucketFiles(join(root, 'faulty'))];
  for (const [name, bytes] of files) if (!disturbed.get(name)?.equals(bytes)) throw new Error(`${name} differs`);
  told(against('history/faulty-fetch', { ours, peer }, 'ms', '≤ 1.5'));
}

try {
  const ten = join(root, '10m');
  await writeLog(ten, 10_000_000);
  groupBy(ten, 10, options.repeats);
  await rowsOut(ten, 10_000_000);
  await manyFiles(3_000);
  await faultyFetch();
  if (options.rows >= 100) {
    const hundred = join(root, '100m');
    await writeLog(hundred, 100_000_000);
    groupBy(hundred, 100, options.repeats);
  }
  printTable(
    'history',
    figures,
    [
      'group-by: the statement of the buckets beside one GROUP BY in DuckDB.',
      'account: a whole fetch beside the statement of the buckets alone. The rest is what a fetch looks at and adds up to say where every row went: range, account of all rows, repeated ids, names.',
      'files: a fetch of CSV files of five rows each beside the same rows in one file.',
    ],
    options.write,
  );
} finally {
  await rm(root, { recursive: true, force: true });
}
