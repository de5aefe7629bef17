import { alarms, DEFAULT_RULES, type Incident, incidents, judge, type Verdict } from '@tidemark/shared/detection';
import { type Fan, type Forecaster, knownValue, type Series, WEEK_MS } from '@tidemark/shared/forecasting';
import type { ServedBy } from '@tidemark/shared/vocabulary';
import { completeLength } from '../training/split.ts';

/** Weeks from which a state is rebuilt before the first bucket that is exported. */
const REBUILD_WEEKS = 12;

/** A band as it would have been issued: at the end of `origin`, for the bucket `horizon` later. */
export interface IssuedBand {
  readonly origin: number;
  readonly horizon: number;
  readonly fan: Fan;
  readonly servedBy: ServedBy;
}

/** What a model says of a series over its last weeks. */
export interface Replay {
  readonly series: string;
  readonly stepMs: number;
  readonly bands: readonly IssuedBand[];
  /** Of each bucket that is neither missing nor open, against the band of the bucket before. */
  readonly verdicts: readonly Verdict[];
  /** Buckets of `verdicts` that alarm. */
  readonly alarming: ReadonlySet<Verdict>;
  readonly incidents: readonly Incident[];
}

/**
 * Replays the last weeks of a series bucket by bucket, as in service: nothing is read before its time. Bands beyond the
 * last complete bucket are the forecast.
 * @param weeks of history to say something of, > 0.
 */
export function replay(forecaster: Forecaster, series: Series, weeks: number): Replay {
  const { stepMs } = forecaster;
  const perWeek = WEEK_MS / stepMs;
  const end = completeLength(series);
  const from = Math.max(0, Math.floor(end - weeks * perWeek));
  const begin = Math.max(0, from - REBUILD_WEEKS * perWeek);
  const state = forecaster.start(series.id, series.firstBucket + begin);
  const bands: IssuedBand[] = [];
  const verdicts: Verdict[] = [];
  let next: Fan | undefined;
  for (let i = begin; i < end; i++) {
    const bucket = series.firstBucket + i;
    const value = knownValue(series, i);
    if (i >= from && next && value !== null) verdicts.push(judge(next, bucket, value, DEFAULT_RULES));
    forecaster.observe(state, bucket, value);
    if (i + 1 < from) continue;
    const { fans, servedBy } = forecaster.forecast(state);
    for (const [k, fan] of fans.entries()) bands.push({ origin: bucket, horizon: k + 1, fan, servedBy });
    next = fans[0];
  }
  return {
    series: series.id,
    stepMs,
    bands,
    verdicts,
    alarming: new Set(alarms(verdicts, DEFAULT_RULES)),
    incidents: incidents(verdicts, DEFAULT_RULES),
  };
}
