import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type KillReport, killRun } from '@tidemark/api/testing/kill';
import { hasPostgres, postgresServer } from '@tidemark/api/testing/postgres-server';
import { createRandom } from '@tidemark/shared/forecasting';
import { Argument, Command } from 'commander';
import { type Figure, printFigure, printTable, single } from '../figure.ts';
import { readOptions, wholeNumber } from '../options.ts';
import { benchBands } from './bands.ts';
import { benchCatchUp } from './catch-up.ts';
import { benchCycle } from './cycle.ts';
import { benchFaults } from './faults/bench.ts';
import { benchScorers } from './scorers.ts';
import { benchSoak } from './soak.ts';
import { benchSourceFaults } from './source-faults.ts';
import { benchTakeover } from './takeover.ts';
import { benchWorker } from './worker.ts';

/** Parts that take half an hour of real time. */
const NAMED_ONLY = ['source-faults', 'soak'] as const;
const PARTS = ['bands', 'cycle', 'catch-up', 'worker', 'scorers', 'kill', 'faults', ...NAMED_ONLY] as const;
type Part = (typeof PARTS)[number];

const command = new Command('bench:api')
  .description(
    'The service: speed, memory, and what it survives. Prints each figure as a JSON line, then all as tables.',
  )
  .addArgument(
    new Argument('[parts...]', `what to measure; by default all but ${NAMED_ONLY.join(' and ')}`).choices(PARTS),
  )
  .option('--kills <n>', 'of each database, with kill', wholeNumber, 200)
  .option('--minutes <n>', `of ${NAMED_ONLY.join(' and ')}`, wholeNumber, 30)
  .option('--write', 'put the figures into docs/benchmarks.md', false);
const { kills, minutes, write } = readOptions<{ kills: number; minutes: number; write: boolean }>(command);
const named = command.args;

/** A section of `docs/benchmarks.md`, of one or more parts that are measured together. */
interface Section {
  readonly title: string;
  readonly parts: Readonly<Partial<Record<Part, (folder: string) => Promise<Figure[]>>>>;
  readonly notes: readonly string[];
}

const SECTIONS: readonly Section[] = [
  {
    title: 'api',
    parts: { bands: benchBands, cycle: benchCycle, 'catch-up': benchCatchUp, worker: benchWorker },
    notes: [
      'bands: one series, 28 days (336 rows), keys and log on, against a bare Hono route of the same bytes in the same process',
      'cycle: source read, three days of actuals taken in, network run, verdicts, bands and states written, in its own process',
      'cycle-vs-floor: processor time against that of the forward passes alone and one bulk write of the same rows, in the same process',
      'cycle-vs-floor and cycle-1000-detectors (all detectors and eight parts a client, against none) are of the second cycle of the process, as all but the first after a start are, the least of three turns and of seven; first-cycle-…: of the first, which compiles the code and reads the states of all series back',
      'catch-up: nine readers of one client each and one of 10,000 rows, a fifth of a second between two reads, for half a minute in which 300 series are scored for six weeks, by the service as `pnpm api` starts it; peer: the same readers once all is scored, when every row has its bands and answers are longer',
    ],
  },
  {
    title: 'api scorers',
    parts: { scorers: benchScorers },
    notes: [
      'a cycle of 1,000 series on a PostgreSQL server of the same machine, median of six, by one process and by two that share it; states, bands, verdicts and origins written',
      'two-scorers-possible: what the processors of this machine allow, on which the server runs, too: the time of one scorer by the processor time of two and their server, spread over all processors; two-scorers-cpu: processor time of a cycle by two, scorers and server, against that by one',
      'rows: written for one scorer, by the processor time of the scorer and the server together',
    ],
  },
  {
    title: 'api kill',
    parts: { kill: () => benchKill(kills) },
    notes: [
      `${kills} times kill -9 at random moments of cycles, compared row by row with an undisturbed run; each process goes on with the bucket that was under way; on PostgreSQL two processes that score together`,
      'takeover: a cycle that begins when another machine is killed that has the lease, or has claimed series, and that nobody can know to be gone',
    ],
  },
  {
    title: 'api faults',
    parts: { faults: benchFaults },
    notes: [
      'each kind of fault of `bench/api/faults/list.ts` on a service that was well; told by a webhook, or by the heartbeat where webhooks or the process are what fails, within the two hours between two cycles and five minutes; only the clock is simulated',
      'calm: the same service undisturbed, a check every simulated minute',
    ],
  },
  {
    title: 'api source-faults',
    parts: { 'source-faults': (folder) => benchSourceFaults(folder, minutes) },
    notes: [
      'Athena fails in every way (throttling, 5xx, no answer, answers cut short, queries that fail or never end, expired credentials) while a bucket ends every two seconds; compared row by row with an undisturbed run',
      'reads: `GET /v1/bands` once a second all the while',
    ],
  },
  {
    title: 'api soak',
    parts: { soak: (folder) => benchSoak(folder, minutes) },
    notes: [
      'on a PostgreSQL server three replicas score and are read while a bucket ends every two seconds: two are killed by turns, connections are ended, the server crashes and starts again, Athena and webhooks fail in every way; compared row by row with an undisturbed run of one process',
      'failed reads: of those that a replica which lives was asked while the server had been there for a quarter of a minute',
      'memory: of the replica that is never killed',
    ],
  },
];

/** On the embedded file, and by two processes at once on a PostgreSQL server where there is one. */
async function benchKill(kills: number): Promise<Figure[]> {
  const random = createRandom(20_260_102);
  const run = { kills, buckets: 10 + 3 * kills, random: () => random.uniform() };
  const figures = killFigures('api/kill', await killRun(run));
  if (!hasPostgres()) {
    process.stderr.write('kill on PostgreSQL: skipped, none is installed and PGHOST names none\n');
    return figures;
  }
  const server = await postgresServer();
  try {
    const report = await killRun({ ...run, processes: 2, createDatabase: () => server.createDatabase() });
    return [...figures, ...killFigures('api/kill-postgres', report), ...(await benchTakeover(server))];
  } finally {
    await server.close();
  }
}

function killFigures(name: string, report: KillReport): Figure[] {
  process.stderr.write(`${name}: ${report.kills} kills\n`);
  return [
    single(`${name}-lost`, report.lost, 'rows', '0'),
    single(`${name}-doubled`, report.doubled, 'rows', '0'),
    single(`${name}-rewritten`, report.rewritten + report.different, 'rows', '0'),
  ];
}

const folder = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
try {
  for (const { title, parts, notes } of SECTIONS) {
    const figures: Figure[] = [];
    for (const [name, measure] of Object.entries(parts)) {
      if (named.length > 0 ? !named.includes(name) : NAMED_ONLY.some((one) => one === name)) continue;
      for (const figure of await measure(folder)) {
        figures.push(figure);
        printFigure(figure);
      }
    }
    if (figures.length > 0) printTable(title, figures, notes, write);
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
