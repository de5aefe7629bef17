import {
  type Evidence,
  isStillWeak,
  maintenanceEffect,
  type SeriesReport,
  standingIn,
  WEAK_DETECTOR,
} from '@tidemark/shared/detection';
import { bucketStart } from '@tidemark/shared/forecasting';
import type { Withdrawal } from '@tidemark/shared/vocabulary';
import type { StoredMaintenance } from '../../store/maintenance.ts';
import { readDetectorIncidents, type TakenBack } from '../../store/recounts.ts';
import type { StoredIncident, StoredSeries, StoredStorm, StoredVerdict } from '../../store/rows.ts';
import { findStorm, stormMembers } from '../../store/storms.ts';
import { type StoredBook, writeWatchOutcome } from '../../store/watches.ts';
import type { CycleDeps } from '../deps.ts';
import { incidentId, revisedRow, stormId, verdictRows } from './watch-rows.ts';

/** A series whose figures have changed, and what its detectors say of its buckets since then. */
export interface Recounted {
  readonly stored: StoredSeries;
  /** First bucket that has changed. */
  readonly from: number;
  /** By bucket; those that are missing or under maintenance are left out. */
  readonly reports: ReadonlyMap<number, SeriesReport>;
}

/** A storm needs so many members, and half of those it was told with, to go on being one. */
const LEAST_MEMBERS = 4;
const LEAST_SHARE = 0.5;

/**
 * Holds the incidents of series whose figures have changed against what the detectors say now, in one transaction: one
 * without evidence is withdrawn, one that stands gets its numbers anew; when it was raised stays. Corrections raise no
 * incident in the past: a trouble that goes on is seen with the next bucket.
 * @param book what incidents are continued from; changed in place.
 */
export async function reconsider(
  { db, clock, pendingDeliveries = () => [] }: CycleDeps,
  { calendar, stepMs }: { calendar: readonly StoredMaintenance[]; stepMs: number },
  book: StoredBook,
  recounted: readonly Recounted[],
): Promise<void> {
  const known = await readDetectorIncidents(
    db,
    recounted.map(({ stored, from }) => ({ series: stored.key, bucket: from })),
  );
  const incidents: StoredIncident[] = [];
  const verdicts: StoredVerdict[] = [];
  const takenBack: TakenBack[] = [];
  for (const one of recounted) {
    for (const incident of known.get(one.stored.key) ?? []) {
      if (incident.raised < one.from) continue;
      const { series, start, end, direction } = incident;
      const now = judgedAnew(
        incident,
        one,
        (bucket) => maintenanceEffect(calendar, one.stored.id, bucketStart(bucket, stepMs), stepMs).muted,
      );
      if (now === incident) continue;
      incidents.push(now);
      takenBack.push({ series, from: start, to: end, direction });
      if (now.status !== 'withdrawn') verdicts.push(...verdictsOf(now, one));
    }
  }
  const { book: inner } = book;
  const rowOf = new Map(incidents.map((row) => [row.id, row]));
  const keyOf = new Map(recounted.map(({ stored }) => [stored.id, stored.key]));
  const idOf = (incident: (typeof inner.open)[number]) => incidentId(keyOf.get(incident.series) ?? -1, incident);
  inner.open = inner.open.filter((incident) => rowOf.get(idOf(incident))?.status !== 'withdrawn');
  const storms = await withdrawnStorms(db, inner, incidents);
  await writeWatchOutcome(
    db,
    {
      book,
      states: [],
      incidents,
      verdicts,
      storms,
      noticed: [],
      takenBack,
      recounted: recounted.map(({ stored, from }) => ({
        series: stored.key,
        bucket: from,
        corrections: stored.corrections,
      })),
      deliveries: [...storms, ...incidents]
        .filter(({ status }) => status === 'withdrawn')
        .flatMap((incident) => pendingDeliveries({ kind: 'withdraw', incident }, inner.last)),
    },
    clock.wall(),
  );
}

/** An incident by what the detectors say of its buckets now; itself where nothing has changed. */
function judgedAnew(
  incident: StoredIncident,
  { reports, from }: Recounted,
  isMuted: (bucket: number) => boolean,
): StoredIncident {
  const buckets = (first: number) => Array.from({ length: incident.end - first + 1 }, (_, k) => first + k);
  const since = (first: number) => buckets(first).flatMap((bucket) => reports.get(bucket) ?? []);
  const standing = standingIn(since(incident.raised), incident.direction);
  const isTakenAlong = incident.evidence?.detector === WEAK_DETECTOR && standing === null;
  if (isTakenAlong && isStillWeak(since(Math.max(from, incident.start)))) return incident;
  if (standing === null) {
    if (incident.status === 'withdrawn') return incident;
    const because: Withdrawal = buckets(incident.raised).some(isMuted) ? 'maintenance' : 'correction';
    return { ...incident, status: 'withdrawn', withdrawnBecause: because };
  }
  return revisedRow(incident, standing);
}

/** What the detectors hold against an incident's buckets now. */
function verdictsOf(incident: StoredIncident, { reports }: Recounted): StoredVerdict[] {
  const isOwn = ({ side }: Evidence) => side === incident.direction;
  return Array.from({ length: incident.end - incident.raised + 1 }, (_, k) => incident.raised + k).flatMap((bucket) =>
    verdictRows(incident.series, bucket, incident, reports.get(bucket)?.evidence.filter(isOwn) ?? []),
  );
}

/** Storms that too many of their members have left; those that stay are told of by themselves from now on. */
async function withdrawnStorms(
  db: CycleDeps['db'],
  book: StoredBook['book'],
  changed: readonly StoredIncident[],
): Promise<StoredStorm[]> {
  const gone = new Map<string, Set<string>>();
  for (const { id, status, evidence, withdrawnBecause } of changed) {
    if (status !== 'withdrawn' || withdrawnBecause === null || !evidence?.storm) continue;
    gone.set(evidence.storm, (gone.get(evidence.storm) ?? new Set()).add(id));
  }
  const members = await stormMembers(db, [...gone.keys()]);
  const found: StoredStorm[] = [];
  for (const [id, left] of gone) {
    const storm = await findStorm(db, id);
    if (!storm || storm.status === 'withdrawn') continue;
    const { withdrawnAt: _, ...row } = storm;
    const still = new Set(
      (members.get(id) ?? []).filter(({ incident }) => !left.has(incident)).map(({ series }) => series),
    );
    const open = book.storms.open;
    const isOpen = open !== null && stormId(open.storm.id) === id;
    if (still.size >= Math.max(LEAST_MEMBERS, LEAST_SHARE * storm.members.length)) {
      const stay = storm.members.filter((series) => still.has(series));
      found.push({ ...row, members: stay });
      if (isOpen) open.storm = { ...open.storm, members: stay };
      continue;
    }
    const because = changed.find((one) => left.has(one.id))?.withdrawnBecause ?? 'correction';
    found.push({ ...row, status: 'withdrawn', withdrawnBecause: because });
    if (isOpen) book.storms.open = null;
    if (book.storms.last !== null && stormId(book.storms.last.id) === id) book.storms.last = null;
    book.open = book.open.map((incident) =>
      incident.storm !== null && stormId(incident.storm) === id ? { ...incident, storm: null } : incident,
    );
  }
  return found;
}
