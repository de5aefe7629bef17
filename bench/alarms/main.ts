import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AlarmRow } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { Command } from 'commander';
import { prepareHistory, runBenchmark, runTrainer } from '../commands.ts';
import { readOptions, wholeNumber } from '../options.ts';
import { alarmFigures, type RaisedIncident, readTruth } from './figures.ts';
import { silenceFigures } from './silence.ts';

/**
 * What the whole product sees of a lake's known troubles: fetch, prepare, train, publish to a service of its own that
 * issues each band before its actual, and the incidents it serves held against `truth.csv`. Prints a JSON line per figure.
 * Without a lake it simulates a fleet of its own. `--silence` takes a real log instead, whose troubles nobody knows, and
 * says how soon silence of its largest clients would be noticed.
 */
const flags = readOptions<Options>(
  new Command('bench:alarms')
    .description('What the whole product sees of known troubles, and how often it raises a false alarm.')
    .option('--lake <folder>', 'a lake with a list of its troubles, truth.csv; unless given, a simulated fleet')
    .option('--silence <folder>', 'a history without a list of its troubles, into which silence is put')
    .option('--seed <n>', 'of the simulated fleet, as are the next five: see trainer simulate --help')
    .option('--clients <n>')
    .option('--scale <factor>')
    .option('--zone <name>')
    .option('--noise <percent>')
    .option('--tail <name>')
    .option('--work <folder>', 'keeps what the commands make; unless given, a temporary folder')
    .option('--days <n>', 'of the past to issue bands for', wholeNumber, 57)
    .option('--weeks <n>', 'that the troubles lie in', wholeNumber, 8)
    .option('--port <n>', 'of the service', wholeNumber, 18_787),
);

const API = fileURLToPath(new URL('../../api/src/entry/node.ts', import.meta.url));
/** Longest to wait for the service to listen. */
const START_MS = 60_000;

interface Options {
  readonly lake?: string;
  readonly silence?: string;
  readonly seed?: string;
  readonly clients?: string;
  readonly scale?: string;
  readonly zone?: string;
  readonly noise?: string;
  readonly tail?: string;
  readonly work?: string;
  readonly days: number;
  readonly weeks: number;
  readonly port: number;
}

await runBenchmark(measure);

async function measure(): Promise<void> {
  const work = flags.work ?? (await mkdtemp(join(tmpdir(), 'tidemark-bench-alarms-')));
  try {
    if (flags.silence !== undefined) {
      await prepareHistory(flags.silence, work);
      for (const figure of await silenceFigures(work)) process.stdout.write(`${JSON.stringify(figure)}\n`);
      return;
    }
    const lake = flags.lake ?? (await simulated(join(work, 'fleet')));
    const truth = readTruth(await truthOf(lake));
    await prepareHistory(lake, work);
    await runTrainer(['train', '--work', work, '--json']);
    const incidents = await served(work);
    for (const figure of alarmFigures(truth, incidents, flags.weeks)) {
      process.stdout.write(`${JSON.stringify(figure)}\n`);
    }
  } finally {
    if (flags.work === undefined) await rm(work, { recursive: true, force: true });
  }
}

/** A simulated fleet, written into a folder. */
async function simulated(folder: string): Promise<string> {
  const asked = (['seed', 'clients', 'scale', 'zone', 'noise', 'tail'] as const).flatMap((name) => {
    const value = flags[name];
    return value === undefined ? [] : [`--${name}`, value];
  });
  await runTrainer(['simulate', '--fleet', '--out', folder, ...asked]);
  return folder;
}

/** @throws UserError `invalid-arguments` where a lake has no list of its troubles. */
async function truthOf(lake: string): Promise<string> {
  return readFile(join(lake, 'truth.csv'), 'utf8').catch((cause: unknown) => {
    throw new UserError(
      'invalid-arguments',
      `--lake ${lake}: cannot read its truth.csv, the list of its troubles; without --lake a fleet is simulated`,
      { cause },
    );
  });
}

/** The incidents of a service that was given the model and the actuals. */
async function served(work: string): Promise<RaisedIncident[]> {
  const url = `http://127.0.0.1:${flags.port}`;
  const api = spawn(process.execPath, [API], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      TIDEMARK_OPEN: 'true',
      TIDEMARK_PORT: String(flags.port),
      TIDEMARK_DATABASE: join(work, `bench-${process.pid}.db`),
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_BACKFILL_DAYS: String(flags.days),
    },
  });
  try {
    await listening(url);
    await runTrainer(['publish', '--work', work, '--api', url, '--backfill-days', String(flags.days), '--json']);
    const answer = await fetch(`${url}/v1/alarms?limit=10000`);
    if (!answer.ok) throw new Error(`GET /v1/alarms answered ${answer.status}`);
    const { rows } = (await answer.json()) as { rows: AlarmRow[] };
    return rows.map((row) => ({
      id: row.id,
      series: row.series,
      direction: row.direction,
      start: Date.parse(row.start),
      end: Date.parse(row.end),
      raised: Date.parse(row.raised_at),
      cause: row.cause ?? '',
      causeValue: row.cause_value ?? '',
      storm: row.storm ?? '',
    }));
  } finally {
    api.kill();
  }
}

async function listening(url: string): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    const answer = await fetch(`${url}/v1/health`).catch(() => null);
    if (answer) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no service listens at ${url}`);
}
