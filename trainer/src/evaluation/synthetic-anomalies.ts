import {
  bandAt,
  decodeState,
  encodeState,
  type Fan,
  type Forecaster,
  knownValue,
  type Series,
  type SeriesState,
} from '@tidemark/shared/forecasting';

/** A change made to a series: values from bucket `start` on for `buckets` are multiplied by `factor`. */
export interface SyntheticAnomaly {
  readonly start: number;
  readonly buckets: number;
  readonly factor: number;
}

/** Alarms counted over replicates. */
export interface AlarmCounts {
  events: number;
  /** Events flagged in their own direction by the next-bucket band. */
  hits: number;
  /** Events seen by the next-bucket band or by the one issued a day ahead. */
  hitsOfEither: number;
  /** Buckets from start to first hit, summed over hits. */
  delay: number;
  falseFlags: number;
  falseOfEither: number;
  quietBuckets: number;
}

/** Counts of zero. */
export function noAlarms(): AlarmCounts {
  return { events: 0, hits: 0, hitsOfEither: 0, delay: 0, falseFlags: 0, falseOfEither: 0, quietBuckets: 0 };
}

/** One judged bucket; on which side of its bands it was: −1 below, 1 above, 0 inside. */
export interface Flag {
  readonly bucket: number;
  readonly value: number;
  /** What was issued for the bucket one bucket ahead. */
  readonly fan: Fan | undefined;
  readonly next: -1 | 0 | 1;
  readonly dayAhead: -1 | 0 | 1;
}

const COVERAGE = 0.99;

/** The series with the events applied to its values. */
function withEvents(series: Series, events: readonly SyntheticAnomaly[]): Series {
  const values = Float64Array.from(series.values);
  for (const { start, buckets, factor } of events) {
    for (let b = start; b < start + buckets; b++) {
      const i = b - series.firstBucket;
      values[i] = values[i]! * factor;
    }
  }
  return { ...series, values };
}

/**
 * Every bucket of a series from `judgedFrom` on, judged by the 99 % bands issued before it. Missing buckets are left out.
 * @param stored a state to go on from; by default the forecaster starts at the beginning of the series.
 */
export function flags(forecaster: Forecaster, series: Series, judgedFrom: number, stored?: Uint8Array): Flag[] {
  const { horizons } = forecaster;
  const state = stored ? decodeState(stored) : forecaster.start(series.id, series.firstBucket);
  const issued = new Map<number, readonly Fan[]>();
  const found: Flag[] = [];
  for (let bucket = state.origin + 1; bucket < endOf(series); bucket++) {
    const value = knownValue(series, bucket - series.firstBucket);
    if (bucket >= judgedFrom && value !== null) {
      const fan = issued.get(bucket - 1)?.[0];
      found.push({
        bucket,
        value,
        fan,
        next: side(fan, value),
        dayAhead: side(issued.get(bucket - horizons)?.[horizons - 1], value),
      });
    }
    forecaster.observe(state, bucket, value);
    if (bucket >= judgedFrom - horizons) issued.set(bucket, forecaster.forecast(state).fans);
  }
  return found;
}

/** The encoded state of a series before a bucket, from which several replicates can start. */
function stateBefore(forecaster: Forecaster, series: Series, bucket: number): Uint8Array {
  const state: SeriesState = forecaster.start(series.id, series.firstBucket);
  for (let b = series.firstBucket; b < bucket; b++) {
    forecaster.observe(state, b, knownValue(series, b - series.firstBucket));
  }
  return encodeState(state);
}

/**
 * Applies each replicate's events to a series and judges it, all from the same state: the one simulation that
 * `evaluate`, the report and the benchmark share.
 * @returns the judged buckets of each replicate.
 */
export function simulateEvents(
  forecaster: Forecaster,
  series: Series,
  judgedFrom: number,
  replicates: readonly (readonly SyntheticAnomaly[])[],
): Flag[][] {
  const stored = stateBefore(forecaster, series, judgedFrom - forecaster.horizons);
  return replicates.map((events) => flags(forecaster, withEvents(series, events), judgedFrom, stored));
}

/**
 * Adds hits, delays and false alarms to `counts`: an event is hit by a flag in its own direction while it lasts; a flag
 * outside all events is false.
 * @param events all events of the replicate that was judged.
 */
export function countAlarms(counts: AlarmCounts, found: readonly Flag[], events: readonly SyntheticAnomaly[]): void {
  const inside = (bucket: number, { start, buckets }: SyntheticAnomaly) => bucket >= start && bucket < start + buckets;
  for (const event of events) {
    const wanted = event.factor < 1 ? -1 : 1;
    const its = found.filter(({ bucket }) => inside(bucket, event));
    const first = its.find(({ next }) => next === wanted);
    counts.events++;
    if (first) {
      counts.hits++;
      counts.delay += first.bucket - event.start;
    }
    if (its.some(({ next, dayAhead }) => next === wanted || dayAhead === wanted)) counts.hitsOfEither++;
  }
  for (const { bucket, next, dayAhead } of found) {
    if (events.some((event) => inside(bucket, event))) continue;
    counts.quietBuckets++;
    if (next !== 0) counts.falseFlags++;
    if (next !== 0 || dayAhead !== 0) counts.falseOfEither++;
  }
}

function endOf({ firstBucket, states }: Series): number {
  const open = states.indexOf('open');
  return firstBucket + (open < 0 ? states.length : open);
}

function side(fan: Fan | undefined, value: number): -1 | 0 | 1 {
  if (!fan) return 0;
  const { lower, upper } = bandAt(fan, COVERAGE);
  return value < lower ? -1 : value > upper ? 1 : 0;
}
