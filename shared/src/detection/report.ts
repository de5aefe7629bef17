import type { Evidence } from './detectors/detector.ts';

/** What a series' newest bucket shows whatever the thresholds: what storms are made of. */
export interface Fresh {
  /** Attempts seen and expected in the newest bucket, and the relative variance of the latter beyond Poisson. */
  readonly count: number;
  readonly mean: number;
  readonly dispersion: number;
  /** −ln p of so few attempts in the newest bucket or in the newest two, the larger; 0 where not fewer than expected. */
  readonly attempts: number;
  /** −ln p of so few approved in the newest bucket; 0 where not fewer than usual. */
  readonly approval: number;
  /** Approved in the newest bucket, and how many of its attempts usually are. */
  readonly approved: number;
  readonly usuallyApproved: number;
}

/** What a series' newest bucket shows of one value of a dimension, whatever the thresholds. */
export interface FreshPart {
  /** The dimension's name and value, as evidence has them. */
  readonly cause: string;
  readonly causeValue: string;
  /** Attempts of it in the newest bucket, how many of all attempts usually are, and the same of its approvals. */
  readonly attempts: number;
  readonly usualAttempts: number;
  readonly approved: number;
  readonly usualApproved: number;
  /** −ln p of so few attempts of it, or so few approved, in the newest bucket or in the newest two; 0 where not fewer. */
  readonly strength: number;
}

/** What one series' detectors say of one bucket. */
export interface SeriesReport {
  readonly series: string;
  /** Whether the series is a sum of others: it does not count towards storms, its incidents are folded into them. */
  readonly group: boolean;
  /** Buckets of the shortest window that the tests look at. */
  readonly shortest: number;
  /** Whether nothing has come of it for four weeks, or its counts have ended and the money goes on. */
  readonly left: boolean;
  /** The strongest in units of its threshold first. */
  readonly evidence: readonly Evidence[];
  /** `null` where the bucket is missing, or the series is too young to be judged. */
  readonly fresh: Fresh | null;
  /** Values of dimensions that could be low; none where `fresh` is `null`. */
  readonly parts: readonly FreshPart[];
  /** Money an attempt and a sale bring on average, and money in a week, in the currency of the series. */
  readonly perAttempt: number;
  readonly perSale: number;
  readonly weeklyMoney: number;
}
