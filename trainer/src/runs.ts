import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { trainerVersion } from './version.ts';
import { writeJson } from './write-file.ts';

/** A number of a run, as MLflow has it. */
interface Metric {
  readonly key: string;
  readonly value: number;
  /** Epoch ms. */
  readonly timestamp: number;
  readonly step: number;
}

/** A setting or a note of a run, as MLflow has it. */
interface Entry {
  readonly key: string;
  readonly value: string;
}

/** What one run of a command did: the entity `Run` of MLflow's REST API, whose `data` its `runs/log-batch` takes. */
export interface RunRecord {
  readonly info: {
    readonly run_id: string;
    readonly run_name: string;
    readonly status: 'FINISHED';
    /** Epoch ms. */
    readonly start_time: number;
    readonly end_time: number;
  };
  readonly data: {
    readonly metrics: readonly Metric[];
    readonly params: readonly Entry[];
    readonly tags: readonly Entry[];
  };
}

/** What a command has to say of its run; nested values are named by their path, `injected.recall`. */
export interface RunFacts {
  readonly command: 'train' | 'evaluate';
  readonly startedMs: number;
  readonly params: object;
  readonly metrics: object;
  readonly tags: object;
}

/** Longest value of a parameter and of a tag that MLflow takes. */
const LONGEST_PARAM = 6_000;
const LONGEST_TAG = 8_000;

/** Folder of the run records of a work folder. */
export function runsFolder(workFolder: string): string {
  return join(workFolder, 'runs');
}

/**
 * Writes `runs/<time>-<command>.json`.
 * @returns the file.
 */
export async function writeRun(workFolder: string, facts: RunFacts, nowMs: number = Date.now()): Promise<string> {
  const folder = runsFolder(workFolder);
  await mkdir(folder, { recursive: true });
  const time = new Date(facts.startedMs).toISOString();
  const name = `${time.replace(/[:.]/g, '-')}-${facts.command}`;
  const file = join(folder, `${name}.json`);
  await writeJson(file, runRecord(facts, name, nowMs));
  return file;
}

/** The record of a run that ended now. */
export function runRecord(
  { command, startedMs, params, metrics, tags }: RunFacts,
  name: string,
  nowMs: number,
): RunRecord {
  return {
    info: {
      run_id: randomUUID().replaceAll('-', ''),
      run_name: name,
      status: 'FINISHED',
      start_time: Math.round(startedMs),
      end_time: Math.round(nowMs),
    },
    data: {
      metrics: leavesOf(metrics).flatMap(([key, value]) =>
        typeof value === 'number' && Number.isFinite(value)
          ? [{ key, value, timestamp: Math.round(nowMs), step: 0 }]
          : [],
      ),
      params: leavesOf(params).map(([key, value]) => ({ key, value: String(value).slice(0, LONGEST_PARAM) })),
      tags: leavesOf({ command, trainer: trainerVersion(), node: process.version, ...tags }).map(([key, value]) => ({
        key,
        value: String(value).slice(0, LONGEST_TAG),
      })),
    },
  };
}

/** Values that are no object, by path; lists are JSON. What is not known is left out. */
function leavesOf(value: object, path = ''): [string, unknown][] {
  return Object.entries(value).flatMap(([name, inner]): [string, unknown][] => {
    const key = path === '' ? name : `${path}.${name}`;
    if (inner === undefined || inner === null) return [];
    if (Array.isArray(inner)) return [[key, JSON.stringify(inner)]];
    return typeof inner === 'object' ? leavesOf(inner, key) : [[key, inner]];
  });
}
