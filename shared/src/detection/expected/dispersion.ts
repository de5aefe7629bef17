/**
 * How much more than Poisson the counts of a series vary, as relative variances: from bucket to bucket, from day to day,
 * from week to week. By moments, each observation weighted by its own precision, shrunk towards a prior.
 */
export interface DispersionState {
  /** [3 spans: bucket, day, week][4]: Σ w x, Σ w, Σ w · share of buckets, Σ w · share of days. */
  readonly sums: Float64Array;
  /** [24 hours of the day][2]: Σ w x, Σ w of buckets. */
  readonly hours: Float64Array;
}

/** Relative variances beyond Poisson. */
export interface Dispersion {
  readonly bucket: number;
  readonly day: number;
  readonly week: number;
}

/** What each span's relative variance is believed to be, and the standard error of that belief. */
const PRIOR = [
  [0.06, 0.05],
  [0.02, 0.015],
  [0.003, 0.003],
] as const;
const HALF_LIFE_WEEKS = 26;
/** Half-life of what single hours of the day showed. */
const HOUR_WEEKS = 8;
/** Standard error of the belief that an hour of the day varies as all do. */
const HOUR_ERROR = 0.02;

/** A state that has seen nothing. */
export function startDispersion(): DispersionState {
  return { sums: new Float64Array(12), hours: new Float64Array(48) };
}

/** What was counted and expected of a bucket, a day or a week. */
export interface SpanCount {
  readonly count: number;
  readonly mean: number;
  /** Σ m² of its buckets ÷ m²; 1 for a bucket. */
  readonly bucketShare: number;
  /** Σ m² of its days ÷ m²; 1 for a bucket or day. */
  readonly dayShare: number;
}

/**
 * Takes one bucket, day or week in.
 * @param span 0 bucket, 1 day, 2 week.
 */
export function learnDispersion(
  state: DispersionState,
  span: 0 | 1 | 2,
  { count, mean, bucketShare, dayShare }: SpanCount,
  perWeek: number,
): void {
  if (mean < 0.02) return;
  const [prior] = PRIOR[span];
  const squared = Math.min((count - mean) ** 2, 12 * (mean + prior * mean * mean));
  const x = (squared - mean) / (mean * mean);
  const weight = 0.5 / (1 / mean + prior) ** 2;
  const keep = 2 ** (-1 / (HALF_LIFE_WEEKS * (span === 0 ? perWeek : span === 1 ? 7 : 1)));
  const at = 4 * span;
  const { sums } = state;
  sums[at] = keep * sums[at]! + weight * x;
  sums[at + 1] = keep * sums[at + 1]! + weight;
  sums[at + 2] = keep * sums[at + 2]! + weight * bucketShare;
  sums[at + 3] = keep * sums[at + 3]! + weight * dayShare;
}

/**
 * Takes a bucket in whose middle lies in `hour` of the day, 0–23: some hours vary more than others. All hours fade alike,
 * also those in whose middle no bucket lies until the clocks change: what they showed half a year ago, when less was
 * known of what to expect, is soon no more than the belief that they vary as all do.
 * @param doubt relative variance of the mean itself, which is no part of how the hour varies.
 */
export function learnHourDispersion(
  { hours }: DispersionState,
  hour: number,
  { count, mean, doubt }: Pick<SpanCount, 'count' | 'mean'> & { readonly doubt: number },
  perWeek: number,
): void {
  if (mean < 0.02) return;
  const prior = PRIOR[0][0];
  const squared = Math.min((count - mean) ** 2, 12 * (mean + prior * mean * mean));
  const weight = 0.5 / (1 / mean + prior) ** 2;
  const keep = 2 ** (-1 / (HOUR_WEEKS * perWeek));
  for (let k = 0; k < hours.length; k++) hours[k] = keep * hours[k]!;
  hours[2 * hour] = hours[2 * hour]! + weight * ((squared - mean) / (mean * mean) - doubt);
  hours[2 * hour + 1] = hours[2 * hour + 1]! + weight;
}

/** Relative variance from bucket to bucket at an hour of the day, drawn towards that of all hours. */
export function bucketDispersion(state: DispersionState, hour: number, { bucket, day, week }: Dispersion): number {
  const prior = 1 / HOUR_ERROR ** 2;
  const total = bucket + day + week;
  const own = (state.hours[2 * hour]! + prior * total) / (state.hours[2 * hour + 1]! + prior);
  return Math.max(0.3 * bucket, own - day - week);
}

/** Weight of the belief in what a span varies by. */
const BELIEF = PRIOR.map(([, error]) => 1 / error ** 2);
/** What is believed of the shares of buckets and of days in a day's and a week's squares. */
const DAY_BUCKETS = 0.15;
const WEEK_BUCKETS = 0.02;
const WEEK_DAYS = 0.15;

/** The `k`-th sum of a span by its weight, drawn towards a prior. */
function believed(sums: Float64Array, span: 0 | 1 | 2, k: number, prior: number): number {
  const weight = BELIEF[span]!;
  return (sums[4 * span + k]! + weight * prior) / (sums[4 * span + 1]! + weight);
}

/** The relative variances as they are believed now. */
export function dispersionOf({ sums }: DispersionState): Dispersion {
  const total = believed(sums, 0, 0, PRIOR[0][0]);
  const ofDay = believed(sums, 1, 0, PRIOR[1][0]);
  const ofWeek = believed(sums, 2, 0, PRIOR[2][0]);
  const share = believed(sums, 1, 2, DAY_BUCKETS);
  const bucket = Math.max(0.001, (total - ofDay) / (1 - share));
  const day = Math.max(0.0005, ofDay - bucket * share);
  const ofBuckets = bucket * believed(sums, 2, 2, WEEK_BUCKETS);
  const week = Math.max(0.0002, ofWeek - ofBuckets - day * believed(sums, 2, 3, WEEK_DAYS));
  return { bucket, day: Math.max(0.0005, day - week), week };
}
