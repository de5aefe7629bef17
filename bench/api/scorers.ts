import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { hasPostgres, postgresServer, queryOnce } from '@tidemark/api/testing/postgres-server';
import { WEEK } from '@tidemark/api/testing/service';
import { against, type Figure, single } from '../figure.ts';
import { serviceCommand } from './service-command.ts';

const SERIES = 1_000;
/**
 * Cycles by one scorer and by two, in an order in which a machine that becomes slower does so to both alike; the first of
 * each turn settles who remembers what.
 */
const TURNS = [1, 2, 2, 1];
const CYCLES = 4;

interface Scorer {
  ask(command: string): Promise<{ readonly series: number; readonly cpuSeconds: number }>;
  end(): Promise<void>;
}

/** A cycle of 1,000 series on a PostgreSQL server of this machine, by one scorer and by two at once. */
export async function benchScorers(): Promise<Figure[]> {
  if (!hasPostgres()) {
    process.stderr.write('scorers: skipped, no PostgreSQL is installed and PGHOST names none\n');
    return [];
  }
  const server = await postgresServer();
  const url = await server.createDatabase();
  const scorers = [startScorer(url), startScorer(url)];
  try {
    const [first] = scorers;
    if (!first) return [];
    await first.ask('publish');
    let bucket = 4 * WEEK;
    await first.ask(`push 0 ${bucket + 1}`);
    await first.ask(`run ${bucket}`);
    const turns = new Map<number, Turn[]>(TURNS.map((count) => [count, []]));
    let rows = 0;
    for (const count of TURNS) {
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        bucket++;
        await first.ask(`push ${bucket} ${bucket + 1}`);
        const before = await rowsWritten(url);
        const serverBefore = server.cpuSeconds() ?? Number.NaN;
        const started = performance.now();
        const reports = await Promise.all(scorers.slice(0, count).map(({ ask }) => ask(`run ${bucket}`)));
        const seconds = (performance.now() - started) / 1_000;
        const serverSeconds = (server.cpuSeconds() ?? Number.NaN) - serverBefore;
        const scorerSeconds = reports.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
        const scored = reports.reduce((sum, { series }) => sum + series, 0);
        if (scored !== SERIES) throw new Error(`${scored} of ${SERIES} series were scored`);
        process.stderr.write(
          `scorers: ${count}, ${seconds.toFixed(2)} s, ${reports.map(({ series }) => series).join(' + ')}; processor: scorers ${scorerSeconds.toFixed(2)} s, server ${serverSeconds.toFixed(2)} s\n`,
        );
        if (cycle === 0) continue;
        turns.get(count)?.push({ seconds, scorerSeconds, serverSeconds });
        if (count === 1) rows += (await rowsWritten(url)) - before;
      }
    }
    return figuresOf(turns.get(1) ?? [], turns.get(2) ?? [], rows);
  } finally {
    await Promise.all(scorers.map(({ end }) => end()));
    await server.close();
  }
}

/** What one cycle took, and the processor time of all scorers and of the server in it. */
interface Turn {
  readonly seconds: number;
  readonly scorerSeconds: number;
  readonly serverSeconds: number;
}

function figuresOf(one: readonly Turn[], two: readonly Turn[], rows: number): Figure[] {
  const of = (turns: readonly Turn[], value: (turn: Turn) => number) => median(turns.map(value));
  const wall = ({ seconds }: Turn) => seconds;
  const cpu = ({ scorerSeconds, serverSeconds }: Turn) => scorerSeconds + serverSeconds;
  const sum = (value: (turn: Turn) => number) => one.reduce((total, turn) => total + value(turn), 0);
  const cores = availableParallelism();
  return [
    against('api/two-scorers', { ours: SERIES / of(two, wall), peer: SERIES / of(one, wall) }, 'series/s', '≥ 1.7'),
    single('api/two-scorers-possible', Math.min(2, (of(one, wall) * cores) / of(two, cpu)), '×', ''),
    against('api/two-scorers-cpu', { ours: of(two, cpu), peer: of(one, cpu) }, 's', 'about 1'),
    single('api/scorer-rows-per-core', rows / sum(cpu), 'rows/s', ''),
    single('api/scorer-server-share', sum(({ serverSeconds }) => serverSeconds) / sum(cpu), 'of its time', ''),
  ];
}

function startScorer(url: string): Scorer {
  const { options } = serviceCommand();
  const program = join(import.meta.dirname, 'scorers-child.ts');
  const child = spawn(process.execPath, [...options, program, url, String(SERIES)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(command) {
      child.stdin.write(`${command}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error(`a scorer ended at: ${command}`);
      return JSON.parse(value);
    },
    end: () =>
      new Promise((resolve) => {
        child.once('close', () => resolve());
        child.stdin.end();
      }),
  };
}

/** Rows that the server has written to a database so far; it counts with a second's delay. */
async function rowsWritten(url: string): Promise<number> {
  await delay(1_500);
  const [row] = await queryOnce<{ written: string }>(
    url,
    'SELECT SUM(n_tup_ins + n_tup_upd) AS written FROM pg_stat_user_tables',
  );
  return Number(row?.written);
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((one, other) => one - other)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
