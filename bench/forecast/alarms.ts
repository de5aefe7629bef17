import { readFileSync } from 'node:fs';
import { bucketAt, DEFAULT_STEP_MS, type Forecaster, type Series } from '@tidemark/shared/forecasting';
import {
  type AlarmCounts,
  countAlarms,
  flags,
  noAlarms,
  type SyntheticAnomaly,
  simulateEvents,
} from '@tidemark/trainer/testing/evaluation';
import { cells, wallTime } from './sets.ts';

const WEEK = 84;

/** An event of `injected.csv`. */
export interface Injected extends SyntheticAnomaly {
  readonly set: string;
  readonly series: string;
  readonly replicate: string;
}

/** @returns events of `injected.csv`. */
export function readInjected(file: string): Injected[] {
  const [, ...lines] = readFileSync(file, 'utf8').trim().split(/\r?\n/);
  return lines.map((line) => {
    const [set = '', series = '', replicate = '', , start = '', buckets = '', factor = ''] = cells(line);
    return {
      set,
      series,
      replicate,
      start: bucketAt(wallTime(start), DEFAULT_STEP_MS),
      buckets: Number(buckets),
      factor: Number(factor),
    };
  });
}

/** Runs the injected events of one set through its series, one replicate at a time. */
export function injectedAlarms(
  forecaster: Forecaster,
  series: readonly Series[],
  testFrom: (series: Series) => number,
  injected: readonly Injected[],
): AlarmCounts {
  const counts = noAlarms();
  for (const one of series) {
    const events = injected.filter((event) => event.series === one.id);
    if (events.length === 0) continue;
    const names = new Set(events.map((event) => event.replicate));
    const replicates = [...names].map((name) => events.filter(({ replicate }) => replicate === name));
    const found = simulateEvents(forecaster, one, one.firstBucket + testFrom(one), replicates);
    found.forEach((flagged, k) => {
      countAlarms(counts, flagged, replicates[k] ?? []);
    });
  }
  return counts;
}

/** False flags per 84 buckets outside events. */
export function perWeek(flagged: number, quietBuckets: number): number {
  return (flagged / quietBuckets) * WEEK;
}

/** Labelled incidents of one series, as bucket intervals [from, to]. */
export function readWindows(file: string): { readonly set: string; readonly windows: readonly [number, number][] } {
  const { series, windows } = JSON.parse(readFileSync(file, 'utf8')) as { series: string; windows: [string, string][] };
  return {
    set: series,
    windows: windows.map(([from, to]) => [
      bucketAt(Date.parse(`${from}Z`), DEFAULT_STEP_MS),
      bucketAt(Date.parse(`${to}Z`), DEFAULT_STEP_MS),
    ]),
  };
}

/** Labelled windows in which a flag was raised, and flags outside all of them. */
export function labelledAlarms(
  forecaster: Forecaster,
  series: Series,
  judgedFrom: number,
  windows: readonly (readonly [number, number])[],
): { readonly windows: number; readonly hit: number; readonly falsePerWeek: number } {
  const found = flags(forecaster, series, judgedFrom);
  const within = (bucket: number) => windows.some(([from, to]) => bucket >= from && bucket <= to);
  const quiet = found.filter(({ bucket }) => !within(bucket));
  return {
    windows: windows.length,
    hit: windows.filter(([from, to]) => found.some(({ bucket, next }) => next !== 0 && bucket >= from && bucket <= to))
      .length,
    falsePerWeek: perWeek(quiet.filter(({ next }) => next !== 0).length, quiet.length),
  };
}
