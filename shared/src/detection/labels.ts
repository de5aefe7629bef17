import type { Direction, Label } from '../vocabulary.ts';
import type { SeriesReport } from './report.ts';

/** What people said of an incident of the detectors. */
export interface LabelledCase {
  readonly series: string;
  readonly detector: string;
  readonly side: Direction;
  readonly label: Label;
  /** Its buckets, inclusive. */
  readonly start: number;
  readonly end: number;
  /** Bucket in which it was said: nothing before it is judged by it. */
  readonly at: number;
}

/** Gives what a series' threshold is multiplied by, ≥ 1, for a detector and side at a bucket. */
export type ThresholdFactor = (series: string, detector: string, side: Direction, bucket: number) => number;

/** What one answer "was normal" adds, and all of them at most. */
const STEP = 0.15;
const MOST = 0.6;
/** Weeks after which an answer counts half. */
const HALF_LIFE_WEEKS = 6;
/** Buckets around those of the incident, by the hour of the day, that an answer speaks of. */
const AROUND = 1;
/** Share of a raised threshold below which standing evidence falls, as that of the detectors themselves. */
const FALLS = 0.75;

/**
 * The factors that answers give: each "was normal" raises the threshold of its series, detector and side by 15 % at its hours
 * of the day, each "was an incident" takes as much back; at most 60 % together, half of it gone after six weeks, never
 * below 1. An answer holds from the bucket in which it was given, so that what was judged before stays as it was.
 * @param hourOf local hour of the day at which a bucket starts.
 * @example
 * const factor = thresholdFactors(labels, grid, hourOf);
 * factor('shop', 'approval', 'low', bucket); // 1.15 after one answer
 */
export function thresholdFactors(
  labels: readonly LabelledCase[],
  { perDay, perWeek }: { readonly perDay: number; readonly perWeek: number },
  hourOf: (bucket: number) => number,
): ThresholdFactor {
  const known = new Map<string, { readonly one: LabelledCase; readonly hours: ReadonlySet<number> }[]>();
  const hoursOfBucket = Math.max(1, Math.round(24 / perDay));
  for (const one of labels) {
    const name = JSON.stringify([one.series, one.detector, one.side]);
    const last = Math.min(one.end, one.start + perDay - 1);
    const hours = new Set<number>();
    for (let bucket = one.start - AROUND; bucket <= last + AROUND; bucket++) {
      // All that it covers: after a clock change buckets of several hours begin at others.
      for (let hour = 0; hour < hoursOfBucket; hour++) hours.add((hourOf(bucket) + hour) % 24);
    }
    known.set(name, [...(known.get(name) ?? []), { one, hours }]);
  }
  return (series, detector, side, bucket) => {
    const own = known.get(JSON.stringify([series, detector, side]));
    if (own === undefined) return 1;
    const hour = hourOf(bucket);
    let sum = 0;
    for (const { one, hours } of own) {
      if (bucket < one.at || !hours.has(hour)) continue;
      sum += (one.label === 'normal' ? STEP : -STEP) * 2 ** (-(bucket - one.at) / (HALF_LIFE_WEEKS * perWeek));
    }
    return 1 + Math.min(MOST, Math.max(0, sum));
  };
}

/**
 * What a series' detectors say of a bucket once its thresholds are raised: evidence below them is left out, the rest is
 * measured by them. What holds an incident that is open stands until it falls below three quarters of them.
 * @example
 * advanceBook(book, bucket, reports.map((report) => raisedReport(report, bucket, factor, isOpen)));
 */
export function raisedReport(
  report: SeriesReport,
  bucket: number,
  factor: ThresholdFactor,
  isOpen: (series: string, side: Direction) => boolean,
): SeriesReport {
  if (report.evidence.length === 0) return report;
  const evidence = report.evidence.flatMap((one) => {
    const raise = factor(report.series, one.detector, one.side, bucket);
    if (raise === 1) return [one];
    const threshold = raise * one.threshold;
    const least = isOpen(report.series, one.side) ? FALLS * threshold : threshold;
    return one.strength < least ? [] : [{ ...one, threshold }];
  });
  return { ...report, evidence };
}

/** How often what a detector raised was an incident, by what people said. */
export interface DetectorPrecision {
  readonly detector: string;
  readonly incidents: number;
  readonly normal: number;
}

/**
 * The answers by detector, those with most answers first.
 * @example
 * precisionByDetector([{ detector: 'ticket', label: 'normal' }]); // [{ detector: 'ticket', incidents: 0, normal: 1 }]
 */
export function precisionByDetector(
  answers: readonly { readonly detector: string; readonly label: Label | null }[],
): DetectorPrecision[] {
  const counts = new Map<string, DetectorPrecision>();
  for (const { detector, label } of answers) {
    if (label === null) continue;
    const { incidents, normal } = counts.get(detector) ?? { incidents: 0, normal: 0 };
    const isIncident = label === 'incident';
    counts.set(detector, {
      detector,
      incidents: incidents + (isIncident ? 1 : 0),
      normal: normal + (isIncident ? 0 : 1),
    });
  }
  const all = ({ incidents, normal }: DetectorPrecision) => incidents + normal;
  return [...counts.values()].sort((one, other) => all(other) - all(one) || (one.detector < other.detector ? -1 : 1));
}
