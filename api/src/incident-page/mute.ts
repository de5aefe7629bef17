import type { StoredMaintenance } from '../store/maintenance.ts';

/**
 * The entry that mutes a client now, among those made from the page of one of its incidents; `null` where there was none
 * or the last one is over.
 */
export function muteInForce(
  entries: readonly StoredMaintenance[],
  incident: string,
  now: number,
): StoredMaintenance | null {
  const first = firstMuteId(incident);
  const isOfPage = (id: string) => id === first || id.startsWith(`${first}.`);
  return entries.find(({ id, to }) => isOfPage(id) && to > now) ?? null;
}

/** Until when a client is muted now: entries that follow each other, or overlap, are one; `null` where it is not muted. */
export function mutedUntil(entries: readonly StoredMaintenance[], client: string, now: number): number | null {
  let until = now;
  const mutes = entries.filter(({ series, effect }) => effect === 'mute' && (series === null || series === client));
  for (const { from, to } of mutes.toSorted((one, other) => one.from - other.from)) {
    if (from <= until && to > until) until = to;
  }
  return until === now ? null : until;
}

/**
 * Id and beginning of the entry that mutes a client from `now` on. One that is in force goes on under its id from where it
 * began: begun anew it would no longer hold for what it has muted so far, whose alarms would then be raised after all.
 * For the same reason one that is over is left as it is.
 */
export function muteFrom(
  entries: readonly StoredMaintenance[],
  incident: string,
  now: number,
): Pick<StoredMaintenance, 'id' | 'from'> {
  const current = muteInForce(entries, incident, now);
  if (current !== null) return { id: current.id, from: Math.min(current.from, now) };
  const first = firstMuteId(incident);
  const isTaken = entries.some(({ id }) => id === first);
  return { id: isTaken ? `${first}.${Math.floor(now / 1_000)}` : first, from: now };
}

/** Room for the dot and the seconds within the 80 characters of an id. */
const LONGEST_FIRST = 68;

function firstMuteId(incident: string): string {
  return `incident-${incident}`.slice(0, LONGEST_FIRST);
}
