import type { AlarmRow } from '@tidemark/shared/contract';
import { bandAt, bucketStart, createGrid, WEEK_MS, zoneClock } from '@tidemark/shared/forecasting';
import type { Language } from '@tidemark/shared/vocabulary';
import { type Unexplained, whyUnexplained } from '../explanation/why-unexplained.ts';
import { alarmRows } from '../routes/alarm-rows.ts';
import type { RowStyle } from '../routes/row-style.ts';
import { stormRows } from '../routes/storm-rows.ts';
import type { LiveModel } from '../scoring/live-forecaster.ts';
import { factorOf } from '../scoring/watch/threshold-factor.ts';
import { readSeries } from '../store/actuals.ts';
import { type ColumnAnswer, readColumnAnswers } from '../store/column-answers.ts';
import type { Db } from '../store/db.ts';
import { readExplanations, type StoredExplanation } from '../store/explanations.ts';
import { countCorrections, readStory, sumActuals } from '../store/incident-story.ts';
import { findIncident, findIncidents, type LabelledIncident } from '../store/incidents.ts';
import { readMaintenance } from '../store/maintenance.ts';
import { findStorm, type StormMember, stormMembers } from '../store/storms.ts';
import { mutedUntil, muteInForce } from './mute.ts';

/** Days drawn before and after an incident, and the longest part of one that is drawn. */
const BEFORE_DAYS = 1;
const AFTER_DAYS = 1;
const LONGEST_DAYS = 14;
/** Other incidents of the client that are listed, and how far back. */
const LISTED = 8;
const LISTED_DAYS = 90;

/** One bucket of the picture; money, `null` where nothing is known. */
export interface PictureBucket {
  /** Epoch milliseconds. */
  readonly start: number;
  readonly actual: number | null;
  readonly median: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly weekBefore: number | null;
}

/** All that an incident's page shows. */
export interface PageData {
  readonly alarm: AlarmRow;
  readonly stored: StoredExplanation | null;
  /** What the source was asked about it; `null` where it was not. */
  readonly asked: ColumnAnswer | null;
  readonly stepMs: number;
  readonly timeZone: string;
  readonly coverage: number;
  readonly picture: readonly PictureBucket[];
  /** Span of the incident, in epoch milliseconds, half-open. */
  readonly start: number;
  readonly end: number;
  /** Whole weeks from its hours back to the newest same hours before it. */
  readonly weeksBefore: number;
  /** Net money of those hours, and of its own; `null` where a bucket of them is not known. */
  readonly before: number | null;
  readonly now: number | null;
  /** Money of the buckets after it against their medians, as a share; `null` where none has come yet. */
  readonly after: { readonly buckets: number; readonly share: number } | null;
  /** Buckets of it that were corrected after they were first known. */
  readonly corrections: number;
  readonly others: readonly AlarmRow[];
  /** The storm that it is part of, in a sentence, with its clients, those that lost most first; `null` without one. */
  readonly storm: { readonly sentence: string; readonly members: readonly StormMember[] } | null;
  /** Until when its client is muted now, by whatever entry, in epoch milliseconds; `null` where it is not. */
  readonly mutedUntil: number | null;
  /** Whether a mute that was set from its page is in force. */
  readonly hasOwnMute: boolean;
  /** Why it has no explanation, where it has none. */
  readonly unexplained: Unexplained;
  /** Share by which answers have raised the threshold of its detector at its hours; 0 where they have not. */
  readonly raised: number;
}

/** What the page of an incident shows; `null` where there is no such incident. */
export async function pageData(
  db: Db,
  model: LiveModel,
  id: string,
  { language, coverage, now }: { readonly language: Language; readonly coverage: number; readonly now: number },
): Promise<PageData | null> {
  const incident = await findIncident(db, id);
  if (!incident) return null;
  const { stepMs } = model.forecaster;
  const { timeZone } = model.artifact.metadata;
  const { perDay, perWeek } = createGrid(stepMs);
  const style = { stepMs, timeZone, language };
  const [alarm] = await alarmRows(db, [incident], style);
  const first = Math.max(incident.start, incident.end - LONGEST_DAYS * perDay + 1);
  const [from, to] = [first - BEFORE_DAYS * perDay, incident.end + AFTER_DAYS * perDay];
  const story = await readStory(db, incident.series, from, to);
  const back = (weeks: number) => bucketsBack(incident.start, weeks, { stepMs, timeZone });
  const lastWeek = await readStory(db, incident.series, from - back(1), to - back(1));
  const before = new Map(lastWeek.map(({ bucket, actual }) => [bucket + back(1), actual]));
  const weeksBefore = Math.ceil((incident.end - incident.start + 1) / perWeek);
  const moneyBack = (buckets: number) =>
    sumActuals(db, incident.series, incident.start - buckets, incident.end - buckets);
  const picture = story.map(({ bucket, actual, fan }): PictureBucket => {
    const band = fan && bandAt(fan, coverage);
    return {
      start: bucketStart(bucket, stepMs),
      actual,
      median: fan?.median ?? null,
      lower: band?.lower ?? null,
      upper: band?.upper ?? null,
      weekBefore: before.get(bucket) ?? null,
    };
  });
  const later = story.filter(({ bucket, actual, fan }) => bucket > incident.end && actual !== null && fan !== null);
  const medians = later.reduce((sum, { fan }) => sum + (fan?.median ?? 0), 0);
  const actuals = later.reduce((sum, { actual }) => sum + (actual ?? 0), 0);
  const others = await findIncidents(db, {
    series: [incident.series],
    from: incident.start - LISTED_DAYS * perDay,
    to: Number.MAX_SAFE_INTEGER,
    status: 'any',
    storm: null,
    severities: ['info', 'warning', 'critical'],
    after: null,
    limit: LISTED + 1,
  });
  const [own] = await readSeries(db, [incident.series]);
  const stored = (await readExplanations(db, [id])).get(id);
  const calendar = await readMaintenance(db);
  const factor = await factorOf(db, model);
  // As it will be judged when these hours come again.
  const newest = story.at(-1)?.bucket ?? incident.end;
  const days = 1 + Math.max(0, Math.ceil((newest - incident.start) / perDay));
  const { evidence, seriesId, direction } = incident;
  const raised = evidence ? factor(seriesId, evidence.detector, direction, incident.start + days * perDay) - 1 : 0;
  return {
    raised,
    storm: await stormOf(db, incident, style),
    mutedUntil: mutedUntil(calendar, seriesId, now),
    hasOwnMute: muteInForce(calendar, id, now) !== null,
    unexplained: whyUnexplained(stored, incident, own),
    alarm: alarm as AlarmRow,
    stored: stored ?? null,
    asked: (await readColumnAnswers(db, [id])).get(id) ?? null,
    stepMs,
    timeZone,
    coverage,
    picture,
    start: bucketStart(incident.start, stepMs),
    end: bucketStart(incident.end + 1, stepMs),
    weeksBefore,
    before: await moneyBack(back(weeksBefore)),
    now: await moneyBack(0),
    after: later.length > 0 && medians > 0 ? { buckets: later.length, share: actuals / medians } : null,
    corrections: await countCorrections(db, incident.series, first, incident.end),
    others: await alarmRows(db, others.filter((one) => one.id !== id).slice(0, LISTED), style),
  };
}

/** The storm of an incident; of one that stands, none that is withdrawn. */
async function stormOf(db: Db, { evidence, status }: LabelledIncident, style: RowStyle): Promise<PageData['storm']> {
  const storm = evidence?.storm ? await findStorm(db, evidence.storm) : null;
  if (storm === null || (storm.status === 'withdrawn' && status !== 'withdrawn')) return null;
  const members = await stormMembers(db, [storm.id]);
  const [row] = stormRows([storm], members, style);
  return row === undefined ? null : { sentence: row.sentence, members: members.get(storm.id) ?? [] };
}

/** Buckets from one back to that of the same local time some weeks before, as near as the grid comes to it. */
export function bucketsBack(
  bucket: number,
  weeks: number,
  { stepMs, timeZone }: Pick<RowStyle, 'stepMs' | 'timeZone'>,
): number {
  const { offsetMs } = zoneClock(timeZone);
  const at = bucketStart(bucket, stepMs);
  const moved = offsetMs(at) - offsetMs(at - weeks * WEEK_MS);
  return (weeks * WEEK_MS) / stepMs - Math.trunc(moved / stepMs);
}
