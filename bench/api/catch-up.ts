import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { madeUpArtifact, madeUpSeries, pushOf, WEEK } from '@tidemark/api/testing/service';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { type Figure, single } from '../figure.ts';
import { load } from './load.ts';

const SERIES = 300;
const WEEKS = 18;
const CONNECTIONS = 8;
/** How long one measurement lasts; there is another as long as the catch-up goes on. */
const SECONDS = 5;
const ENTRY = fileURLToPath(new URL('../../api/src/entry/node.ts', import.meta.url));

/** Reads of bands while a long catch-up goes on: how long the slowest of a hundred takes, and the memory of the process. */
export async function benchCatchUp(folder: string): Promise<Figure[]> {
  const series = Array.from({ length: SERIES }, (_, index) => madeUpSeries(`series-${index}`, WEEKS));
  const child = spawn(process.execPath, [ENTRY], {
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
    let done = false;
    const refresh = fetch(`${url}/v1/refresh`, { method: 'POST' }).finally(() => {
      done = true;
    });
    const began = performance.now();
    const p99s: number[] = [];
    let failed = 0;
    let requests = 0;
    while (!done) {
      const measured = await load(`${url}/v1/bands`, { headers: {}, connections: CONNECTIONS, seconds: SECONDS });
      p99s.push(measured.p99);
      failed += measured.failed;
      requests += measured.requestsPerSecond * SECONDS;
    }
    await refresh;
    const seconds = (performance.now() - began) / 1_000;
    process.stderr.write(
      `${Math.round(seconds)} s of catch-up, ${Math.round(requests)} reads, p99 ${p99s.map(Math.round)}\n`,
    );
    if (failed > 0) throw new Error(`${failed} reads failed`);
    return [
      single('api/read-p99-during-catch-up-ms', Math.max(...p99s), 'ms', '≤ 1000'),
      single('api/read-peak-mb', peakMb(child.pid ?? 0), 'MB', '≤ 512'),
    ];
  } finally {
    child.kill();
  }
}

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
