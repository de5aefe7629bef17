import type { Severity } from '../vocabulary.ts';
import { type ByName, entryOf, setEntry } from './by-name.ts';
import { type Evidence, isVolume } from './detectors/detector.ts';
import { partDetectorName } from './detectors/part.ts';
import { logBetaTail } from './detectors/tails.ts';
import type { Fresh, FreshPart, SeriesReport } from './report.ts';
import { worse } from './verdict.ts';

/** Troubles of many series at once. */
export interface Storm {
  readonly id: string;
  /** `attempts`, `approval`, or the name of a dimension one of whose values is in trouble everywhere. */
  readonly cause: string;
  /** That value; `null` where the trouble is in no dimension. */
  readonly causeValue: string | null;
  /** First and last bucket, inclusive. */
  readonly start: number;
  readonly end: number;
  readonly open: boolean;
  /** Clients that are part of it, in the order in which they joined. Groups are sums of them and no members. */
  readonly members: readonly string[];
  /** Clients that were counted when it began. */
  readonly watched: number;
  /**
   * Attempts of its members since it began, seen and expected; where approvals fell, shares of them that were approved;
   * where a value did, its share of attempts or the share of its attempts that was approved, whichever fell further.
   */
  readonly observed: number;
  readonly expected: number;
  /** Which of the two it is, by the name of the detector that sees it at one client; `null` where it is in no value. */
  readonly detector: string | null;
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
  /** Of the storm's value, where it is in one. */
  readonly part: PartTally;
}

/** Attempts and approvals of one value of a dimension, seen and usual. */
type PartTally = { -readonly [Count in Exclude<keyof FreshPart, 'cause' | 'causeValue' | 'strength'>]: number };

interface OpenStorm {
  storm: Storm;
  quiet: number;
  /** By client: attempts and approvals seen and expected since the storm began. */
  readonly tallies: ByName<Tally>;
  /** By incident of a member: money missing in its largest window so far. */
  readonly losses: ByName<number>;
}

/** What is remembered of storms between buckets. Plain data. */
export interface StormBook {
  open: OpenStorm | null;
  /** Last bucket of the last storm. */
  lastEnd: number;
  last: Storm | null;
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
/** Strength from which a series in which the storm's value is low counts as a member. */
const PART_JOINS = 3;
/** A value explains what is wrong with the whole where it is so strong in relation to it. */
const EXPLAINS = 0.5;
/** Buckets after a storm in which what opens still belongs to it. */
const AFTERMATH = 2;

/** What has seen a member whose own evidence is weak. */
export const WEAK_DETECTOR = 'storm';

/** No storm yet. */
export function startStorms(): StormBook {
  return { open: null, lastEnd: Number.MIN_SAFE_INTEGER, last: null };
}

/** A report of a series that is judged. */
type Live = SeriesReport & { readonly fresh: Fresh };

/** What a storm or evidence is about. */
type Cause = Pick<Storm, 'cause' | 'causeValue'>;

/** Whether a low incident may be part of a storm: a value in trouble shows in itself and in the whole, nowhere else. */
export function isOfStorm(storm: Cause, { cause, causeValue }: Cause): boolean {
  if (storm.causeValue === null || cause === 'attempts' || cause === 'approval' || isVolume(cause)) return true;
  return cause === storm.cause && causeValue === storm.causeValue;
}

/**
 * The storm that low incidents raised in a bucket belong to, see `isOfStorm`, or `null`: the open one, or the last one
 * for a few buckets after its end.
 * @example
 * stormOf(book, bucket)?.id;
 */
export function stormOf(book: StormBook, bucket: number): Pick<Storm, 'id' | 'cause' | 'causeValue'> | null {
  if (book.open !== null) return book.open.storm;
  return bucket <= book.lastEnd + AFTERMATH ? book.last : null;
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

/** How unlikely it is that the whole of so many series, or one value in so many of them, is so low. */
interface Candidate extends Cause {
  readonly strength: number;
}

/** What is low in the series of one bucket, the whole first. */
function candidates(live: readonly Live[], least: (able: number) => number): Candidate[] {
  const able = live.filter(({ fresh }) => fresh.mean >= COULD_BE_LOW).length;
  const whole = (['attempts', 'approval'] as const).map((cause): Candidate => {
    const strengths = live.map(({ fresh }) => fresh[cause]);
    return { cause, causeValue: null, strength: surprise(strengths, least(able)) };
  });
  const values = new Map<string, Cause & { strengths: number[] }>();
  for (const { parts } of live) {
    for (const { cause, causeValue, strength } of parts) {
      const key = `${cause}/${causeValue}`;
      const value = values.get(key) ?? { cause, causeValue, strengths: [] };
      values.set(key, value);
      value.strengths.push(strength);
    }
  }
  return [
    ...whole,
    ...[...values.values()].map(({ cause, causeValue, strengths }) => ({
      cause,
      causeValue,
      strength: surprise(strengths, least(strengths.length)),
    })),
  ];
}

/** The strongest; a value before the whole that it explains. */
function worstOf(all: readonly Candidate[]): Candidate {
  const strongest = (some: readonly Candidate[]) =>
    some.reduce<Candidate>((best, one) => (one.strength > best.strength ? one : best), all[0]!);
  const whole = strongest(all.filter(({ causeValue }) => causeValue === null));
  const value = strongest(all.filter(({ causeValue }) => causeValue !== null));
  return value.strength >= Math.max(STORM_STRENGTH, EXPLAINS * whole.strength) ? value : whole;
}

/** Takes a bucket of all series in; returns the storms it changed. */
export function advanceStorms(book: StormBook, bucket: number, reports: readonly SeriesReport[]): Storm[] {
  const live = reports.filter(({ group, fresh }) => !group && fresh !== null) as Live[];
  const needed = (able: number) => Math.max(LEAST_MEMBERS, Math.min(ENOUGH_MEMBERS, LEAST_SHARE * able));
  const all = candidates(live, (able) => (book.open === null ? needed(able) : needed(able) / 2));
  const worst = worstOf(all);
  if (book.open === null) {
    if (worst.strength < STORM_STRENGTH) return [];
    book.open = { storm: begun(worst, bucket, live.length), quiet: 0, tallies: {}, losses: {} };
  } else if (book.open.storm.causeValue === null && worst.causeValue !== null) {
    // The bucket in which a trouble begins is seldom wholly in it: the next one tells what is in trouble.
    book.open.storm = { ...book.open.storm, cause: worst.cause, causeValue: worst.causeValue };
  }
  const open = book.open;
  const own = all.find((one) => isSame(one, open.storm));
  open.quiet = (own?.strength ?? 0) >= STORM_STRENGTH / 2 ? 0 : open.quiet + 1;
  if (open.quiet >= 2) {
    book.open = null;
    book.lastEnd = bucket;
    book.last = { ...open.storm, open: false };
    return [book.last];
  }
  for (const report of live) addTo(open, report);
  const members = joined(book, open, bucket, reports);
  const end = open.quiet === 0 ? bucket : open.storm.end;
  open.storm = { ...open.storm, end, members, ...shownBy(open, members) };
  return [open.storm];
}

function begun({ cause, causeValue }: Cause, bucket: number, watched: number): Storm {
  return {
    id: `storm/${bucket}`,
    cause,
    causeValue,
    start: bucket,
    end: bucket,
    open: true,
    members: [],
    watched,
    observed: 0,
    expected: 0,
    detector: null,
    money: 0,
    severity: 'warning',
  };
}

function isSame(one: Cause, other: Cause): boolean {
  return one.cause === other.cause && one.causeValue === other.causeValue;
}

/** Adds what a client's newest bucket shows to what it has shown since the storm began. */
function addTo({ storm, tallies }: OpenStorm, { series, fresh, parts }: Live): void {
  const tally = entryOf(tallies, series) ?? {
    count: 0,
    mean: 0,
    variance: 0,
    approved: 0,
    usuallyApproved: 0,
    part: { attempts: 0, approved: 0, usualAttempts: 0, usualApproved: 0 },
  };
  setEntry(tallies, series, tally);
  tally.count += fresh.count;
  tally.mean += fresh.mean;
  tally.variance += fresh.dispersion * fresh.mean * fresh.mean;
  tally.approved += fresh.approved;
  tally.usuallyApproved += fresh.usuallyApproved;
  const part = parts.find((one) => isSame(one, storm));
  if (!part) return;
  for (const count of Object.keys(tally.part) as (keyof PartTally)[]) tally.part[count] += part[count];
}

/** The clients that are part of the open storm, in the order in which they joined. */
function joined(book: StormBook, { storm }: OpenStorm, bucket: number, reports: readonly SeriesReport[]): string[] {
  const members = new Set(storm.members);
  for (const { series, evidence, group, parts } of reports) {
    if (group) continue;
    const isLow = evidence.some((one) => one.side === 'low' && isOfStorm(storm, one));
    if (isLow || parts.some((part) => part.strength >= PART_JOINS && isSame(part, storm))) members.add(series);
  }
  for (const series of weakMembers(book, bucket).keys()) members.add(series);
  return [...members];
}

/** What the members of a storm have shown together: attempts, shares approved, or shares of the storm's value. */
function shownBy(
  { storm, tallies }: OpenStorm,
  members: readonly string[],
): Pick<Storm, 'observed' | 'expected' | 'detector'> {
  const total = { count: 0, mean: 0, approved: 0, usuallyApproved: 0 };
  const part = { attempts: 0, approved: 0, usualAttempts: 0, usualApproved: 0 };
  for (const series of members) {
    const tally = entryOf(tallies, series);
    if (tally === undefined) continue;
    for (const count of Object.keys(part) as (keyof PartTally)[]) part[count] += tally.part[count];
    total.count += tally.count;
    total.mean += tally.mean;
    total.approved += tally.approved;
    total.usuallyApproved += tally.usuallyApproved;
  }
  const detector = null;
  if (storm.cause === 'attempts') return { observed: total.count, expected: total.mean, detector };
  const attempts = Math.max(1, total.count);
  if (storm.causeValue !== null) {
    const fewer = part.attempts * part.usualApproved <= part.approved * part.usualAttempts;
    const own = Math.max(1, part.attempts);
    const shown = fewer
      ? { observed: part.attempts / attempts, expected: part.usualAttempts / attempts }
      : { observed: part.approved / own, expected: part.usualApproved / own };
    return { ...shown, detector: partDetectorName(storm.cause, fewer ? 'share' : 'approval') };
  }
  return { observed: total.approved / attempts, expected: total.usuallyApproved / attempts, detector };
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
  for (const [incident, money] of losses) setEntry(open.losses, incident, money);
  const money = Object.values(open.losses).reduce((sum, one) => sum + one, 0);
  open.storm = { ...open.storm, money, severity: worse(open.storm.severity, severityOf(money)) as Severity };
  return open.storm;
}

/**
 * Takes clients out of an open storm that turn out to have been well: what they seemed to miss is no part of it, and what
 * was counted of them does not bring them back into it.
 * @param open changed in place.
 * @param incidents theirs, by id.
 * @returns the storm as it is then.
 * @example
 * if (book.storms.open) leaveStorm(book.storms.open, new Set(['shop']), new Set(['shop/low/241716']));
 */
export function leaveStorm(open: OpenStorm, clients: ReadonlySet<string>, incidents: ReadonlySet<string>): Storm {
  for (const client of clients) delete open.tallies[client];
  for (const incident of incidents) delete open.losses[incident];
  const members = open.storm.members.filter((client) => !clients.has(client));
  const money = Object.values(open.losses).reduce((sum, one) => sum + one, 0);
  open.storm = { ...open.storm, members, money, ...shownBy(open, members) };
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
      since: open.storm.start,
      buckets: bucket - open.storm.start + 1,
      observed: tally.count,
      expected: tally.mean,
      attempts: tally.mean - tally.count,
      sales: 0,
    });
  }
  return found;
}
