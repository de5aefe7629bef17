import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { hasPostgres, postgresServer, queryOnce } from '@tidemark/api/testing/postgres-server';
import { WEEK } from '@tidemark/api/testing/service';
import { against, type Figure, single } from '../figure.ts';

const SERIES = 1_000;
/** Cycles by one scorer, then by two, and so on; the first of each turn settles who remembers what. */
const TURNS = [1, 2, 1, 2];
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
    const seconds = new Map<number, number[]>(TURNS.map((count) => [count, []]));
    let rows = 0;
    let scorerSeconds = 0;
    let allServerSeconds = 0;
    for (const count of TURNS) {
      for (let cycle = 0; cycle < CYCLES; cycle++) {
        bucket++;
        await first.ask(`push ${bucket} ${bucket + 1}`);
        const before = await rowsWritten(url);
        const serverBefore = server.cpuSeconds() ?? Number.NaN;
        const started = performance.now();
        const reports = await Promise.all(scorers.slice(0, count).map(({ ask }) => ask(`run ${bucket}`)));
        const took = (performance.now() - started) / 1_000;
        const serverSeconds = (server.cpuSeconds() ?? Number.NaN) - serverBefore;
        const scored = reports.reduce((sum, { series }) => sum + series, 0);
        if (scored !== SERIES) throw new Error(`${scored} of ${SERIES} series were scored`);
        process.stderr.write(
          `scorers: ${count}, ${took.toFixed(2)} s, ${reports.map(({ series }) => series).join(' + ')}\n`,
        );
        if (cycle === 0) continue;
        seconds.get(count)?.push(took);
        if (count > 1) continue;
        rows += (await rowsWritten(url)) - before;
        scorerSeconds += reports[0]?.cpuSeconds ?? 0;
        allServerSeconds += serverSeconds;
      }
    }
    const [one, two] = [1, 2].map((count) => median(seconds.get(count) ?? []));
    return [
      against('api/two-scorers', { ours: SERIES / (two ?? 0), peer: SERIES / (one ?? 0) }, 'series/s', '≥ 1.7'),
      single('api/scorer-rows-per-core', rows / (scorerSeconds + allServerSeconds), 'rows/s', ''),
      single('api/scorer-server-share', allServerSeconds / (scorerSeconds + allServerSeconds), 'of its time', ''),
    ];
  } finally {
    await Promise.all(scorers.map(({ end }) => end()));
    await server.close();
  }
}

function startScorer(url: string): Scorer {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'scorers-child.ts'), url, String(SERIES)], {
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
