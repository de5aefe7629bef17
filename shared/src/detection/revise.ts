import type { Direction } from '../vocabulary.ts';
import { type Evidence, isVolume } from './detectors/detector.ts';
import type { SeriesReport } from './report.ts';

/** The strongest evidence of some buckets on one side, in units of its threshold, and the most money any of it tells of. */
export interface Standing {
  readonly evidence: Evidence;
  readonly money: number;
}

/**
 * What stands on one side of a series in some buckets, as worked out anew after a correction; `null` where nothing does. As
 * in an incident, evidence that names a trouble goes before that of mere volume.
 * @param reports of those buckets, by rising bucket.
 * @example
 * standingIn(reports, 'low') === null; // the incident has no ground any more
 */
export function standingIn(reports: readonly SeriesReport[], side: Direction): Standing | null {
  let evidence: Evidence | null = null;
  let money = 0;
  for (const { evidence: found, perAttempt, perSale } of reports) {
    for (const one of found) {
      if (one.side !== side) continue;
      money = Math.max(money, one.money ?? one.attempts * perAttempt + one.sales * perSale);
      if (evidence === null || isStronger(one, evidence)) evidence = one;
    }
  }
  return evidence && { evidence, money };
}

function isStronger(one: Evidence, other: Evidence): boolean {
  if (isVolume(one.cause) !== isVolume(other.cause)) return isVolume(other.cause);
  return one.strength / one.threshold > other.strength / other.threshold;
}

/** Share of the expected attempts from which a member of a storm, whose own evidence is weak, is none any more. */
const WELL = 0.5;

/**
 * Whether a series that was taken along by a storm still looks like a member: fewer than half of its attempts came.
 * @param reports of the storm's buckets.
 * @example
 * isStillWeak([watch.report(state, 'shop', bucket, false)]); // true while next to nothing comes
 */
export function isStillWeak(reports: readonly SeriesReport[]): boolean {
  const [count, mean] = reports.reduce(
    ([seen, expected], { fresh }) => [seen + (fresh?.count ?? 0), expected + (fresh?.mean ?? 0)] as const,
    [0, 0] as readonly [number, number],
  );
  return mean === 0 || count < WELL * mean;
}
