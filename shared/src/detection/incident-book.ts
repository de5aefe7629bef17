import type { Direction, Severity } from '../vocabulary.ts';
import { type Evidence, isVolume } from './detectors/detector.ts';
import { partRateOf } from './detectors/part.ts';
import type { SeriesReport } from './report.ts';
import type { Standing } from './revise.ts';
import {
  criticalShare,
  learnSeverity,
  type SeverityState,
  severityOfIncident,
  severityOfStorm,
  startSeverity,
} from './severity.ts';
import {
  advanceStorms,
  isOfStorm,
  type Storm,
  type StormBook,
  startStorms,
  stormOf,
  WEAK_DETECTOR,
  weakMembers,
  weighStorm,
} from './storm.ts';
import { worse } from './verdict.ts';

/** Everything that overlaps on one series and side, whichever detectors saw it. */
export interface SeriesIncident {
  /** `series/side/raised`: unique, and the same whenever it is worked out. */
  readonly id: string;
  readonly series: string;
  readonly side: Direction;
  /** First bucket of the trouble, as known when raised. */
  readonly start: number;
  /** Bucket with whose end it was first known; never rewritten. */
  readonly raised: number;
  /** Last bucket with evidence, inclusive. */
  readonly end: number;
  readonly open: boolean;
  /** The strongest evidence so far: its detector, cause, strength in −ln p and in units of the threshold, and window. */
  readonly detector: string;
  readonly cause: string;
  readonly causeValue: string | null;
  readonly strength: number;
  /** Below 1 for a member of a storm that its own detectors would not have raised. */
  readonly ratio: number;
  readonly observed: number;
  readonly expected: number;
  readonly buckets: number;
  /** Money missing (or too much) in the largest window so far, in the currency of the series. */
  readonly money: number;
  /** The worst so far. */
  readonly severity: Severity;
  /** The storm it is part of. */
  readonly storm: string | null;
  /** Whether it is told of by itself: not where its storm is told of, until it outlasts that. */
  readonly told: boolean;
  /** Buckets since the last evidence. */
  readonly quiet: number;
}

/** What is remembered of all series together between buckets. Plain data: `JSON.stringify` keeps it whole. */
export interface IncidentBook {
  last: number;
  open: SeriesIncident[];
  readonly storms: StormBook;
  readonly severity: SeverityState;
}

/** What a bucket changed. */
export interface BookChanges {
  /** Incidents that opened, went on or closed with this bucket, as they are now. */
  readonly incidents: readonly SeriesIncident[];
  /** Storms that began, went on or ended with this bucket, as they are now. */
  readonly storms: readonly Storm[];
}

/** Buckets without evidence that close an incident. */
export const QUIET_TO_CLOSE = 2;
/** How many times as strong as the incident before a break what comes after it has to be, to be another. */
const AFTER_A_BREAK = 1.5;
/** Buckets before a storm was known in which its first members may have been raised. */
const BEFORE_STORM = 2;

/**
 * A book without incidents.
 * @example
 * const book = startBook();
 * advanceBook(book, bucket, reports);
 */
export function startBook(): IncidentBook {
  return { last: Number.MIN_SAFE_INTEGER, open: [], storms: startStorms(), severity: startSeverity() };
}

/**
 * Takes what all series' detectors say of one bucket in and returns what changed.
 *
 * Evidence on one series and side joins the incident that is open there; the strongest names the cause. Evidence of another
 * cause, or of a far worse bucket, that begins after an incident was raised ends it and opens its own, as does what is
 * clearly stronger and begins after a bucket that was well: it is another trouble. Low incidents of a storm carry its id, and are told of by it; one that outlasts it is told of by itself.
 * @param book changed in place; a bucket at or before its last changes nothing.
 * @param reports of every series, those without the bucket included.
 * @example
 * const book = startBook();
 * const { incidents, storms } = advanceBook(book, bucket, [watch.report(state, 'shop', bucket, false)]);
 */
export function advanceBook(book: IncidentBook, bucket: number, reports: readonly SeriesReport[]): BookChanges {
  if (bucket <= book.last) return { incidents: [], storms: [] };
  book.last = bucket;
  const storms = advanceStorms(book.storms, bucket, reports);
  const changed = new Map<string, SeriesIncident>();
  const began = storms.find(({ start }) => start === bucket);
  if (began) book.open = book.open.map((incident) => adopted(incident, bucket, began, changed));
  const known = new Map(book.open.map((incident) => [`${incident.series}/${incident.side}`, incident]));
  const weak = weakMembers(book.storms, bucket);
  const storm = stormOf(book.storms, bucket);
  const isStormy = book.storms.open !== null;
  const week = reports.reduce((sum, { group, weeklyMoney }) => sum + (group ? 0 : weeklyMoney), 0);
  const bar = criticalShare(book.severity);
  const still: SeriesIncident[] = [];
  for (const report of reports) {
    for (const side of ['low', 'high'] as const) {
      const before = known.get(`${report.series}/${side}`);
      known.delete(`${report.series}/${side}`);
      // Of what has left nothing more comes that could end it.
      if (report.fresh === null && report.evidence.length === 0 && !report.left) {
        if (before) still.push(before);
        continue;
      }
      const own = report.evidence.find((evidence) => evidence.side === side);
      const evidence = own ?? (side === 'low' ? weak.get(report.series) : undefined);
      const isStorms = side === 'low' && storm !== null && evidence !== undefined && isOfStorm(storm, evidence);
      const judge = { report, bucket, storm: isStorms ? storm.id : null, isStormy, week, bar };
      const now = before ? goOn(before, evidence, judge) : evidence ? [opened(evidence, judge)] : [];
      for (const incident of now) {
        changed.set(incident.id, incident);
        if (incident.open) still.push(incident);
        else if (incident.storm === null && week > 0) {
          // Too much is never as bad as too little: it counts as a page at which nothing was at stake.
          learnSeverity(book.severity, side === 'low' ? incident.money / week : 0);
        }
      }
    }
  }
  book.open = [...still, ...known.values()];
  return { incidents: [...changed.values()], storms: weighed(book, storms, changed, { reports, week, bar }) };
}

/**
 * An incident that goes on, by what stands of it after a correction: what it told of before is no longer so, and would else
 * come back with its next bucket. How bad it was, and that it was told, stays.
 * @example
 * book.open = book.open.map((incident) => (incident.id === id ? revisedIncident(incident, standing) : incident));
 */
export function revisedIncident(incident: SeriesIncident, { evidence, money }: Standing): SeriesIncident {
  return { ...incident, ...shown(evidence), money };
}

/** The storms of a bucket with the money of their members. */
function weighed(
  { storms: stormBook, severity }: IncidentBook,
  storms: readonly Storm[],
  changed: ReadonlyMap<string, SeriesIncident>,
  { reports, week, bar }: { reports: readonly SeriesReport[]; week: number; bar: number },
): Storm[] {
  const groups = new Set(reports.filter(({ group }) => group).map(({ series }) => series));
  return storms.map((storm) => {
    if (!storm.open) {
      if (week > 0) learnSeverity(severity, storm.money / week);
      return storm;
    }
    const losses = [...changed.values()]
      .filter((incident) => incident.storm === storm.id && !groups.has(incident.series))
      .map(({ id, money }): [string, number] => [id, money]);
    return weighStorm(stormBook, losses, (money) => severityOfStorm(bar, week > 0 ? money / week : 0)) ?? storm;
  });
}

/** What an incident is judged by beside its evidence. */
interface Judge {
  readonly report: SeriesReport;
  readonly bucket: number;
  /** The storm that what opens now belongs to. */
  readonly storm: string | null;
  /** Whether it is still going on. */
  readonly isStormy: boolean;
  /** The company's money in a week. */
  readonly week: number;
  /** Share of the company's week from which an incident is critical. */
  readonly bar: number;
}

function adopted(
  incident: SeriesIncident,
  bucket: number,
  storm: Storm,
  changed: Map<string, SeriesIncident>,
): SeriesIncident {
  if (incident.side !== 'low' || incident.storm !== null || incident.raised < bucket - BEFORE_STORM) return incident;
  if (!isOfStorm(storm, incident)) return incident;
  const member = { ...incident, storm: storm.id };
  changed.set(member.id, member);
  return member;
}

/** What evidence says of an incident when it is its strongest. */
function shown(evidence: Evidence) {
  const { detector, cause, causeValue, strength, threshold, observed, expected, buckets } = evidence;
  return { detector, cause, causeValue, strength, ratio: strength / threshold, observed, expected, buckets };
}

function moneyOf({ attempts, sales, money }: Evidence, { perAttempt, perSale }: SeriesReport): number {
  return money ?? attempts * perAttempt + sales * perSale;
}

function severityNow(side: Direction, money: number, ratio: number, { week, bar }: Judge): Severity {
  const now = severityOfIncident(bar, week > 0 ? money / week : 0, ratio);
  // Too much is never as bad as too little.
  return side === 'high' && now === 'critical' ? 'warning' : now;
}

/** Whether an incident goes on by its own evidence though its storm is over, or turned out to be none. */
function outlasts({ storm, detector }: SeriesIncident, { storm: present, isStormy }: Judge): boolean {
  return !(storm !== null && isStormy && storm === present) && detector !== WEAK_DETECTOR;
}

/**
 * Id of an incident.
 * @example
 * incidentName({ series: 'shop', side: 'low', raised: 241_716 }); // 'shop/low/241716'
 */
export function incidentName({ series, side, raised }: Pick<SeriesIncident, 'series' | 'side' | 'raised'>): string {
  return `${series}/${side}/${raised}`;
}

function opened(evidence: Evidence, judge: Judge): SeriesIncident {
  const { report, bucket, storm } = judge;
  const { side, start } = evidence;
  const money = moneyOf(evidence, report);
  const own = shown(evidence);
  return {
    id: incidentName({ series: report.series, side, raised: bucket }),
    series: report.series,
    side,
    start,
    raised: bucket,
    end: bucket,
    open: true,
    ...own,
    money,
    severity: severityNow(side, money, own.ratio, judge),
    storm,
    told: storm === null,
    quiet: 0,
  };
}

function goOn(before: SeriesIncident, evidence: Evidence | undefined, judge: Judge): SeriesIncident[] {
  const { bucket, report } = judge;
  if (evidence === undefined) {
    const quiet = before.quiet + 1;
    return [{ ...before, quiet, open: quiet < QUIET_TO_CLOSE }];
  }
  if (isAnother(before, evidence, report)) return [{ ...before, open: false }, opened(evidence, judge)];
  const own = shown(evidence);
  const money = Math.max(before.money, moneyOf(evidence, report));
  const ratio = Math.max(before.ratio, own.ratio);
  const severity = worse(before.severity, severityNow(before.side, money, ratio, judge)) as Severity;
  const better =
    isVolume(before.cause) === isVolume(evidence.cause) ? own.ratio > before.ratio : isVolume(before.cause);
  const now = { ...before, end: bucket, quiet: 0, money, severity, ...(better ? own : {}) };
  return [{ ...now, told: now.told || outlasts(now, judge) }];
}

/**
 * Whether evidence is of another trouble than the incident that stands: of another cause and begun after the incident was
 * raised; far worse, begun after that too, and not in the bucket after the incident's first window, since that in which a
 * trouble begins is seldom wholly in it; or clearly stronger, and begun after a bucket that was well.
 */
function isAnother(before: SeriesIncident, evidence: Evidence, { shortest }: SeriesReport): boolean {
  const { cause, causeValue, start, since, worse: isWorse, strength, threshold } = evidence;
  if (isVolume(before.cause) || isVolume(cause)) return false;
  if (start > before.end + 1 && strength / threshold > AFTER_A_BREAK * before.ratio) return true;
  if (isWorse && start > Math.max(before.raised, before.start + shortest)) return true;
  if (cause === before.cause && causeValue === before.causeValue) return false;
  return since > (isSameFall(before, evidence) ? before.end : before.raised);
}

/** Whether one is of all approvals, the other of those of a part: where both stand at a time, they are one fall. */
function isSameFall(one: { readonly detector: string }, other: { readonly detector: string }): boolean {
  const isOfPart = (detector: string) => partRateOf(detector) === 'approval';
  return (
    (isOfPart(one.detector) && other.detector === 'approval') ||
    (isOfPart(other.detector) && one.detector === 'approval')
  );
}
