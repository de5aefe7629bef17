import { type BandRow, localClock, utcText } from '@tidemark/shared/contract';
import { decodeFan, wireNumber } from '@tidemark/shared/contract/fan-text';
import {
  type AlarmRules,
  alarms,
  excuseFor,
  judge,
  mutedVerdict,
  type Verdict,
  widened,
} from '@tidemark/shared/detection';
import { bandAt, bucketStart, type Fan } from '@tidemark/shared/forecasting';
import { readActuals } from '../store/actuals.ts';
import { readIssues } from '../store/bands.ts';
import type { Db } from '../store/db.ts';
import { readMaintenance, type StoredMaintenance } from '../store/maintenance.ts';
import { readModels } from '../store/models.ts';
import type { BucketRange, StoredActual, StoredIssue, StoredSeries, StoredVerdict } from '../store/rows.ts';
import { readVerdicts } from '../store/scoring-reads.ts';

/** What `GET /v1/bands` is asked for, in bucket numbers. */
export interface BandsQuery {
  /** By id; rows come in this order. */
  readonly series: readonly StoredSeries[];
  /** First and last bucket, inclusive. */
  readonly from: number;
  readonly to: number;
  /** `null`: the coverage alarms are judged at. */
  readonly coverage: number | null;
  /** Buckets ahead; `null`: the smallest there is. */
  readonly horizon: number | null;
  /** Rows begin after this one. */
  readonly after: { readonly series: string; readonly bucket: number } | null;
  readonly limit: number;
}

export interface BandsTerms {
  readonly stepMs: number;
  readonly horizons: number;
  readonly timeZone: string;
  readonly rules: AlarmRules;
  /** What the service takes for now, epoch milliseconds. */
  readonly now: number;
}

/**
 * Rows of `GET /v1/bands`, by series id, then by bucket. A passed bucket carries the band of the smallest horizon (or
 * the one asked for) that was issued before it was seen; a coming one that of the newest origin. Judgements are those
 * stored, unless another coverage or horizon is asked for: then they are made anew against the band shown.
 */
export async function readBands(db: Db, terms: BandsTerms, query: BandsQuery): Promise<BandRow[]> {
  const ranges = pageOf(query, terms.horizons);
  const { horizon } = query;
  const originOf = new Map(query.series.map((one) => [one.key, one.origin]));
  const ahead = horizon ?? 1;
  const asStored = (query.coverage === null || query.coverage === terms.rules.coverage) && ahead === 1;
  // n of m looks back, also beyond the first row: what a row says does not depend on where its page begins.
  const lead = asStored ? 0 : terms.rules.among - 1;
  const actuals = await readActuals(
    db,
    ranges.map(({ series, from, to }) => ({ series, from: from - lead, to })),
  );
  const issued = await readIssues(
    db,
    ranges.map(({ series, from, to }) => ({ series, from: from - lead - ahead, to: to - ahead })),
    ahead > 1,
  );
  const coming = horizon === null ? ranges.filter(({ series, to }) => to > (originOf.get(series) ?? to) + 1) : [];
  const newest = await readIssues(
    db,
    coming.map(({ series }) => ({ series, from: originOf.get(series) ?? 0, to: originOf.get(series) ?? 0 })),
    true,
  );
  const verdicts = asStored ? await readVerdicts(db, ranges) : new Map<number, StoredVerdict[]>();
  const calendar = asStored ? [] : await readMaintenance(db);
  const versions = new Map((await readModels(db)).map(({ key, version }) => [key, version]));
  const local = localClock(terms.timeZone);
  const coverage = query.coverage ?? terms.rules.coverage;
  const rules = { ...terms.rules, coverage };
  const seriesOf = new Map(query.series.map((one) => [one.key, one]));

  return ranges.flatMap((range) => {
    const series = seriesOf.get(range.series) as StoredSeries;
    const fans = fansOf(range, ahead, issued.get(range.series), newest.get(range.series)?.[0]);
    const actualAt = new Map(actuals.get(range.series)?.map((one) => [one.bucket, one]));
    const judged = asStored
      ? new Map(verdicts.get(range.series)?.map((one) => [one.bucket, judgementOf(one)]))
      : judgeAnew(series, { ...range, from: range.from - lead }, fans, actualAt, { ...terms, rules, calendar });
    const rows: BandRow[] = [];
    for (let bucket = range.from; bucket <= range.to; bucket++) {
      const start = bucketStart(bucket, terms.stepMs);
      const actual = actualAt.get(bucket);
      const shown = fans.get(bucket);
      const band = shown ? bandAt(shown.fan, coverage) : null;
      const judgement = judged.get(bucket);
      rows.push({
        series: series.id,
        bucket_start: utcText(start),
        bucket_start_local: local(start),
        state: actual?.state ?? stateWithoutActual(bucket, series, start, terms),
        actual: actual?.value ?? null,
        forecast: shown ? shown.fan.median : null,
        lower: band ? wireNumber(band.lower) : null,
        upper: band ? wireNumber(band.upper) : null,
        coverage: band ? coverage : null,
        horizon: shown ? bucket - shown.origin : null,
        origin: shown ? utcText(bucketStart(shown.origin, terms.stepMs)) : null,
        model_version: shown ? (versions.get(shown.model) ?? null) : null,
        direction: judgement?.direction ?? null,
        score: judgement ? wireNumber(judgement.score) : null,
        severity: judgement?.severity ?? null,
        fan: shown ? shown.text : null,
      });
    }
    return rows;
  });
}

interface ShownFan {
  readonly fan: Fan;
  readonly text: string;
  readonly origin: number;
  readonly model: number;
}

type Judgement = Pick<Verdict, 'direction' | 'score' | 'severity'>;

/** The ranges of buckets that make up one page; every series has a row for each bucket in its range. */
function pageOf(query: BandsQuery, horizons: number): BucketRange[] {
  const ranges: BucketRange[] = [];
  let left = query.limit;
  for (const one of query.series) {
    let from = Math.max(query.from, one.firstBucket);
    if (query.after && one.id < query.after.series) continue;
    if (query.after && one.id === query.after.series) from = Math.max(from, query.after.bucket + 1);
    const last = Math.max(one.newestBucket + 1, (one.origin ?? one.newestBucket) + horizons);
    const to = Math.min(query.to, last, from + left - 1);
    if (to < from) continue;
    ranges.push({ series: one.key, from, to });
    left -= to - from + 1;
    if (left <= 0) break;
  }
  return ranges;
}

function fansOf(
  range: BucketRange,
  ahead: number,
  issued: readonly Omit<StoredIssue, 'issuedAt'>[] | undefined,
  newest: Omit<StoredIssue, 'issuedAt'> | undefined,
): Map<number, ShownFan> {
  const fans = new Map<number, ShownFan>();
  const show = (issue: Omit<StoredIssue, 'issuedAt'>, horizon: number) => {
    const text = horizon === 1 ? issue.firstHorizon : issue.laterHorizons.split(';')[horizon - 2];
    if (text)
      fans.set(issue.origin + horizon, { fan: decodeFan(text), text, origin: issue.origin, model: issue.model });
  };
  for (const issue of issued ?? []) show(issue, ahead);
  if (newest) {
    for (let bucket = newest.origin + 2; bucket <= range.to; bucket++) show(newest, bucket - newest.origin);
  }
  return fans;
}

function judgementOf({ direction, score, alarm }: StoredVerdict): Judgement {
  return { direction, score, severity: alarm };
}

function judgeAnew(
  series: StoredSeries,
  range: BucketRange,
  fans: ReadonlyMap<number, ShownFan>,
  actuals: ReadonlyMap<number, StoredActual>,
  terms: BandsTerms & { calendar: readonly StoredMaintenance[] },
): Map<number, Judgement> {
  const verdicts: Verdict[] = [];
  for (let bucket = range.from; bucket <= Math.min(range.to, series.origin ?? -1); bucket++) {
    const shown = fans.get(bucket);
    const value = actuals.get(bucket)?.value ?? null;
    if (!shown || value === null || actuals.get(bucket)?.state === 'open') continue;
    const excuse = excuseFor(terms.calendar, series.id, bucketStart(bucket, terms.stepMs), terms.stepMs);
    const verdict = judge(widened(shown.fan, excuse.widen), bucket, value, terms.rules);
    verdicts.push(excuse.muted ? mutedVerdict(verdict) : verdict);
  }
  const alarming = new Set(alarms(verdicts, terms.rules));
  return new Map(
    verdicts.map((verdict) => [verdict.bucket, alarming.has(verdict) ? verdict : { ...verdict, severity: null }]),
  );
}

/** A bucket of which nothing was heard: a hole in what was given, not delivered yet, or not begun. */
function stateWithoutActual(bucket: number, series: StoredSeries, start: number, terms: BandsTerms): BandRow['state'] {
  if (bucket <= series.newestBucket) return 'missing';
  return start >= terms.now ? 'future' : 'open';
}
