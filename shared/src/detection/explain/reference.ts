import { WEEK_MS } from '../../forecasting/time/duration.ts';
import type { ZoneClock } from '../../forecasting/time/zone.ts';
import type { PartCounts } from '../observation.ts';
import type { Sales } from './loss.ts';

/** What one bucket of a series sold, by parts too where they are counted. */
export interface SoldBucket extends Sales {
  readonly bucket: number;
  readonly parts: readonly PartCounts[];
}

/** What would have been sold, as far as the weeks before tell. */
export interface ExpectedSales extends Sales {
  /** Of each value of each dimension that was seen in the weeks before. */
  readonly parts: readonly PartCounts[];
  /** Weeks of the same hours that it rests on. */
  readonly weeks: number;
}

/** Weeks looked back on, and of those the newest, by which the level goes. */
export const REFERENCE_WEEKS = 8;
const LEVEL_WEEKS = 2;
/** Attempts that count as much as the level of the weeks before, and sales and attempts as the usual of all hours. */
const LEVEL_PRIOR = 60;
const RATE_PRIOR = 200;
const TICKET_PRIOR = 100;
/** A level beyond these is a change of business, which two weeks do not show. */
const LEVEL_RANGE = [0.4, 2.5] as const;

/**
 * What was to be expected of some buckets from the eight weeks before the first of them: attempts as a trimmed mean of
 * the same local hours, times the level of the last two weeks; approval rate, ticket and the parts' shares of those
 * hours, drawn towards those of all hours; refunds in their usual proportion to sales.
 * @param buckets asked for, by rising number.
 * @param history buckets before them, by rising number; later ones are not read. Leave out what was troubled itself.
 * @returns `null` where the same hours of at least one week before are not known.
 */
export function expectSales(
  buckets: readonly number[],
  history: readonly SoldBucket[],
  grid: { readonly stepMs: number; readonly clock: Pick<ZoneClock, 'offsetMs'> },
): ExpectedSales | null {
  const first = buckets[0];
  if (first === undefined) return null;
  const perWeek = WEEK_MS / grid.stepMs;
  const known = new Map<number, SoldBucket>();
  for (const one of history) {
    if (one.bucket < first && one.bucket >= first - REFERENCE_WEEKS * perWeek) known.set(one.bucket, one);
  }
  const sameHours = buckets.map((bucket) => weeksBefore(bucket, first, known, grid));
  const told = sameHours.filter((weeks) => weeks.length > 0);
  if (told.length === 0) return null;
  const level = levelOf(first, known, perWeek);
  const means = told.map((weeks) => trimmedMean(weeks.map(({ attempts }) => attempts)));
  // Buckets whose hours are not known count as the others.
  const attempts = (level * sum(means) * buckets.length) / told.length;
  const hours = added(told.flat());
  const all = added([...known.values()]);
  const rate = share(hours.approved, hours.attempts, share(all.approved, all.attempts, 0, 1e-9), RATE_PRIOR);
  const ticket = share(hours.gross, hours.approved, share(all.gross, all.approved, 0, 1e-9), TICKET_PRIOR);
  const approved = attempts * rate;
  const gross = approved * ticket;
  return {
    attempts,
    approved,
    gross,
    refunds: gross * share(all.refunds, all.gross, 0, 1e-9),
    parts: [...all.parts].map(([name, ofAll]) => {
      const [dimension, value] = JSON.parse(name) as [string, string];
      const own = hours.parts.get(name) ?? { attempts: 0, approved: 0 };
      const usual = (count: 'attempts' | 'approved') => share(ofAll[count], all[count], 0, 1e-9);
      return {
        dimension,
        value,
        attempts: attempts * share(own.attempts, hours.attempts, usual('attempts'), RATE_PRIOR),
        approved: approved * share(own.approved, hours.approved, usual('approved'), RATE_PRIOR),
      };
    }),
    weeks: Math.max(...told.map(({ length }) => length)),
  };
}

/** A bucket of the same local hours, which may be made of two where the clocks have changed in between. */
type SameHours = Omit<SoldBucket, 'bucket'>;

function weeksBefore(
  bucket: number,
  first: number,
  known: ReadonlyMap<number, SoldBucket>,
  { stepMs, clock }: { readonly stepMs: number; readonly clock: Pick<ZoneClock, 'offsetMs'> },
): SameHours[] {
  const perWeek = WEEK_MS / stepMs;
  const found: SameHours[] = [];
  const start = bucket * stepMs;
  const weeks = Math.ceil((bucket - first + 1) / perWeek);
  for (let week = weeks; week < weeks + REFERENCE_WEEKS; week++) {
    const then = start - week * perWeek * stepMs;
    const moved = clock.offsetMs(start) - clock.offsetMs(then);
    const place = (then + moved) / stepMs;
    const [low, late] = [Math.floor(place), place - Math.floor(place)];
    const [one, other] = [known.get(low), late > 0 ? known.get(low + 1) : undefined];
    if (one && late === 0) found.push(one);
    else if (one && other) found.push(mixed(one, other, late));
  }
  return found;
}

function mixed(one: SoldBucket, other: SoldBucket, late: number): SameHours {
  const mix = (a: number, b: number) => (1 - late) * a + late * b;
  return {
    attempts: mix(one.attempts, other.attempts),
    approved: mix(one.approved, other.approved),
    gross: mix(one.gross, other.gross),
    refunds: mix(one.refunds, other.refunds),
    parts: [
      ...one.parts.map((part) => ({
        ...part,
        attempts: (1 - late) * part.attempts,
        approved: (1 - late) * part.approved,
      })),
      ...other.parts.map((part) => ({ ...part, attempts: late * part.attempts, approved: late * part.approved })),
    ],
  };
}

/** The last weeks' attempts to those of the same hours of all the weeks. */
function levelOf(first: number, known: ReadonlyMap<number, SoldBucket>, perWeek: number): number {
  const ofSlot = new Map<number, { sum: number; count: number }>();
  const slot = (bucket: number) => ((bucket % perWeek) + perWeek) % perWeek;
  for (const { bucket, attempts } of known.values()) {
    const one = ofSlot.get(slot(bucket)) ?? { sum: 0, count: 0 };
    ofSlot.set(slot(bucket), { sum: one.sum + attempts, count: one.count + 1 });
  }
  let seen = 0;
  let usual = 0;
  for (const { bucket, attempts } of known.values()) {
    if (bucket < first - LEVEL_WEEKS * perWeek) continue;
    const one = ofSlot.get(slot(bucket));
    seen += attempts;
    usual += one ? one.sum / one.count : 0;
  }
  const level = (seen + LEVEL_PRIOR) / (usual + LEVEL_PRIOR);
  return Math.min(LEVEL_RANGE[1], Math.max(LEVEL_RANGE[0], level));
}

/** Without the smallest and the largest where there are at least five: one week of trouble or of a feast does not show. */
function trimmedMean(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const kept = sorted.length >= 5 ? sorted.slice(1, -1) : sorted;
  return sum(kept) / kept.length;
}

function added(buckets: readonly SameHours[]) {
  const parts = new Map<string, { attempts: number; approved: number }>();
  const total = { attempts: 0, approved: 0, gross: 0, refunds: 0 };
  for (const one of buckets) {
    total.attempts += one.attempts;
    total.approved += one.approved;
    total.gross += one.gross;
    total.refunds += one.refunds;
    for (const { dimension, value, attempts, approved } of one.parts) {
      const name = JSON.stringify([dimension, value]);
      const sums = parts.get(name) ?? { attempts: 0, approved: 0 };
      parts.set(name, sums);
      sums.attempts += attempts;
      sums.approved += approved;
    }
  }
  return { ...total, parts };
}

/** Part of a whole, drawn towards a usual share as if `weight` more of the whole had been seen with it. */
function share(part: number, whole: number, usual: number, weight: number): number {
  return (part + usual * weight) / (whole + weight);
}

const sum = (values: readonly number[]) => values.reduce((total, one) => total + one, 0);
