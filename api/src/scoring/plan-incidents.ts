import { type AlarmRules, alarms, type Incident, incidents, type Verdict } from '@tidemark/shared/detection';
import { type IncidentEventKind, SEVERITIES } from '@tidemark/shared/vocabulary';
import type { StoredIncident, StoredVerdict } from '../store/rows.ts';
import type { JudgedBucket } from './score-series.ts';

/** What happened to an incident or a storm, for those who want to hear of it. */
export interface Announcement {
  readonly kind: IncidentEventKind;
  readonly incident: Pick<StoredIncident, 'id' | 'end' | 'severity'>;
}

/** What happened to an incident. */
export interface IncidentEvent extends Announcement {
  readonly incident: StoredIncident;
}

/** A series' verdicts and incidents after new judgements; only what has to be written. */
export interface IncidentPlan {
  readonly verdicts: readonly StoredVerdict[];
  readonly incidents: readonly StoredIncident[];
  readonly events: readonly IncidentEvent[];
}

/**
 * Joins new judgements with the stored verdicts around them: which alarm (n of m), and what becomes of incidents.
 * An incident keeps its id, acknowledgement and label as it grows; one that a corrected actual takes away is withdrawn.
 * @param stored verdicts around the new ones, reaching back beyond any incident they may belong to; by rising bucket.
 * @param known incidents of the series that are open or reach into that range, by rising start.
 * @param removed buckets that lost their verdict because their actual turned out missing.
 */
export function planIncidents(
  series: number,
  stored: readonly StoredVerdict[],
  judged: readonly JudgedBucket[],
  known: readonly StoredIncident[],
  rules: AlarmRules,
  removed: ReadonlySet<number> = new Set(),
): IncidentPlan {
  const rows = new Map<number, { origin: number; verdict: Verdict; before: StoredVerdict | null }>();
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
  const verdicts: StoredVerdict[] = [];
  for (const { origin, verdict, before } of ordered) {
    if (verdict.bucket < earliest) continue;
    const alarm = alarming.has(verdict) ? verdict.severity : null;
    if (touched.has(verdict.bucket) || alarm !== before?.alarm) verdicts.push(rowOf(series, origin, verdict, alarm));
  }

  const planned: StoredIncident[] = [];
  const events: IncidentEvent[] = [];
  const unmatched = new Set(known);
  for (const found of incidents(all, rules)) {
    const match = [...unmatched].find((one) => one.direction === found.direction && overlap(one, found));
    if (match) unmatched.delete(match);
    else if (found.end < earliest - rules.among) continue;
    const incident = incidentRow(series, found, match);
    if (match && sameIncident(match, incident)) continue;
    planned.push(incident);
    if (!match) events.push({ kind: 'open', incident });
    else if (SEVERITIES.indexOf(incident.severity) > SEVERITIES.indexOf(match.severity)) {
      events.push({ kind: 'escalate', incident });
    }
    if (incident.status === 'closed' && match?.status !== 'closed') events.push({ kind: 'close', incident });
  }
  for (const lost of unmatched) {
    if (lost.end < earliest) continue;
    const incident: StoredIncident = { ...lost, status: 'withdrawn' };
    planned.push(incident);
    events.push({ kind: 'close', incident });
  }
  return { verdicts, incidents: planned, events };
}

function overlap(one: { start: number; end: number }, other: { start: number; end: number }): boolean {
  return one.start <= other.end && other.start <= one.end;
}

function incidentRow(series: number, found: Incident, match: StoredIncident | undefined): StoredIncident {
  return {
    id: match?.id ?? `${series}-${found.start}-${found.direction}`,
    series,
    direction: found.direction,
    start: found.start,
    end: found.end,
    status: found.open ? 'open' : 'closed',
    severity: found.severity,
    score: found.score,
    volume: Math.round(found.volume * 100) / 100,
    buckets: found.buckets,
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

function verdictOf(row: StoredVerdict): Verdict {
  const { bucket, median, actual, score, direction, severity, lower, upper, coverage } = row;
  const deviation = actual - median;
  return { bucket, band: { lower, upper, coverage }, median, actual, deviation, score, direction, severity };
}

function rowOf(series: number, origin: number, verdict: Verdict, alarm: StoredVerdict['alarm']): StoredVerdict {
  const { bucket, band, median, actual, score, direction, severity } = verdict;
  return { series, bucket, origin, actual, median, ...band, score, direction, severity, alarm };
}
