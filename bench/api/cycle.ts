import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { against, type Figure, single } from '../figure.ts';

const TWO_YEARS = 104;
const TWELVE_WEEKS = 12;

/**
 * A full cycle over 1,000 series with two years stored, and over 100, 1,000 and 10,000 with twelve weeks; and with all
 * detectors and eight parts a client against the same without.
 */
export async function benchCycle(folder: string): Promise<Figure[]> {
  const thousand = await cycle(folder, 1_000, TWO_YEARS);
  const counted = await cycle(folder, 1_000, TWELVE_WEEKS, true);
  const linear = new Map<number, Measured>();
  for (const series of [100, 1_000, 10_000]) linear.set(series, await cycle(folder, series, TWELVE_WEEKS));
  const at = (series: number) => linear.get(series)?.cpuSeconds ?? Number.NaN;
  const { forward, write } = thousand.floor;
  return [
    single('api/cycle-1000-seconds', thousand.seconds, 's', '≤ 5'),
    single('api/cycle-1000-cpu-seconds', thousand.cpuSeconds, 's', '≤ 5'),
    against('api/cycle-vs-floor', { ours: thousand.warmCpuSeconds, peer: forward + write }, 's', '≤ 2.5'),
    against('api/first-cycle-vs-floor', { ours: thousand.cpuSeconds, peer: forward + write }, 's'),
    single('api/cycle-floor-forward-seconds', forward, 's', ''),
    single('api/cycle-floor-write-seconds', write, 's', ''),
    single('api/cycle-peak-mb', thousand.peakMb, 'MB', '≤ 512'),
    single('api/cycle-10000-peak-mb', linear.get(10_000)?.peakMb ?? Number.NaN, 'MB', '≤ 600'),
    single('api/cycle-100-cpu-seconds-12-weeks', at(100), 's', ''),
    single('api/cycle-1000-cpu-seconds-12-weeks', at(1_000), 's', ''),
    single('api/cycle-10000-cpu-seconds-12-weeks', at(10_000), 's', ''),
    against('api/cycle-1000-detectors', { ours: counted.cpuSeconds, peer: at(1_000) }, 's', '≤ 1.3'),
    single('api/cycle-linear', at(10_000) / (10 * at(1_000)), '×', 'about 1'),
  ];
}

interface Measured {
  readonly seconds: number;
  /** User and system time: on a busy machine the seconds say more of the others. */
  readonly cpuSeconds: number;
  /** Of the second cycle of the process, which has the states in memory. */
  readonly warmCpuSeconds: number;
  readonly peakMb: number;
  /** What no cycle can do without, in seconds of processor time. */
  readonly floor: { readonly forward: number; readonly write: number };
}

async function cycle(folder: string, series: number, weeks: number, counted = false): Promise<Measured> {
  const file = join(folder, `cycle-${series}-${weeks}.db`);
  process.stderr.write(`cycle: ${series} series, ${weeks} weeks …\n`);
  const child = (phase: string) =>
    promisify(execFile)(process.execPath, [
      join(import.meta.dirname, 'cycle-child.ts'),
      phase,
      file,
      String(series),
      String(weeks),
      ...(counted ? ['counted'] : []),
    ]);
  await child('lay');
  const { stdout } = await child('run');
  for (const suffix of ['', '-wal', '-shm', '.floor', '.floor-wal', '.floor-shm'])
    await rm(`${file}${suffix}`, { force: true });
  process.stderr.write(stdout);
  return JSON.parse(stdout) as Measured;
}
