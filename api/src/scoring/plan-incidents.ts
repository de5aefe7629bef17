import {
  type AlarmRules,
  alarms,
  type Incident,
  incidents,
  judgeAgainst,
  type Verdict,
} from '@tidemark/shared/detection';
import { type IncidentEventKind, SEVERITIES, type Withdrawal } from '@tidemark/shared/vocabulary';
import { BAND, type StoredBandVerdict, type StoredIncident } from '../store/rows.ts';
import type { JudgedBucket } from './score-series.ts';

/** What happened to an incident or a storm, for those who want to hear of it. */
export interface Announcement {
  readonly kind: IncidentEventKind;
  /** Bucket with which it is told anew, of one that outlasts the mute of its client. */
  readonly again?: number;
  readonly incident: Pick<StoredIncident, 'id' | 'end' | 'severity'>;
}

/** What happened to an incident. */
export interface IncidentEvent extends Announcement {
  readonly incident: StoredIncident;
}

/** A series' verdicts and incidents after new judgements; only what has to be written. */
export interface IncidentPlan {
  readonly verdicts: readonly StoredBandVerdict[];
  readonly incidents: readonly StoredIncident[];
  readonly events: readonly IncidentEvent[];
}

/** What the incidents of one series are planned from. */
export interface IncidentSource {
  readonly series: number;
  /** Verdicts around the new ones, reaching back beyond any incident they may belong to; by rising bucket. */
  readonly stored: readonly StoredBandVerdict[];
  readonly judged: readonly JudgedBucket[];
  /** Incidents of the series that are open or reach into that range, by rising start. */
  readonly known: readonly StoredIncident[];
  /** Buckets that lost their verdict because their actual turned out missing. */
  readonly removed: ReadonlySet<number>;
  /** Bucket with which the judgements of passed buckets are known. */
  readonly newest: number;
}

/**
 * Joins new judgements with the stored verdicts around them: which alarm (n of m), and what becomes of incidents.
 * An incident keeps its id, acknowledgement and label as it grows; one that a corrected actual takes away is withdrawn.
 */
export function planIncidents(source: IncidentSource, rules: AlarmRules): IncidentPlan {
  const { series, stored, judged, known, removed, newest } = source;
  const rows = new Map<number, { origin: number; verdict: Verdict; before: StoredBandVerdict | null }>();
  for (const row of stored) {
    if (!removed.has(row.bucket)) rows.set(row.bucket, { origin: row.origin, verdict: verdictOf(row), before: row });
  }
  const touched = new Set(removed);
  for (const { origin, verdict } of judged) {
    rows.set(verdict.bucket, { origin, verdict, before: rows.get(verdict.bucket)?.before ?? null });
    touched.add(verdict.bucket);
  }
  const ordered = [...rows.values()].sort((one, other) => one.verdict.bucket - other.verdict.bucket);
  const all = ordered.map(({ verdict }) => verdict);
  const alarming = new Set(alarms(all, rules));

  // Alarms and incidents look back only: nothing before the first touched bucket can have changed.
  const earliest = Math.min(...touched);
  const verdicts: StoredBandVerdict[] = [];
  for (const { origin, verdict, before } of ordered) {
    if (verdict.bucket < earliest) continue;
    const alarm = alarming.has(verdict) ? verdict.severity : null;
    if (touched.has(verdict.bucket) || alarm !== before?.alarm) verdicts.push(rowOf(series, origin, verdict, alarm));
  }

  const isLate = (bucket: number) => judged.some(({ verdict, late }) => late && verdict.bucket === bucket);
  /** Its first alarming bucket, or the newest where that was judged when it had long passed. */
  const raisedOf = ({ start, end, direction }: Incident): number => {
    const known = all.filter(
      (verdict) =>
        alarming.has(verdict) && verdict.direction === direction && verdict.bucket >= start && verdict.bucket <= end,
    );
    return Math.min(...known.map(({ bucket }) => (isLate(bucket) ? newest : bucket)));
  };
  const whyWithdrawn = ({ start, end }: StoredIncident): Withdrawal => {
    const isCorrected = stored.some(
      ({ bucket, observed }) =>
        bucket >= start && bucket <= end && (removed.has(bucket) || rows.get(bucket)?.verdict.actual !== observed),
    );
    return isCorrected ? 'correction' : 'maintenance';
  };
  const planned: StoredIncident[] = [];
  const events: IncidentEvent[] = [];
  const unmatched = new Set(known);
  for (const found of incidents(all, rules)) {
    const match = [...unmatched].find((one) => one.direction === found.direction && overlap(one, found));
    if (match) unmatched.delete(match);
    else if (found.end < earliest - rules.among) continue;
    const incident = incidentRow(series, found, match ?? { raised: raisedOf(found) });
    if (match && sameIncident(match, incident)) continue;
    planned.push(incident);
    if (!match) events.push({ kind: 'open', incident });
    else if (SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(match.severity)) {
      events.push({ kind: 'escalate', incident });
    }
    const isOver = incident.status === 'closed' && match?.status !== 'closed';
    if (isOver && !goesOnMuted(found, all, rules)) events.push({ kind: 'close', incident });
  }
  for (const lost of unmatched) {
    if (lost.end < earliest) continue;
    const incident: StoredIncident = { ...lost, status: 'withdrawn', withdrawnBecause: whyWithdrawn(lost) };
    planned.push(incident);
    events.push({ kind: 'withdraw', incident });
  }
  return { verdicts, incidents: planned, events };
}

/** Whether an incident has ended only because what follows it is muted: nobody is to hear that it is over. */
function goesOnMuted({ end, direction }: Incident, all: readonly Verdict[], rules: AlarmRules): boolean {
  const next = all.find(({ bucket }) => bucket > end);
  if (next === undefined || next.severity !== null || next.direction !== direction) return false;
  return judgeAgainst(next, next.bucket, next.actual, rules).severity !== null;
}

function overlap(one: { start: number; end: number }, other: { start: number; end: number }): boolean {
  return one.start <= other.end && other.start <= one.end;
}

function incidentRow(
  series: number,
  found: Incident,
  match: Pick<StoredIncident, 'raised'> & Partial<StoredIncident>,
): StoredIncident {
  return {
    id: match.id ?? `${series}-${found.start}-${found.direction}`,
    series,
    direction: found.direction,
    start: found.start,
    end: found.end,
    status: found.open ? 'open' : 'closed',
    severity: found.severity,
    score: found.score,
    volume: Math.round(found.volume * 100) / 100,
    buckets: found.buckets,
    raised: match.raised,
    withdrawnBecause: null,
    evidence: null,
  };
}

function sameIncident(one: StoredIncident, other: StoredIncident): boolean {
  return (
    one.start === other.start &&
    one.end === other.end &&
    one.status === other.status &&
    one.severity === other.severity &&
    one.score === other.score &&
    one.volume === other.volume &&
    one.buckets === other.buckets
  );
}

function verdictOf(row: StoredBandVerdict): Verdict {
  const { bucket, expected: median, observed: actual, score, direction, severity, lower, upper, coverage } = row;
  const deviation = actual - median;
  return { bucket, band: { lower, upper, coverage }, median, actual, deviation, score, direction, severity };
}

function rowOf(series: number, origin: number, verdict: Verdict, alarm: StoredBandVerdict['alarm']): StoredBandVerdict {
  const { bucket, band, median, actual, score, direction, severity } = verdict;
  const judgement = { direction, score, severity, alarm, observed: actual, expected: median };
  return { series, bucket, detector: BAND, ...judgement, cause: null, causeValue: null, window: 1, origin, ...band };
}
