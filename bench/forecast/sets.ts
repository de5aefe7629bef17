import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import { bucketAt, DEFAULT_STEP_MS, type Series } from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';

/** One CSV file of `series,bucket_start,value`: hole-free two-hour buckets in local wall time. */
export interface BenchmarkSet {
  readonly name: string;
  readonly series: readonly Series[];
}

/** @throws UserError naming a folder without sets or a line that cannot be read. */
export function readSets(folder: string, only?: readonly string[]): BenchmarkSet[] {
  if (!existsSync(folder)) throw new UserError('no-sets', `no folder of sets: ${folder}; name one with --data`);
  const files = readdirSync(folder).filter((file) => file.endsWith('.csv'));
  const names = files.map((file) => basename(file, '.csv'));
  const absent = only?.find((name) => !names.includes(name));
  if (absent !== undefined || names.length === 0) {
    throw new UserError('unknown-set', `no set "${absent ?? ''}" in ${folder}; found ${names.join(', ') || 'none'}`);
  }
  return names
    .filter((name) => only === undefined || only.includes(name))
    .sort()
    .map((name) => ({ name, series: readSet(join(folder, `${name}.csv`)) }));
}

function readSet(file: string): Series[] {
  const rows = new Map<string, { first: number; values: number[] }>();
  const lines = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  lines.forEach((line, index) => {
    if (index === 0) return;
    const [id = '', start = '', text = ''] = cells(line);
    const bucket = bucketAt(wallTime(start), DEFAULT_STEP_MS);
    const value = Number(text);
    const known = rows.get(id) ?? { first: bucket, values: [] };
    if (!Number.isFinite(value) || bucket !== known.first + known.values.length) {
      throw new UserError('invalid-set', `${file}:${index + 1}: expected the next bucket and its value: ${line}`);
    }
    known.values.push(value);
    rows.set(id, known);
  });
  return [...rows].map(([id, { first, values }]) => ({
    id,
    measure: 'gross',
    stepMs: DEFAULT_STEP_MS,
    firstBucket: first,
    values: Float64Array.from(values),
    states: values.map((value): BucketState => (value === 0 ? 'zero' : 'observed')),
  }));
}

/** Wall time read as if it were UTC: the sets carry no zone. */
export function wallTime(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`);
}

/** Cells of a CSV line; a cell in double quotes may hold commas. */
export function cells(line: string): string[] {
  return [...line.matchAll(/("([^"]*(?:""[^"]*)*)"|[^,]*)(,|$)/g)]
    .slice(0, line.endsWith(',') ? undefined : -1)
    .map((match) => (match[2] ?? match[1] ?? '').replaceAll('""', '"'));
}
