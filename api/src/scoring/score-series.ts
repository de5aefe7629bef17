import { decodeFan, encodeFan } from '@tidemark/shared/contract/fan-text';
import { type AlarmRules, type CalendarEntry, judgeBucket, type Verdict } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import { decodeState, encodeState, type Forecaster, type SeriesState } from '@tidemark/shared/forecasting';
import type { StoredActual, StoredIssue } from '../store/rows.ts';
import type { PendingBucket } from '../store/scoring-reads.ts';
import { isSound } from './sound.ts';

/** Everything needed to score one series, as plain values that can cross into a worker thread. */
export interface SeriesWork {
  readonly series: number;
  readonly id: string;
  /** Newest origin that has issued; `null`: none yet, and `firstOrigin` will be the first. */
  readonly origin: number | null;
  readonly firstOrigin: number;
  /** Newest complete bucket. */
  readonly target: number;
  /** Where to begin when there is no state: the bucket before which nothing is remembered. */
  readonly warmFrom: number;
  /** A stored state at or before the origin, as bytes; `null`: rebuild it from `warmFrom`. */
  readonly state: Uint8Array | null;
  /** By rising bucket, from after the state (or `warmFrom`) to the target; absent buckets count as missing. */
  readonly actuals: readonly StoredActual[];
  /** The fan of horizon 1 issued at `origin`. */
  readonly issuedAtOrigin: string | null;
  /** Passed buckets to judge again, with the fan that was issued for them (`null`: none was). */
  readonly pending: readonly (PendingBucket & { readonly issued: string | null })[];
}

/** What all series of a cycle share. */
export interface CycleTerms {
  readonly model: number;
  readonly issuedAt: number;
  readonly rules: AlarmRules;
  readonly calendar: readonly CalendarEntry[];
}

export interface JudgedBucket {
  readonly origin: number;
  /** Whether it had passed already: its actual came or changed later, or the calendar did. */
  readonly late: boolean;
  readonly verdict: Verdict;
}

export interface ScoredSeries {
  readonly series: number;
  readonly origin: number;
  readonly issues: readonly StoredIssue[];
  /** By rising bucket. */
  readonly judged: readonly JudgedBucket[];
  readonly settled: readonly { readonly bucket: number; readonly value: number | null }[];
  readonly snapshots: readonly { readonly origin: number; readonly state: Uint8Array }[];
}

/** Buckets between two kept states. */
const SNAPSHOT_EVERY = 6;
/** States are kept this far behind the target, so that a late correction is cheap. */
const SNAPSHOT_REACH = 48;

/**
 * Brings one series from its origin to the newest complete bucket: judges each bucket against the band issued one
 * bucket before, takes it in, and issues the next bands. Each step sees only the buckets up to it, so a day that
 * was missed is caught up with what was known then. `remembered` is advanced in place.
 */
export function scoreSeries(
  forecaster: Forecaster,
  terms: CycleTerms,
  work: SeriesWork,
  remembered: SeriesState | null = null,
): { scored: ScoredSeries; state: SeriesState | null } {
  const actuals = new Map(work.actuals.map((actual) => [actual.bucket, actual]));
  const judgeTerms = {
    rules: terms.rules,
    maintenance: terms.calendar,
    series: work.id,
    stepMs: forecaster.stepMs,
  };

  const issues: StoredIssue[] = [];
  const judged: JudgedBucket[] = [];
  const settled: { bucket: number; value: number | null }[] = [];
  const snapshots: { origin: number; state: Uint8Array }[] = [];

  for (const { bucket, value, issued } of work.pending) {
    settled.push({ bucket, value });
    if (value !== null && issued !== null) {
      judged.push({
        origin: bucket - 1,
        late: true,
        verdict: judgeBucket(judgeTerms, decodeFan(issued), bucket, value),
      });
    }
  }

  if (work.origin !== null && work.target <= work.origin) {
    return { scored: { series: work.series, origin: work.origin, issues, judged, settled, snapshots }, state: null };
  }
  const state = remembered ?? (work.state ? decodeState(work.state) : forecaster.start(work.id, work.warmFrom));
  let issued = work.issuedAtOrigin === null ? null : decodeFan(work.issuedAtOrigin);
  for (let bucket = state.origin + 1; bucket <= work.target; bucket++) {
    const actual = actuals.get(bucket);
    const isNew = work.origin === null || bucket > work.origin;
    const value = actual?.value ?? null;
    if (isNew && issued !== null && value !== null) {
      judged.push({ origin: bucket - 1, late: false, verdict: judgeBucket(judgeTerms, issued, bucket, value) });
    }
    forecaster.observe(state, bucket, value);
    if (isNew && bucket >= work.firstOrigin) {
      const { fans, servedBy } = forecaster.forecast(state);
      if (!fans.every(isSound)) {
        throw new UserError('unsound-band', `the model gives "${work.id}" a band that is not finite or does not nest`);
      }
      const [first, ...later] = fans.map(encodeFan);
      // What is judged is what was stored, digit for digit; a cold start has nothing to say at first.
      issued = first === undefined ? null : decodeFan(first);
      if (first !== undefined) {
        issues.push({
          series: work.series,
          origin: bucket,
          model: terms.model,
          servedBy,
          issuedAt: terms.issuedAt,
          firstHorizon: first,
          laterHorizons: later.join(';'),
        });
      }
    }
    // Spread over the day, so that no cycle writes the states of all series.
    if (bucket > work.target - SNAPSHOT_REACH && (bucket + work.series) % SNAPSHOT_EVERY === 0) {
      snapshots.push({ origin: bucket, state: encodeState(state) });
    }
  }
  if (work.state === null && remembered === null && snapshots.length === 0) {
    snapshots.push({ origin: state.origin, state: encodeState(state) });
  }
  return { scored: { series: work.series, origin: state.origin, issues, judged, settled, snapshots }, state };
}
