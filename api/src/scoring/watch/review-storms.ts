import { incidentName, leaveStorm, type SeriesIncident, WEAK_DETECTOR } from '@tidemark/shared/detection';
import type { Db } from '../../store/db.ts';
import type { StoredIncident, StoredStorm } from '../../store/rows.ts';
import { findStorm, type StormMember, stormMembers } from '../../store/storms.ts';
import type { StoredBook } from '../../store/watches.ts';
import { stormId, stormRow } from './watch-rows.ts';

/** A storm needs so many members, and half of those it was told with, to go on being one. */
const LEAST_MEMBERS = 4;
const LEAST_SHARE = 0.5;

/** An incident that is withdrawn, with the name of its client. */
export interface WithdrawnIncident {
  readonly client: string;
  readonly row: StoredIncident;
}

/** Storms that members have left, and the open incidents that are told of by themselves from now on. */
export interface ReviewedStorms {
  readonly storms: StoredStorm[];
  readonly freed: SeriesIncident[];
}

/**
 * Takes clients that turn out to have been well out of their storms, and withdraws a storm that too many have left.
 * @param book what storms and incidents are continued from; changed in place.
 */
export async function reviewStorms(
  db: Db,
  book: StoredBook['book'],
  withdrawn: readonly WithdrawnIncident[],
): Promise<ReviewedStorms> {
  const gone = new Map<string, WithdrawnIncident[]>();
  for (const one of withdrawn) {
    const storm = one.row.evidence?.storm;
    if (storm) gone.set(storm, [...(gone.get(storm) ?? []), one]);
  }
  const members = await stormMembers(db, [...gone.keys()]);
  const storms: StoredStorm[] = [];
  const freed: SeriesIncident[] = [];
  for (const [id, left] of gone) {
    const storm = await findStorm(db, id);
    if (!storm || storm.status === 'withdrawn') continue;
    const { withdrawnAt: _, ...row } = storm;
    const ids = new Set(left.map((one) => one.row.id));
    const still = (members.get(id) ?? []).filter(({ incident }) => !ids.has(incident));
    const clients = new Set(still.map(({ series }) => series));
    if (clients.size >= Math.max(LEAST_MEMBERS, LEAST_SHARE * storm.members.length)) {
      storms.push(withoutThose(book, row, left, still));
      continue;
    }
    storms.push({ ...row, status: 'withdrawn', withdrawnBecause: left[0]?.row.withdrawnBecause ?? 'correction' });
    freed.push(...dissolve(book, id));
  }
  return { storms, freed };
}

/** A storm without the clients whose incidents are withdrawn. */
function withoutThose(
  book: StoredBook['book'],
  row: StoredStorm,
  left: readonly WithdrawnIncident[],
  still: readonly StormMember[],
): StoredStorm {
  const stay = new Set(still.map(({ series }) => series));
  const { open } = book.storms;
  if (open !== null && stormId(open.storm.id) === row.id) {
    const clients = new Set(open.storm.members.filter((client) => !stay.has(client)));
    const incidents = left.map((one) =>
      incidentName({ series: one.client, side: one.row.direction, raised: one.row.raised }),
    );
    return stormRow(leaveStorm(open, clients, new Set(incidents)));
  }
  const members = row.members.filter((client) => stay.has(client));
  // Attempts add up, and of a storm that is over no others are kept than those of its members' incidents.
  const isSum = row.cause === 'attempts';
  const lost = (of: 'observed' | 'expected') =>
    isSum
      ? left.reduce((sum, one) => sum + (row.members.includes(one.client) ? (one.row.evidence?.[of] ?? 0) : 0), 0)
      : 0;
  const without = (of: 'observed' | 'expected') => Math.max(0, row[of] - lost(of));
  return { ...row, members, observed: without('observed'), expected: without('expected') };
}

/** Ends a storm that was none; what goes on of it is told of by itself. Returns that. */
function dissolve(book: StoredBook['book'], id: string): SeriesIncident[] {
  const { storms } = book;
  const isThis = (storm: { readonly id: string } | null | undefined) => storm != null && stormId(storm.id) === id;
  if (isThis(storms.open?.storm)) storms.open = null;
  if (isThis(storms.last)) storms.last = null;
  const freed: SeriesIncident[] = [];
  book.open = book.open.map((incident) => {
    if (incident.storm === null || stormId(incident.storm) !== id) return incident;
    // Whom the storm alone has taken along has no evidence of its own.
    const told = incident.told || incident.detector !== WEAK_DETECTOR;
    const own = { ...incident, storm: null, told };
    if (told && !incident.told) freed.push(own);
    return own;
  });
  return freed;
}
