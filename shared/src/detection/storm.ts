import type { Severity } from '../vocabulary.ts';
import type { Evidence } from './detectors/detector.ts';
import { logBetaTail } from './detectors/tails.ts';
import type { Fresh, SeriesReport } from './report.ts';
import { worse } from './verdict.ts';

/** Troubles of many series at once. */
export interface Storm {
  readonly id: string;
  readonly cause: 'attempts' | 'approval';
  /** First and last bucket, inclusive. */
  readonly start: number;
  readonly end: number;
  readonly open: boolean;
  /** Clients that are part of it, in the order in which they joined. Groups are sums of them and no members. */
  readonly members: readonly string[];
  /** Clients that were counted when it began. */
  readonly watched: number;
  /** Attempts of its members since it began, seen and expected; where approvals fell, shares of them that were approved. */
  readonly observed: number;
  readonly expected: number;
  /** Money that its members miss together, in the currency of the series. */
  readonly money: number;
  /** The worst so far. */
  readonly severity: Severity;
}

/** What one series has shown since the storm began. */
interface Tally {
  count: number;
  mean: number;
  variance: number;
  approved: number;
  usuallyApproved: number;
}

interface OpenStorm {
  storm: Storm;
  quiet: number;
  /** By client: attempts and approvals seen and expected since the storm began. */
  readonly tallies: Record<string, Tally>;
  /** By incident of a member: money missing in its largest window so far. */
  readonly losses: Record<string, number>;
}

/** What is remembered of storms between buckets. Plain data. */
export interface StormBook {
  open: OpenStorm | null;
  /** Last bucket of the last storm. */
  lastEnd: number;
  lastId: string | null;
}

/** Strengths from which series are counted, each its own test: many a little, or few very. */
const MARKS = [2, 3, 5, 8] as const;
/** −ln p from which a count is no chance. */
const STORM_STRENGTH = 16;
/** Series that must be low at once: this share of those that could be, within these bounds. */
const LEAST_SHARE = 0.4;
const LEAST_MEMBERS = 4;
const ENOUGH_MEMBERS = 20;
/** A series in which less is expected cannot be low. */
const COULD_BE_LOW = 2;
/** Log odds from which a series counts as a member: 4 to 1. */
const JOINS = Math.log(4);
/** Buckets after a storm in which what opens still belongs to it. */
const AFTERMATH = 2;

/** What has seen a member whose own evidence is weak. */
export const WEAK_DETECTOR = 'storm';

/** No storm yet. */
export function startStorms(): StormBook {
  return { open: null, lastEnd: Number.MIN_SAFE_INTEGER, lastId: null };
}

/** Id of the storm that low incidents raised now belong to, or `null`. */
export function stormOf(book: StormBook, bucket: number): string | null {
  if (book.open !== null) return book.open.storm.id;
  return bucket <= book.lastEnd + AFTERMATH ? book.lastId : null;
}

/**
 * How unlikely it is that so many series are so low at once, as −ln p: the largest over `MARKS` of the binomial tail
 * (higher criticism, Donoho & Jin 2004).
 */
function surprise(strengths: readonly number[], least: number): number {
  let most = 0;
  for (const mark of MARKS) {
    const hits = strengths.filter((strength) => strength >= mark).length;
    if (hits < least) continue;
    most = Math.max(most, logBetaTail(Math.exp(-mark), hits, strengths.length - hits + 1));
  }
  return most;
}

/** Takes a bucket of all series in; returns the storms it changed. */
export function advanceStorms(book: StormBook, bucket: number, reports: readonly SeriesReport[]): Storm[] {
  const live = reports.filter(({ group, fresh }) => !group && fresh !== null) as (SeriesReport & { fresh: Fresh })[];
  const able = live.filter(({ fresh }) => fresh.mean >= COULD_BE_LOW).length;
  const least = Math.max(LEAST_MEMBERS, Math.min(ENOUGH_MEMBERS, LEAST_SHARE * able));
  const causes = (['attempts', 'approval'] as const).map((cause) => ({
    cause,
    strength: surprise(
      live.map(({ fresh }) => fresh[cause]),
      book.open === null ? least : least / 2,
    ),
  }));
  const worst = causes[0]!.strength >= causes[1]!.strength ? causes[0]! : causes[1]!;
  if (book.open === null) {
    if (worst.strength < STORM_STRENGTH) return [];
    const storm: Storm = {
      id: `storm/${bucket}`,
      cause: worst.cause,
      start: bucket,
      end: bucket,
      open: true,
      members: [],
      watched: live.length,
      observed: 0,
      expected: 0,
      money: 0,
      severity: 'warning',
    };
    book.open = { storm, quiet: 0, tallies: {}, losses: {} };
  }
  const open = book.open;
  const own = causes.find(({ cause }) => cause === open.storm.cause)!.strength;
  open.quiet = own >= STORM_STRENGTH / 2 ? 0 : open.quiet + 1;
  if (open.quiet >= 2) {
    book.open = null;
    book.lastEnd = bucket;
    book.lastId = open.storm.id;
    open.storm = { ...open.storm, open: false };
    return [open.storm];
  }
  for (const { series, fresh } of live) {
    const tally = open.tallies[series] ?? { count: 0, mean: 0, variance: 0, approved: 0, usuallyApproved: 0 };
    open.tallies[series] = tally;
    tally.count += fresh.count;
    tally.mean += fresh.mean;
    tally.variance += fresh.dispersion * fresh.mean * fresh.mean;
    tally.approved += fresh.approved;
    tally.usuallyApproved += fresh.usuallyApproved;
  }
  const joined = new Set(open.storm.members);
  for (const { series, evidence, group } of reports) {
    if (!group && evidence.some(({ side }) => side === 'low')) joined.add(series);
  }
  if (open.storm.cause === 'attempts') for (const series of weakMembers(book, bucket).keys()) joined.add(series);
  const members = [...joined];
  const end = open.quiet === 0 ? bucket : open.storm.end;
  open.storm = { ...open.storm, end, members, ...shownBy(open, members) };
  return [open.storm];
}

/** What the members of a storm have shown together: attempts, or shares approved. */
function shownBy({ storm, tallies }: OpenStorm, members: readonly string[]): Pick<Storm, 'observed' | 'expected'> {
  const total = { count: 0, mean: 0, approved: 0, usuallyApproved: 0 };
  for (const series of members) {
    const tally = tallies[series];
    if (tally === undefined) continue;
    total.count += tally.count;
    total.mean += tally.mean;
    total.approved += tally.approved;
    total.usuallyApproved += tally.usuallyApproved;
  }
  if (storm.cause === 'attempts') return { observed: total.count, expected: total.mean };
  const attempts = Math.max(1, total.count);
  return { observed: total.approved / attempts, expected: total.usuallyApproved / attempts };
}

/**
 * Takes what the members of the open storm miss into account.
 * @param losses money by incident of a member, in the currency of the series.
 * @param severityOf how bad so much money is.
 * @returns the storm as it is then; `null` where none is open.
 */
export function weighStorm(
  book: StormBook,
  losses: Iterable<readonly [incident: string, money: number]>,
  severityOf: (money: number) => Severity,
): Storm | null {
  const { open } = book;
  if (open === null) return null;
  for (const [incident, money] of losses) open.losses[incident] = money;
  const money = Object.values(open.losses).reduce((sum, one) => sum + one, 0);
  open.storm = { ...open.storm, money, severity: worse(open.storm.severity, severityOf(money)) as Severity };
  return open.storm;
}

/**
 * Series that are members of the open storm though their own evidence is weak: where the odds of being in it, from how
 * many are and from how their own counts fit it, reach 4 to 1.
 */
export function weakMembers(book: StormBook, bucket: number): Map<string, Evidence> {
  const found = new Map<string, Evidence>();
  const { open } = book;
  if (open === null || open.storm.cause !== 'attempts' || open.quiet > 0) return found;
  const tallies = Object.entries(open.tallies);
  // The storm's depth and breadth, from the series that can tell: expectation maximisation from a deep start.
  let factor = 0.1;
  let share = 0.5;
  const oddsOf = ({ count, mean, variance }: Tally) => {
    const gain = count * Math.log(factor) + mean * (1 - factor);
    return Math.log(share / (1 - share)) + gain / (1 + variance / Math.max(mean, 1e-9));
  };
  for (let round = 0; round < 5; round++) {
    let [inside, count, mean] = [0, 0, 0];
    for (const [, tally] of tallies) {
      const p = 1 / (1 + Math.exp(-oddsOf(tally)));
      inside += p;
      count += p * Math.min(tally.count, tally.mean);
      mean += p * tally.mean;
    }
    share = Math.min(0.95, Math.max(0.02, inside / tallies.length));
    factor = Math.min(0.8, Math.max(0.03, mean > 0 ? count / mean : 0.1));
  }
  for (const [series, tally] of tallies) {
    const odds = oddsOf(tally);
    if (odds < JOINS || tally.count > tally.mean) continue;
    found.set(series, {
      detector: WEAK_DETECTOR,
      side: 'low',
      cause: 'attempts',
      causeValue: null,
      strength: odds,
      threshold: Math.max(odds, 8),
      start: open.storm.start,
      buckets: bucket - open.storm.start + 1,
      observed: tally.count,
      expected: tally.mean,
      attempts: tally.mean - tally.count,
      sales: 0,
    });
  }
  return found;
}
