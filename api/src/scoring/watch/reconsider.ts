import {
  type Evidence,
  isStillWeak,
  maintenanceEffect,
  revisedIncident,
  type SeriesIncident,
  type SeriesReport,
  type Standing,
  standingIn,
  WEAK_DETECTOR,
} from '@tidemark/shared/detection';
import { bucketStart, createGrid } from '@tidemark/shared/forecasting';
import type { Withdrawal } from '@tidemark/shared/vocabulary';
import type { StoredMaintenance } from '../../store/maintenance.ts';
import { readDetectorIncidents, type TakenBack } from '../../store/recounts.ts';
import type { StoredIncident, StoredSeries, StoredVerdict } from '../../store/rows.ts';
import { type StoredBook, writeWatchOutcome } from '../../store/watches.ts';
import type { CycleDeps } from '../deps.ts';
import { reviewStorms } from './review-storms.ts';
import { incidentId, incidentRow, isWanted, revisedRow, verdictRows } from './watch-rows.ts';

/** A series whose figures have changed, and what its detectors say of its buckets since then. */
export interface Recounted {
  readonly stored: StoredSeries;
  /** First bucket that has changed. */
  readonly from: number;
  /** By bucket; those that are missing or under maintenance are left out. */
  readonly reports: ReadonlyMap<number, SeriesReport>;
}

/**
 * Holds the incidents of series whose figures have changed against what the detectors say now, in one transaction: one
 * without evidence is withdrawn, one that stands gets its numbers anew; when it was raised stays. Corrections raise no
 * incident in the past: a trouble that goes on is seen with the next bucket.
 * @param book what incidents are continued from; changed in place.
 */
export async function reconsider(
  { db, clock, settings, pendingDeliveries = () => [] }: CycleDeps,
  { all, calendar, stepMs }: { all: readonly StoredSeries[]; calendar: readonly StoredMaintenance[]; stepMs: number },
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
  const standings = new Map<string, Standing>();
  for (const one of recounted) {
    for (const incident of known.get(one.stored.key) ?? []) {
      if (incident.raised < one.from) continue;
      const { series, start, end, direction } = incident;
      const { now, standing } = judgedAnew(
        incident,
        one,
        (bucket) => maintenanceEffect(calendar, one.stored.id, bucketStart(bucket, stepMs), stepMs).muted,
      );
      if (now === incident) continue;
      incidents.push(now);
      takenBack.push({ series, from: start, to: end, direction });
      if (now.status === 'withdrawn') continue;
      verdicts.push(...verdictsOf(now, one));
      if (standing !== null) standings.set(now.id, standing);
    }
  }
  const { book: inner, recordFrom } = book;
  const { perDay } = createGrid(stepMs);
  const nameOf = new Map(all.map(({ id, key }) => [key, id]));
  const keys = new Map(all.map(({ id, key }) => [id, key]));
  const keyOf = ({ series }: SeriesIncident) => keys.get(series) ?? -1;
  const withdrawn = incidents.filter(({ status }) => status === 'withdrawn');
  const isWithdrawn = new Set(withdrawn.map(({ id }) => id));
  inner.open = inner.open.flatMap((incident) => {
    const id = incidentId(keyOf(incident), incident);
    const standing = standings.get(id);
    if (isWithdrawn.has(id)) return [];
    return [standing ? revisedIncident(incident, standing) : incident];
  });
  const { storms, freed } = await reviewStorms(
    db,
    inner,
    withdrawn.map((row) => ({ client: nameOf.get(row.series) ?? '', row })),
  );
  const untold = freed
    .filter((incident) => incident.raised >= recordFrom && isWanted(incident, settings.rules))
    .map((incident) => incidentRow(keyOf(incident), incident));
  const isUntold = new Set(untold.map(({ id }) => id));
  await writeWatchOutcome(
    db,
    {
      book,
      states: [],
      incidents: [...incidents.filter(({ id }) => !isUntold.has(id)), ...untold],
      verdicts,
      storms,
      noticed: [],
      takenBack,
      recounted: recounted.map(({ stored, from }) => ({
        series: stored.key,
        bucket: from,
        corrections: stored.corrections,
      })),
      deliveries: [
        ...[...storms, ...withdrawn]
          .filter(({ status }) => status === 'withdrawn')
          .flatMap((incident) => pendingDeliveries({ kind: 'withdraw', incident }, inner.last, perDay)),
        ...untold.flatMap((incident) => pendingDeliveries({ kind: 'open', incident }, inner.last, perDay)),
      ],
    },
    clock.wall(),
  );
}

/** An incident by what the detectors say of its buckets now; itself where nothing has changed. */
function judgedAnew(
  incident: StoredIncident,
  { reports, from }: Recounted,
  isMuted: (bucket: number) => boolean,
): { readonly now: StoredIncident; readonly standing: Standing | null } {
  const buckets = (first: number) => Array.from({ length: incident.end - first + 1 }, (_, k) => first + k);
  const since = (first: number) => buckets(first).flatMap((bucket) => reports.get(bucket) ?? []);
  const standing = standingIn(since(incident.raised), incident.direction);
  const isTakenAlong = incident.evidence?.detector === WEAK_DETECTOR && standing === null;
  if (isTakenAlong && isStillWeak(since(Math.max(from, incident.start)))) return { now: incident, standing };
  if (standing === null) {
    if (incident.status === 'withdrawn') return { now: incident, standing };
    const because: Withdrawal = buckets(incident.raised).some(isMuted) ? 'maintenance' : 'correction';
    return { now: { ...incident, status: 'withdrawn', withdrawnBecause: because }, standing };
  }
  return { now: revisedRow(incident, standing), standing };
}

/** What the detectors hold against an incident's buckets now. */
function verdictsOf(incident: StoredIncident, { reports }: Recounted): StoredVerdict[] {
  const isOwn = ({ side }: Evidence) => side === incident.direction;
  return Array.from({ length: incident.end - incident.raised + 1 }, (_, k) => incident.raised + k).flatMap((bucket) =>
    verdictRows(incident.series, bucket, incident, reports.get(bucket)?.evidence.filter(isOwn) ?? []),
  );
}
