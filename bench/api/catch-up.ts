import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { madeUpArtifact, madeUpSeries, pushOf, WEEK } from '@tidemark/api/testing/service';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { against, type Figure, single } from '../figure.ts';
import { serviceCommand } from './service-command.ts';

const SERIES = 300;
const WEEKS = 18;
/** Readers of one client each, beside one that asks for all. */
const READERS = 9;
const PAUSE_MS = 200;
const SECONDS = 30;

/**
 * Reads of bands while a long catch-up goes on, and the same once it is done: how long the slowest of a hundred takes; and
 * the memory of the process during the catch-up.
 */
export async function benchCatchUp(folder: string): Promise<Figure[]> {
  const series = Array.from({ length: SERIES }, (_, index) => madeUpSeries(`series-${index}`, WEEKS));
  const { options, program } = serviceCommand();
  const child = spawn(process.execPath, [...options, program], {
    env: {
      PATH: process.env.PATH,
      TIDEMARK_OPEN: 'true',
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_PORT: '0',
      TIDEMARK_RATE_PER_MINUTE: '1000000',
      TIDEMARK_DATABASE: join(folder, 'catch-up.db'),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const url = await listening(child);
    const send = async (method: string, path: string, type: string, body: string) => {
      const answer = await fetch(url + path, { method, headers: { 'content-type': type }, body });
      if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    };
    await send('PUT', '/v1/model', 'text/plain', encodeModel(madeUpArtifact(series)));
    await send('PUT', '/v1/actuals', 'application/json', JSON.stringify(pushOf(series, 0, WEEKS * WEEK)));
    // Its answer comes when all is scored, minutes later; nobody waits for it.
    const refresh = new AbortController();
    void fetch(`${url}/v1/refresh`, { method: 'POST', signal: refresh.signal }).catch(() => undefined);
    const readers = [...Array.from({ length: READERS }, (_, index) => oneSeries(index)), allSeries];
    const busy = await p99Of(url, readers);
    const peak = peakMb(child.pid ?? 0);
    if (!(await isCatchingUp(url))) throw new Error('the catch-up ended before the measurement did');
    refresh.abort();
    while (await isCatchingUp(url)) await delay(1_000);
    const idle = await p99Of(url, readers);
    return [
      { ...against('api/read-p99-during-catch-up-ms', { ours: busy, peer: idle }, 'ms', '≤ 1000'), goalOf: 'ours' },
      single('api/read-peak-mb', peak, 'MB', '≤ 512'),
    ];
  } finally {
    // At once: what it still had to score would run beside the next measurement.
    child.kill('SIGKILL');
  }
}

async function isCatchingUp(url: string): Promise<boolean> {
  const health = (await (await fetch(`${url}/v1/health`)).json()) as { last_cycle: { finished_at: string | null } };
  return health.last_cycle.finished_at === null;
}

/** How long the slowest of a hundred reads takes, in ms. */
async function p99Of(url: string, readers: readonly ((count: number) => string)[]): Promise<number> {
  const latencies = (await Promise.all(readers.map((path) => read(url, path))))
    .flat()
    .sort((one, other) => one - other);
  process.stderr.write(`${latencies.length} reads, median ${Math.round(latencies[latencies.length >> 1] ?? 0)} ms\n`);
  return latencies[Math.floor(0.99 * latencies.length)] ?? Number.NaN;
}

/** Asks one page after the other for as long as is measured; how long each took, in ms. */
async function read(url: string, pathOf: (count: number) => string): Promise<number[]> {
  const latencies: number[] = [];
  const end = performance.now() + 1_000 * SECONDS;
  for (let count = 0; performance.now() < end; count++) {
    const sent = performance.now();
    const answer = await fetch(url + pathOf(count));
    await answer.arrayBuffer();
    if (!answer.ok) throw new Error(`a read was answered ${answer.status}`);
    latencies.push(performance.now() - sent);
    await delay(PAUSE_MS);
  }
  return latencies;
}

/** A dashboard of one client: 28 days of it. */
const oneSeries = (reader: number) => (count: number) =>
  `/v1/bands?series=series-${(reader + READERS * count) % SERIES}`;
/** A refresh of the whole: 10,000 rows. */
const allSeries = () => '/v1/bands';

function listening(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let out = '';
    child.stdout?.on('data', (chunk) => {
      out += chunk;
      const line = out.split('\n').find((one) => one.includes('"listening"'));
      if (line) resolve((JSON.parse(line) as { url: string }).url);
    });
    child.once('exit', (code) => reject(new Error(`the service ended with ${code}`)));
  });
}

/** Largest memory a process has had, as Linux tells it. */
function peakMb(pid: number): number {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1_024;
}
