import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FIRST, madeUpArtifact, STEP_MS, WEEK } from '@tidemark/api/testing/service';
import {
  layDown,
  MINUTE_MS,
  type Receiver,
  type Simulation,
  type SimulationOptions,
  simulate,
  startReceiver,
} from '@tidemark/api/testing/simulation';
import { copyDatabaseFile, openDatabaseFile } from '@tidemark/api/testing/store';
import { bucketStart, type Series } from '@tidemark/shared/forecasting';
import type { AthenaTables } from './athena-tables.ts';
import { type Fault, faultSeries } from './list.ts';

/** How one fault was told. */
export interface Outcome {
  readonly what: string;
  readonly tells: string;
  /** Simulated minutes from the fault until it was told; `null`: not in time. */
  readonly minutes: number | null;
  /** Other incidents told in that time. */
  readonly others: readonly string[];
}

/** Real time that retries and timeouts of a slow fault take. */
const SLOW_PATIENCE_MS = 15_000;

/** Buckets there are before anything goes wrong. */
export const LAID = 12 * WEEK;
/** A fault has to be told within this many minutes: the interval between two cycles, and five more. */
export const LIMIT_MINUTES = STEP_MS / MINUTE_MS + 5;
/** Minutes after the end of a bucket at which a fault is injected: its cycle is over. */
const INJECTED_AT = 10;

/** A place in which faults are injected one after the other, each on a copy of the same service. */
export interface Laboratory {
  readonly series: readonly Series[];
  run(fault: Fault, tables: AthenaTables | null): Promise<Outcome>;
  /** Simulated days on which nothing is wrong: what the service told of itself all the same. */
  calm(days: number): Promise<string[]>;
  close(): Promise<void>;
}

export async function openLaboratory(days: number): Promise<Laboratory> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-faults-'));
  const series = faultSeries(LAID / WEEK + Math.ceil(days / 7) + 2);
  let current: Simulation | null = null;
  const receiver = await startReceiver({ now: () => current?.now() ?? 0 });
  const template = join(folder, 'template.db');
  const start = async (file: string, from: number, options: Partial<SimulationOptions> = {}) => {
    current = simulate({ series, receiver, from, file: await openDatabaseFile(file, 'kill'), ...options });
    return current;
  };
  const laid = bucketStart(FIRST + LAID, STEP_MS) + 6 * MINUTE_MS;
  const first = await start(template, laid);
  await layDown(first, series, madeUpArtifact(series));
  await first.pass(1);
  await first.close();
  clear(receiver);
  let count = 0;
  const fresh = (options: Partial<SimulationOptions> = {}) => {
    const file = join(folder, `${count++}.db`);
    const simulation = copyDatabaseFile(template, file).then(() => start(file, laid + MINUTE_MS, options));
    return { file, simulation };
  };
  return {
    series,
    async run(fault, tables) {
      clear(receiver);
      const begun = fresh({
        ...fault.start?.(tables as AthenaTables, series),
        ...(fault.isSlow ? { patienceMs: SLOW_PATIENCE_MS } : {}),
      });
      let simulation = await begun.simulation;
      await simulation.pass(INJECTED_AT - 7);
      receiver.told.length = 0;
      receiver.pings.length = 0;
      const at = simulation.now();
      await fault.inject({
        simulation,
        series,
        async restart(options = {}) {
          const { world } = simulation;
          await simulation.close();
          simulation = await start(begun.file, simulation.now(), options);
          Object.assign(simulation.world, world);
        },
      });
      // A clock that jumps, or a time without service, is no time in which anything could be told.
      const began = simulation.now();
      const minutes = await untilTold(fault, simulation, at, began);
      fault.end?.();
      const others = receiver.told
        .filter(({ event, service }) => event !== 'close' && service.kind !== fault.tells)
        .map(({ service }) => service.kind);
      await simulation.close();
      return { what: fault.what, tells: fault.tells, minutes, others: [...new Set(others)] };
    },
    async calm(calmDays) {
      clear(receiver);
      const simulation = await fresh().simulation;
      const told = () =>
        receiver.told.map(
          ({ at, event, service }) => `${new Date(at).toISOString()} ${event} ${service.kind} ${service.sentence}`,
        );
      await simulation.pass(calmDays * 24 * 60);
      const pings = receiver.pings.filter(({ path }) => path === '/beat').length;
      await simulation.close();
      const missing = calmDays * 12 - pings;
      return [...told(), ...(missing > 0 ? [`${missing} cycles without a heartbeat`] : [])];
    },
    async close() {
      await receiver.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function clear(receiver: Receiver): void {
  receiver.told.length = 0;
  receiver.pings.length = 0;
  receiver.answers.clear();
}

/** Lets minutes pass until the fault is told; `null` when it was not within the limit. */
async function untilTold(fault: Fault, simulation: Simulation, at: number, began: number): Promise<number | null> {
  const { receiver } = simulation;
  const isTold = () => {
    if (fault.tells === 'silence') return isSilent(receiver, simulation.now(), at);
    if (fault.by === 'heartbeat') return receiver.pings.some(({ path }) => path === '/beat/fail');
    return receiver.told.some(
      ({ event, service }) =>
        event === 'open' &&
        service.kind === fault.tells &&
        (fault.subject === undefined || service.subject === fault.subject),
    );
  };
  const wait = fault.from === 'cycle' ? STEP_MS / MINUTE_MS - INJECTED_AT + 5 : 0;
  await simulation.pass(wait);
  await simulation.pass(LIMIT_MINUTES, isTold);
  return isTold() ? Math.round((simulation.now() - began) / MINUTE_MS) - wait : null;
}

/** What a dead-man's-switch service does: it alarms when nobody has asked for the interval between two cycles and some minutes. */
function isSilent({ pings }: Receiver, now: number, from: number): boolean {
  const last = pings
    .filter(({ path }) => path === '/beat')
    .reduce((newest, { at }) => Math.max(newest, at), from - INJECTED_AT * MINUTE_MS);
  return now - last > STEP_MS + 5 * MINUTE_MS;
}
