import { execFile } from 'node:child_process';
import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { against, type Figure, single } from '../figure.ts';
import { serviceCommand } from './service-command.ts';

const TWO_YEARS = 104;
const TWELVE_WEEKS = 12;

/**
 * A full cycle over 1,000 series with two years stored, and over 100, 1,000 and 10,000 with twelve weeks; and with all
 * detectors and eight parts a client against the same without.
 */
export async function benchCycle(folder: string): Promise<Figure[]> {
  const thousand = await cycle(folder, 1_000, TWO_YEARS, 3);
  const linear = new Map<number, Measured>();
  for (const series of [100, 10_000]) linear.set(series, await cycle(folder, series, TWELVE_WEEKS));
  const { plain, counted } = await withAndWithoutCounts(folder);
  linear.set(1_000, plain);
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
    against('api/cycle-1000-detectors', { ours: counted.warmCpuSeconds, peer: plain.warmCpuSeconds }, 's', '≤ 1.3'),
    against('api/first-cycle-1000-detectors', { ours: counted.cpuSeconds, peer: plain.cpuSeconds }, 's'),
    single('api/cycle-linear', at(10_000) / (10 * at(1_000)), '×', 'about 1'),
  ];
}

/** Turns of the cycles that are compared: one after the other by turns, since a machine is not as fast at all times. */
const TURNS = 7;

/** A cycle with all detectors and one without, on the same history; the least of several turns of each. */
async function withAndWithoutCounts(folder: string): Promise<{ plain: Measured; counted: Measured }> {
  const terms = { series: 1_000, weeks: TWELVE_WEEKS };
  const histories = [await layHistory(folder, terms), await layHistory(folder, { ...terms, counted: true })];
  const turns = histories.map((): Measured[] => []);
  for (let turn = 0; turn < TURNS; turn++) {
    for (const [index, history] of histories.entries()) turns[index]?.push(await history.run());
  }
  for (const history of histories) await history.remove();
  const [plain = [], counted = []] = turns;
  return { plain: least(plain), counted: least(counted) };
}

/** What cycles, and what they cannot do without, took at their quickest: other processes can only add to it. */
function least(turns: readonly Measured[]): Measured {
  const of = (value: (turn: Measured) => number) => Math.min(...turns.map(value));
  return {
    seconds: of(({ seconds }) => seconds),
    cpuSeconds: of(({ cpuSeconds }) => cpuSeconds),
    warmCpuSeconds: of(({ warmCpuSeconds }) => warmCpuSeconds),
    peakMb: Math.max(...turns.map(({ peakMb }) => peakMb)),
    floor: { forward: of(({ floor }) => floor.forward), write: of(({ floor }) => floor.write) },
  };
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

/** The least that a cycle took in so many turns. */
async function cycle(folder: string, series: number, weeks: number, count = 1): Promise<Measured> {
  const history = await layHistory(folder, { series, weeks });
  const turns: Measured[] = [];
  for (let turn = 0; turn < count; turn++) turns.push(await history.run());
  await history.remove();
  return least(turns);
}

/** A stored history; each cycle runs on a copy of it, in a process of its own. */
interface History {
  run(): Promise<Measured>;
  remove(): Promise<void>;
}

async function layHistory(
  folder: string,
  { series, weeks, counted = false }: { series: number; weeks: number; counted?: boolean },
): Promise<History> {
  const words = [String(series), String(weeks), ...(counted ? ['counted'] : [])];
  const file = join(folder, `cycle-${words.join('-')}.db`);
  const copy = `${file}.copy`;
  const child = async (phase: 'lay' | 'run', database: string) => {
    const program = join(import.meta.dirname, 'cycle-child.ts');
    const { options } = serviceCommand();
    return (await promisify(execFile)(process.execPath, [...options, program, phase, database, ...words])).stdout;
  };
  process.stderr.write(`cycle: ${words.join(' ')} …\n`);
  await child('lay', file);
  return {
    async run() {
      await copyFile(file, copy);
      const stdout = await child('run', copy);
      process.stderr.write(stdout);
      for (const suffix of ['', '.floor']) await removeDatabase(`${copy}${suffix}`);
      return JSON.parse(stdout) as Measured;
    },
    remove: () => removeDatabase(file),
  };
}

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ['', '-wal', '-shm']) await rm(`${file}${suffix}`, { force: true });
}
