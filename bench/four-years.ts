import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bucketAt, DAY_MS, DEFAULT_STEP_MS, type Series, zoneClock } from '@tidemark/shared/forecasting';
import { type CountedSeries, writePrepared } from '@tidemark/trainer/testing/history';
import { drawRhythm, random, simulateVolume } from '@tidemark/trainer/testing/simulate';

const SERIES = 20;
const YEARS = 4;

/** What `trainer train` needed for 20 simulated series of four years, reading and writing included. */
export interface FourYears {
  readonly seconds: number;
  /** Largest resident memory of the whole program, in MB. */
  readonly peakMb: number;
  /** Its last line of JSON. */
  readonly result: { readonly backend: string; readonly steps: number; readonly trainSeconds: number };
}

/** Runs `trainer train` as a program of its own on prepared series in a temporary work folder. */
export async function trainFourYears(): Promise<FourYears> {
  const work = await mkdtemp(join(tmpdir(), 'tidemark-bench-'));
  try {
    await writePrepared(work, fourYears());
    const cli = fileURLToPath(new URL('../trainer/src/cli.ts', import.meta.url));
    const tellPeak = 'process.on("exit", () => console.error("peak", process.resourceUsage().maxRSS))';
    const args = ['--import', `data:text/javascript,${tellPeak}`, cli, 'train', '--work', work, '--json'];
    const start = performance.now();
    const { stdout, stderr } = await run(process.execPath, args);
    const seconds = (performance.now() - start) / 1000;
    const peakKiB = Number(stderr.match(/peak (\d+)/)?.[1]);
    return { seconds, peakMb: (peakKiB * 1024) / 1e6, result: JSON.parse(stdout.trim().split('\n').at(-1) as string) };
  } finally {
    await rm(work, { recursive: true });
  }
}

function fourYears(): CountedSeries[] {
  const clock = zoneClock('UTC');
  const firstBucket = bucketAt(Date.parse('2022-11-21T00:00:00Z'), DEFAULT_STEP_MS);
  const buckets = Math.round((YEARS * 365.25 * DAY_MS) / DEFAULT_STEP_MS);
  const draw = random(1);
  return Array.from({ length: SERIES }, (_, k) => {
    const rhythm = drawRhythm(draw);
    const values = simulateVolume(rhythm, { clock, firstBucket, buckets, stepMs: DEFAULT_STEP_MS }, draw);
    const series: Series = {
      id: `client ${k + 1}`,
      measure: 'net',
      stepMs: DEFAULT_STEP_MS,
      firstBucket,
      values,
      states: Array.from(values, (value) => (value === 0 ? 'zero' : 'observed')),
    };
    return { series, transactions: new Array(buckets).fill(1) };
  });
}

function run(command: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    child.on('error', reject);
    child.on('close', (status) => {
      if (status === 0) resolve({ stdout, stderr });
      else reject(new Error(`trainer train ended with ${status}: ${stderr}`));
    });
  });
}
