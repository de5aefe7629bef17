import type { Verdict } from '../detection/verdict.ts';
import { bandAt, type Fan } from '../forecasting/calibration/fan.ts';
import { bucketStart } from '../forecasting/time/bucket.ts';
import type { Direction, RowState, Severity } from '../vocabulary.ts';
import type { BandRow } from './band.ts';
import { wireNumber } from './fan-text.ts';
import { utcText } from './local-time.ts';

/** What all rows of one series have in common. */
export interface BandRowTerms {
  readonly series: string;
  readonly stepMs: number;
  /** Wall-clock time of the series, see `localClock`. */
  readonly local: (epochMs: number) => string;
  /** Coverage of the limits shown. */
  readonly coverage: number;
}

/** A fan as it was issued. */
export interface IssuedFan {
  readonly fan: Fan;
  /** As `encodeFan` wrote it. */
  readonly text: string;
  readonly origin: number;
  readonly modelVersion: string | null;
}

/** What is known of one bucket. */
export interface BandRowBucket {
  readonly bucket: number;
  readonly state: RowState;
  readonly actual: number | null;
  /** `null` where no band was issued for it. */
  readonly issued: IssuedFan | null;
  /** As `shownVerdicts` gives it; `null` where it was not judged. */
  readonly judgement: Pick<Verdict, 'direction' | 'score' | 'severity'> | null;
  /** What a detector beside the band holds against it; `null` where none does. */
  readonly reason?: BandRowReason | null;
}

/** An alarm of a detector beside the band, as bad as the incident that it is part of. */
export interface BandRowReason {
  readonly direction: Direction;
  readonly severity: Severity;
  readonly sentence: string;
}

/**
 * The row of one bucket, the same wherever it is served: numbers to seven digits, `null` where nothing is known. A bucket
 * that an incident covers is as bad as the incident, however far it lies outside its band.
 */
export function toBandRow(
  terms: BandRowTerms,
  { bucket, state, actual, issued, judgement, reason = null }: BandRowBucket,
): BandRow {
  const { series, stepMs, local, coverage } = terms;
  const start = bucketStart(bucket, stepMs);
  const band = issued && bandAt(issued.fan, coverage);
  return {
    series,
    bucket_start: utcText(start),
    bucket_start_local: local(start),
    state,
    actual,
    forecast: issued?.fan.median ?? null,
    lower: band && wireNumber(band.lower),
    upper: band && wireNumber(band.upper),
    coverage: band && coverage,
    horizon: issued && bucket - issued.origin,
    origin: issued && utcText(bucketStart(issued.origin, stepMs)),
    model_version: issued?.modelVersion ?? null,
    direction: judgement?.direction ?? reason?.direction ?? null,
    score: judgement && wireNumber(judgement.score),
    severity: reason?.severity ?? judgement?.severity ?? null,
    fan: issued?.text ?? null,
    reason: reason?.sentence ?? null,
  };
}
