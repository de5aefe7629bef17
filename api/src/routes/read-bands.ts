import { type BandRow, type IssuedFan, localClock, toBandRow } from '@tidemark/shared/contract';
import { decodeFan } from '@tidemark/shared/contract/fan-text';
import { type AlarmRules, type JudgeTerms, judgeBucket, shownVerdicts, type Verdict } from '@tidemark/shared/detection';
import { bucketStart } from '@tidemark/shared/forecasting';
import { readActuals } from '../store/actuals.ts';
import { readIssues } from '../store/bands.ts';
import type { Db } from '../store/db.ts';
import { readMaintenance } from '../store/maintenance.ts';
import { readModels } from '../store/models.ts';
import type { BucketRange, StoredActual, StoredBandVerdict, StoredIssue, StoredSeries } from '../store/rows.ts';
import { readReasons, readVerdicts } from '../store/scoring-reads.ts';
import { reasonsOf } from './reasons.ts';
import type { RowStyle } from './row-style.ts';

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

export interface BandsTerms extends RowStyle {
  readonly horizons: number;
  readonly rules: AlarmRules;
  /** What the service takes for now, epoch milliseconds. */
  readonly now: number;
}

/**
 * Rows of `GET /v1/bands`, by series id, then by bucket. A passed bucket carries the band of the smallest horizon (or
 * the one asked for) that was issued before it was seen; a coming one that of the newest origin. Judgements are those
 * stored, unless another coverage or horizon is asked for: then they are made anew against the band shown. What other
 * detectors hold against a bucket does not depend on a band.
 */
export async function readBands(db: Db, terms: BandsTerms, query: BandsQuery): Promise<BandRow[]> {
  const page = pageOf(query, terms.horizons);
  const ranges = page.map(({ range }) => range);
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
  const verdicts = asStored ? await readVerdicts(db, ranges) : new Map<number, StoredBandVerdict[]>();
  const reasons = await readReasons(db, ranges);
  const calendar = asStored ? [] : await readMaintenance(db);
  const versions = new Map((await readModels(db)).map(({ key, version }) => [key, version]));
  const local = localClock(terms.timeZone);
  const coverage = query.coverage ?? terms.rules.coverage;
  const rules = { ...terms.rules, coverage };

  return page.flatMap(({ series, range }) => {
    const fans = fansOf(
      range,
      ahead,
      { issued: issued.get(range.series), newest: newest.get(range.series)?.[0] },
      versions,
    );
    const reasonAt = reasonsOf(reasons.get(range.series) ?? [], terms);
    const actualAt = new Map(actuals.get(range.series)?.map((one) => [one.bucket, one]));
    const rowTerms = { series: series.id, stepMs: terms.stepMs, local, coverage };
    const judgeTerms = { rules, maintenance: calendar, series: series.id, stepMs: terms.stepMs };
    const judged = asStored
      ? new Map(verdicts.get(range.series)?.map((one) => [one.bucket, { ...one, severity: one.alarm }]))
      : judgeAnew(judgeTerms, { from: range.from - lead, to: Math.min(range.to, series.origin ?? -1) }, fans, actualAt);
    return Array.from({ length: range.to - range.from + 1 }, (_, index) => {
      const bucket = range.from + index;
      const actual = actualAt.get(bucket);
      return toBandRow(rowTerms, {
        bucket,
        state: actual?.state ?? stateWithoutActual(bucket, series, bucketStart(bucket, terms.stepMs), terms),
        actual: actual?.value ?? null,
        issued: fans.get(bucket) ?? null,
        judgement: judged.get(bucket) ?? null,
        reason: reasonAt.get(bucket) ?? null,
      });
    });
  });
}

/** A part of a page: the buckets of one series, each a row. */
interface PagePart {
  readonly series: StoredSeries;
  readonly range: BucketRange;
}

/** What makes up one page. */
function pageOf(query: BandsQuery, horizons: number): PagePart[] {
  const parts: PagePart[] = [];
  let left = query.limit;
  for (const one of query.series) {
    let from = Math.max(query.from, one.firstBucket);
    if (query.after && one.id < query.after.series) continue;
    if (query.after && one.id === query.after.series) from = Math.max(from, query.after.bucket + 1);
    const last = Math.max(one.newestBucket + 1, (one.origin ?? one.newestBucket) + horizons);
    const to = Math.min(query.to, last, from + left - 1);
    if (to < from) continue;
    parts.push({ series: one, range: { series: one.key, from, to } });
    left -= to - from + 1;
    if (left <= 0) break;
  }
  return parts;
}

type Issue = Omit<StoredIssue, 'issuedAt'>;

/**
 * The fan shown for each bucket of a range.
 * @param ahead horizon of the fans of passed buckets.
 * @param bands what was issued for them, and the newest, which the coming buckets are read from.
 */
function fansOf(
  range: BucketRange,
  ahead: number,
  { issued, newest }: { readonly issued: readonly Issue[] | undefined; readonly newest: Issue | undefined },
  versions: ReadonlyMap<number, string>,
): Map<number, IssuedFan> {
  const fans = new Map<number, IssuedFan>();
  const show = ({ origin, model, firstHorizon, laterHorizons }: Issue, horizon: number) => {
    const text = horizon === 1 ? firstHorizon : laterHorizons.split(';')[horizon - 2];
    if (!text) return;
    fans.set(origin + horizon, { fan: decodeFan(text), text, origin, modelVersion: versions.get(model) ?? null });
  };
  for (const issue of issued ?? []) show(issue, ahead);
  if (newest) {
    for (let bucket = newest.origin + 2; bucket <= range.to; bucket++) show(newest, bucket - newest.origin);
  }
  return fans;
}

function judgeAnew(
  terms: JudgeTerms,
  { from, to }: Pick<BucketRange, 'from' | 'to'>,
  fans: ReadonlyMap<number, IssuedFan>,
  actuals: ReadonlyMap<number, StoredActual>,
): Map<number, Verdict> {
  const verdicts: Verdict[] = [];
  for (let bucket = from; bucket <= to; bucket++) {
    const issued = fans.get(bucket);
    const actual = actuals.get(bucket);
    if (!issued || !actual || actual.value === null || actual.state === 'open') continue;
    verdicts.push(judgeBucket(terms, issued.fan, bucket, actual.value));
  }
  return shownVerdicts(verdicts, terms.rules);
}

/** A bucket of which nothing was heard: a hole in what was given, not delivered yet, or not begun. */
function stateWithoutActual(bucket: number, series: StoredSeries, start: number, terms: BandsTerms): BandRow['state'] {
  if (bucket <= series.newestBucket) return 'missing';
  return start >= terms.now ? 'future' : 'open';
}
