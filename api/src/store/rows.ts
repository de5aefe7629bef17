import type {
  BucketState,
  Direction,
  IncidentStatus,
  Measure,
  ServedBy,
  Severity,
  Withdrawal,
} from '@tidemark/shared/vocabulary';

/** A series as stored; buckets and origins are bucket numbers. */
export interface StoredSeries {
  readonly key: number;
  readonly id: string;
  readonly measure: Measure;
  readonly members: string[] | null;
  readonly firstBucket: number;
  readonly newestBucket: number;
  readonly scoreFrom: number | null;
  readonly origin: number | null;
  readonly corrections: number;
  readonly countedFrom: number | null;
  readonly countedTo: number | null;
  readonly outageNoticed: number | null;
  readonly outageNoticedAtWorst: number | null;
}

/** One bucket's actual; `value` is `null` where missing. */
export interface StoredActual {
  readonly bucket: number;
  readonly value: number | null;
  readonly state: BucketState;
}

/** Bands issued at one origin. */
export interface StoredIssue {
  readonly series: number;
  readonly origin: number;
  readonly model: number;
  readonly servedBy: ServedBy;
  readonly issuedAt: number;
  /** Fan of horizon 1, as text. */
  readonly firstHorizon: string;
  /** Fans of horizons 2 and more, joined by `;`; empty once retention has removed them. */
  readonly laterHorizons: string;
}

/** What one detector holds against one bucket, as stored. */
export interface StoredVerdict {
  readonly series: number;
  readonly bucket: number;
  /** Its name; `band` for the band. */
  readonly detector: string;
  readonly direction: Direction | null;
  /** How far, in the detector's own unit. */
  readonly score: number;
  /** The flag of the bucket by itself. */
  readonly severity: Severity | null;
  /** The severity once n of m is met. */
  readonly alarm: Severity | null;
  /** Money for the band, else as the cause has it. */
  readonly observed: number;
  readonly expected: number;
  readonly cause: string | null;
  readonly causeValue: string | null;
  /** Buckets that `observed` and `expected` are about, up to this one. */
  readonly window: number;
  readonly origin: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly coverage: number | null;
}

/** The band's: the shared verdict, flat, with the origin of the band and the alarm after n of m. */
export interface StoredBandVerdict extends StoredVerdict {
  readonly detector: typeof BAND;
  readonly origin: number;
  readonly lower: number;
  readonly upper: number;
  readonly coverage: number;
}

/** Name of the detector that judges money against the band that was issued. */
export const BAND = 'band';

/** An incident as the cycle writes it; acknowledgement and label are people's and stay untouched by it. */
export interface StoredIncident {
  readonly id: string;
  readonly series: number;
  readonly direction: Direction;
  readonly start: number;
  readonly end: number;
  readonly status: IncidentStatus;
  readonly severity: Severity;
  readonly score: number;
  readonly volume: number;
  readonly buckets: number;
  /** Bucket with whose end it was first known; never rewritten. */
  readonly raised: number;
  /** Set exactly where it is withdrawn. */
  readonly withdrawnBecause: Withdrawal | null;
  /** What the detectors say of it; `null` for one that the band alone has raised. */
  readonly evidence: IncidentEvidence | null;
}

/** What an incident of the detectors is known by. */
export interface IncidentEvidence {
  readonly detector: string;
  readonly cause: string;
  readonly causeValue: string | null;
  readonly strength: number;
  readonly observed: number;
  readonly expected: number;
  /** Buckets that `observed` and `expected` are about. */
  readonly window: number;
  readonly storm: string | null;
}

/** Troubles of many clients at once, as stored. */
export interface StoredStorm {
  readonly id: string;
  /** `attempts`, `approval`, or a dimension and its value: `issuer=E1`. */
  readonly cause: string;
  readonly start: number;
  readonly end: number;
  readonly status: IncidentStatus;
  readonly severity: Severity;
  /** Ids of clients. */
  readonly members: readonly string[];
  readonly watched: number;
  readonly observed: number;
  readonly expected: number;
  /** Says of a value of a dimension whether its share is meant or its approval; `null` where it is in none. */
  readonly detector: string | null;
  readonly withdrawnBecause: Withdrawal | null;
}

/** An inclusive range of buckets of one series. */
export interface BucketRange {
  readonly series: number;
  readonly from: number;
  readonly to: number;
}
