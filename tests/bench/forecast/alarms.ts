import { readFileSync } from 'node:fs';
import type { Artifact } from '@tidemark/shared';
import {
  bandAt,
  bucketAt,
  createForecaster,
  decodeState,
  encodeState,
  type Fan,
  type Forecaster,
  type Series,
} from '@tidemark/shared';
import { unscored } from '../../../trainer/src/model/evaluate.ts';
import { cells, wallTime } from './sets.ts';

const COVERAGE = 0.99;
const WEEK = 84;

/** A change made to a series: values from `start` on for `buckets` are multiplied by `factor`. */
export interface Injected {
  readonly set: string;
  readonly series: string;
  readonly replicate: string;
  readonly start: number;
  readonly buckets: number;
  readonly factor: number;
}

/** What alarms came to, added up over replicates. */
export interface AlarmCounts {
  events: number;
  hits: number;
  /** Events seen by the next-bucket band or by the one issued a day ahead. */
  hitsOfEither: number;
  /** Buckets from start to first hit, summed over hits. */
  delay: number;
  falseFlags: number;
  falseOfEither: number;
  quietBuckets: number;
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
      start: bucketAt(wallTime(start)),
      buckets: Number(buckets),
      factor: Number(factor),
    };
  });
}

/** Which side of its 99 % bands a bucket was on: −1 below, 1 above, 0 inside. */
interface Flag {
  readonly bucket: number;
  readonly next: -1 | 0 | 1;
  readonly dayAhead: -1 | 0 | 1;
}

/** Judges a series from `judgedFrom` on, as it happens. */
export function flags(forecaster: Forecaster, series: Series, judgedFrom: number, stored?: Uint8Array): Flag[] {
  const { horizons } = forecaster;
  const state = stored ? decodeState(stored) : forecaster.start(series.id, series.firstBucket);
  const issued = new Map<number, readonly Fan[]>();
  const found: Flag[] = [];
  for (let bucket = state.origin + 1; bucket < series.firstBucket + series.values.length; bucket++) {
    const value = series.values[bucket - series.firstBucket] as number;
    if (bucket >= judgedFrom) {
      found.push({
        bucket,
        next: side(issued.get(bucket - 1)?.[0], value),
        dayAhead: side(issued.get(bucket - horizons)?.[horizons - 1], value),
      });
    }
    forecaster.observe(state, { bucket, value, state: value === 0 ? 'zero' : 'observed' });
    if (bucket >= judgedFrom - horizons) issued.set(bucket, forecaster.forecast(state).fans);
  }
  return found;
}

/** The state of a series just before a bucket. */
function stateBefore(forecaster: Forecaster, series: Series, bucket: number): Uint8Array {
  const state = forecaster.start(series.id, series.firstBucket);
  for (let b = series.firstBucket; b < bucket; b++) {
    const value = series.values[b - series.firstBucket] as number;
    forecaster.observe(state, { bucket: b, value, state: value === 0 ? 'zero' : 'observed' });
  }
  return encodeState(state);
}

/** Runs the injected events of one set through its series, one replicate at a time. */
export function injectedAlarms(
  artifact: Artifact,
  series: readonly Series[],
  testFrom: (series: Series) => number,
  injected: readonly Injected[],
  cleanContext: boolean,
): AlarmCounts {
  const forecaster = createForecaster(unscored(artifact), { cleanContext });
  const counts: AlarmCounts = {
    events: 0,
    hits: 0,
    hitsOfEither: 0,
    delay: 0,
    falseFlags: 0,
    falseOfEither: 0,
    quietBuckets: 0,
  };
  for (const one of series) {
    const events = injected.filter((event) => event.series === one.id);
    if (events.length === 0) continue;
    const from = one.firstBucket + testFrom(one);
    const stored = stateBefore(forecaster, one, from - forecaster.horizons);
    for (const replicate of new Set(events.map((event) => event.replicate))) {
      const its = events.filter((event) => event.replicate === replicate);
      const values = Float64Array.from(one.values);
      for (const { start, buckets, factor } of its) {
        for (let b = start; b < start + buckets; b++) {
          const i = b - one.firstBucket;
          values[i] = (values[i] as number) * factor;
        }
      }
      count(counts, flags(forecaster, { ...one, values }, from, stored), its);
    }
  }
  return counts;
}

/** False flags per 84 buckets outside events. */
export function perWeek(flagged: number, quietBuckets: number): number {
  return (flagged / quietBuckets) * WEEK;
}

function count(counts: AlarmCounts, found: readonly Flag[], events: readonly Injected[]): void {
  const inEvent = (bucket: number) => events.find(({ start, buckets }) => bucket >= start && bucket < start + buckets);
  for (const event of events) {
    const wanted = event.factor < 1 ? -1 : 1;
    const inside = found.filter(({ bucket }) => bucket >= event.start && bucket < event.start + event.buckets);
    const first = inside.find(({ next }) => next === wanted);
    counts.events++;
    if (first) {
      counts.hits++;
      counts.delay += first.bucket - event.start;
    }
    if (inside.some(({ next, dayAhead }) => next === wanted || dayAhead === wanted)) counts.hitsOfEither++;
  }
  for (const { bucket, next, dayAhead } of found) {
    if (inEvent(bucket)) continue;
    counts.quietBuckets++;
    if (next !== 0) counts.falseFlags++;
    if (next !== 0 || dayAhead !== 0) counts.falseOfEither++;
  }
}

function side(fan: Fan | undefined, value: number): -1 | 0 | 1 {
  if (!fan) return 0;
  const { lower, upper } = bandAt(fan, COVERAGE);
  return value < lower ? -1 : value > upper ? 1 : 0;
}

/** Labelled incidents of one series, as bucket intervals [from, to]. */
export function readWindows(file: string): { readonly set: string; readonly windows: readonly [number, number][] } {
  const { series, windows } = JSON.parse(readFileSync(file, 'utf8')) as { series: string; windows: [string, string][] };
  return {
    set: series,
    windows: windows.map(([from, to]) => [bucketAt(Date.parse(`${from}Z`)), bucketAt(Date.parse(`${to}Z`))]),
  };
}

/** Labelled windows in which a flag was raised, and flags outside all of them. */
export function labelledAlarms(
  artifact: Artifact,
  series: Series,
  judgedFrom: number,
  windows: readonly (readonly [number, number])[],
  cleanContext: boolean,
): { readonly windows: number; readonly hit: number; readonly falsePerWeek: number } {
  const forecaster = createForecaster(unscored(artifact), { cleanContext });
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
