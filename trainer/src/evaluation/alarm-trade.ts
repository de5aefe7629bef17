import {
  advanceBook,
  type BucketObservation,
  createWatch,
  decodeWatchState,
  defaultBudget,
  encodeWatchState,
  type PartCounts,
  startBook,
  type Watch,
  type WatchState,
  watchedDimensions,
} from '@tidemark/shared/detection';
import {
  type Artifact,
  createCalendar,
  createGrid,
  createRandom,
  type Grid,
  HOUR_MS,
  type Random,
  type Series,
  type SeriesCounts,
  zoneClock,
} from '@tidemark/shared/forecasting';
import { meanOf } from '../numbers.ts';
import { completeLength } from '../training/split.ts';
import { type InjectedKind, injectedKinds, troubled } from './injected-trouble.ts';

/** A share of troubles. */
export interface SeenShare {
  readonly name: string;
  readonly troubles: number;
  readonly seen: number;
}

/** What one budget buys. */
export interface BudgetResult {
  /** False incidents a week for the whole company. */
  readonly budget: number;
  readonly isDefault: boolean;
  /** Over all troubles. */
  readonly seen: number;
  /** Incidents of no injected trouble, a week for the whole company: false ones and troubles of the history's own. */
  readonly others: number;
  readonly kinds: readonly SeenShare[];
  /** By attempts in two hours. */
  readonly sizes: readonly SeenShare[];
}

/** Budget of false alarms → share of injected troubles seen. */
export interface AlarmTrade {
  /** Series tried, and of how many they stand for. */
  readonly series: number;
  readonly counted: number;
  /** Troubles injected, under each budget the same. */
  readonly troubles: number;
  /** By rising budget. */
  readonly budgets: readonly BudgetResult[];
}

/** Budgets tried, in units of the default. */
const MULTIPLES = [0.25, 0.5, 1, 2, 4] as const;
/** Series tried: of all sizes. */
const SERIES = 12;
/** Weeks that the detectors learn from before the first trouble, and weeks with troubles. */
const LEARNED_WEEKS = 26;
const LEAST_LEARNED_WEEKS = 8;
const TESTED_WEEKS = 10;
/** Days from one trouble of a series to the next. */
const EVERY_DAYS = 3.5;
/** Attempts in two hours that tell sizes apart. */
const SIZES = [
  { name: 'under 3', below: 3 },
  { name: '3 to 30', below: 30 },
  { name: '30 to 300', below: 300 },
  { name: 'over 300', below: Number.POSITIVE_INFINITY },
] as const;
/** A value that makes up more of its dimension is the dimension. */
const MOST_SHARE = 0.6;
const SEED = 11;

interface Injected {
  readonly kind: InjectedKind;
  /** Place among the tested buckets, half-open. */
  readonly from: number;
  readonly to: number;
}

interface Tried {
  readonly size: string;
  readonly learned: readonly BucketObservation[];
  readonly tested: readonly BucketObservation[];
  readonly troubles: readonly Injected[];
}

/**
 * What the detectors over counts see, under several budgets, of troubles put into the last weeks of the history; `null`
 * where nothing was counted for long enough.
 * @param counts by series id, see `readPreparedCounts`.
 */
export function alarmTrade(
  artifact: Artifact,
  all: readonly Series[],
  counts: ReadonlyMap<string, SeriesCounts>,
): AlarmTrade | null {
  const { stepMs, timeZone, specialDays } = artifact.metadata;
  const grid = createGrid(stepMs);
  const { perWeek } = grid;
  const counted = all.filter(({ id }) => counts.has(id)).length;
  const random = createRandom(SEED);
  const tried = bySize(all, counts).flatMap((series, place) => {
    const observations = observationsOf(series, counts.get(series.id)!);
    const one = tryOf(observations, grid, place, random);
    return one === null ? [] : [one];
  });
  if (tried.length === 0) return null;
  const clock = zoneClock(timeZone);
  const { special } = createCalendar(stepMs, timeZone, specialDays);
  const usual = defaultBudget(counted);
  const outcomes = MULTIPLES.map(() => [] as Outcome[]);
  for (const [place, one] of tried.entries()) {
    const dimensions = watchedDimensions(partsOf(one.learned));
    const watches = MULTIPLES.map((multiple) =>
      createWatch({ stepMs, clock, special, dimensions, falsePerSeriesWeek: (multiple * usual) / counted }),
    );
    const state = watches[0]!.start();
    for (const observation of one.learned) watches[0]!.observe(state, observation);
    const bytes = encodeWatchState(state);
    const value = largestValue(one.learned);
    watches.forEach((watch, k) => {
      const own = createRandom(1_000 * SEED + place);
      outcomes[k]!.push(outcomeOf(one, { watch, state: bytes }, { value, random: own }));
    });
  }
  return {
    series: tried.length,
    counted,
    troubles: tried.reduce((sum, { troubles }) => sum + troubles.length, 0),
    budgets: MULTIPLES.map((multiple, k) => {
      const found = outcomes[k]!.flatMap(({ seen }) => seen);
      return {
        budget: multiple * usual,
        isDefault: multiple === 1,
        seen: found.filter(({ hit }) => hit).length / found.length,
        others: counted * perWeek * meanOf(outcomes[k]!, ({ others }) => others),
        kinds: sharesOf(
          found,
          ({ kind }) => kind,
          injectedKinds(stepMs / HOUR_MS).map(({ name }) => name),
        ),
        sizes: sharesOf(
          found,
          ({ size }) => size,
          SIZES.map(({ name }) => name),
        ),
      };
    }),
  };
}

/** Some of the series that are counted, of all sizes: every so many of those that sell, by size. */
function bySize(all: readonly Series[], counts: ReadonlyMap<string, SeriesCounts>): Series[] {
  const total = (series: Series) => counts.get(series.id)!.attempts.reduce((sum, one) => sum + (one || 0), 0);
  const sorted = all
    .filter(({ id }) => counts.has(id))
    .map((series) => ({ series, total: total(series) }))
    .filter((one) => one.total > 0)
    .sort((one, other) => other.total - one.total);
  const every = Math.max(1, sorted.length / SERIES);
  return Array.from({ length: Math.min(SERIES, sorted.length) }, (_, k) => sorted[Math.floor(k * every)]!.series);
}

/** What was counted in the complete buckets of a series. */
function observationsOf(series: Series, counts: SeriesCounts): BucketObservation[] {
  const { firstBucket } = series;
  const found: BucketObservation[] = [];
  for (let k = 0; k < completeLength(series); k++) {
    if (Number.isNaN(counts.attempts[k]!)) continue;
    // A series that has not opened yet is not silent: its usual begins with its first attempt.
    if (found.length === 0 && counts.attempts[k] === 0) continue;
    found.push({
      bucket: firstBucket + k,
      counts: {
        attempts: counts.attempts[k]!,
        approved: counts.approved[k]!,
        sales: counts.sales[k]!,
        logSum: counts.logSum[k]!,
        logSquares: counts.logSquares[k]!,
      },
      parts: counts.parts.map(({ dimension, value, attempts, approved }) => ({
        dimension,
        value,
        attempts: attempts[k]!,
        approved: approved[k]!,
      })),
    });
  }
  return found;
}

/** What is learned from, what is tested, and where the troubles lie; `null` where the history is too short. */
function tryOf(
  observations: readonly BucketObservation[],
  { stepMs, perWeek }: Grid,
  place: number,
  random: Random,
): Tried | null {
  const weeks = observations.length / perWeek;
  const testedWeeks = Math.min(TESTED_WEEKS, weeks - LEAST_LEARNED_WEEKS);
  if (testedWeeks < 1) return null;
  const from = observations.length - Math.round(testedWeeks * perWeek);
  const learned = observations.slice(Math.max(0, from - LEARNED_WEEKS * perWeek), from);
  const tested = observations.slice(from);
  const perHour = HOUR_MS / stepMs;
  const attempts = learned.reduce((sum, { counts }) => sum + (counts?.attempts ?? 0), 0);
  const inTwoHours = (attempts / learned.length) * 2 * perHour;
  const hasParts = partsOf(learned).length > 0;
  const kinds = injectedKinds(stepMs / HOUR_MS).filter(({ name }) => hasParts || !name.startsWith('a value'));
  const troubles: Injected[] = [];
  const every = Math.round(EVERY_DAYS * 24 * perHour);
  for (let slot = every; slot + every <= tested.length; slot += every) {
    const kind = kinds[(place + troubles.length) % kinds.length]!;
    const length = kind.hours * perHour;
    const at = busyPlace(tested, slot - every + random.below(Math.max(1, Math.round(24 * perHour))), length, perHour);
    troubles.push({ kind, from: at, to: at + length });
  }
  return { size: SIZES.find(({ below }) => inTwoHours < below)!.name, learned, tested, troubles };
}

/** The first place within two days that is not much quieter than usual; `slot` itself where none is. */
function busyPlace(tested: readonly BucketObservation[], slot: number, length: number, perHour: number): number {
  const attempts = (from: number, to: number) =>
    tested.slice(from, to).reduce((sum, { counts }) => sum + (counts?.attempts ?? 0), 0) / Math.max(1, to - from);
  const usual = attempts(0, tested.length);
  const looked = Math.min(length, Math.max(1, Math.round(6 * perHour)));
  for (let at = slot; at < slot + 48 * perHour; at++) {
    if (attempts(at, at + looked) >= 0.8 * usual) return at;
  }
  return slot;
}

function partsOf(observations: readonly BucketObservation[]): readonly PartCounts[] {
  return observations.at(-1)?.parts ?? [];
}

/** The largest value of a dimension that is not nearly all of it. */
function largestValue(learned: readonly BucketObservation[]): Pick<PartCounts, 'dimension' | 'value'> | undefined {
  const totals = partsOf(learned).map((part, k) => ({
    ...part,
    attempts: learned.reduce((sum, { parts }) => sum + (parts?.[k]?.attempts ?? 0), 0),
  }));
  const all = learned.reduce((sum, { counts }) => sum + (counts?.attempts ?? 0), 0);
  return totals.filter(({ attempts }) => attempts <= MOST_SHARE * all).sort((a, b) => b.attempts - a.attempts)[0];
}

interface Outcome {
  readonly seen: readonly { readonly kind: string; readonly size: string; readonly hit: boolean }[];
  /** Incidents that a tested bucket raises where nothing was injected, on average. */
  readonly others: number;
}

/** What troubles are made with. */
interface Troubling {
  /** The value that those of one value hit. */
  readonly value: Pick<PartCounts, 'dimension' | 'value'> | undefined;
  readonly random: Random;
}

/**
 * Runs the tested weeks twice. With their troubles it says which of them raised an incident on their side, two buckets late
 * at most. What else comes is counted without them: they take up much of the time, and thresholds move with them.
 */
function outcomeOf(
  { tested, troubles, size }: Tried,
  { watch, state }: { readonly watch: Watch; readonly state: Uint8Array },
  { value, random }: Troubling,
): Outcome {
  const started = () => ({ watch, state: decodeWatchState(state) });
  const raised = raisedIn(
    tested.map((observation, place) => {
      const trouble = troubles.find(({ from, to }) => place >= from && place < to);
      return trouble ? troubled(observation, trouble.kind, value, random) : observation;
    }),
    started(),
  );
  return {
    seen: troubles.map(({ kind, from, to }) => ({
      kind: kind.name,
      size,
      hit: raised.some(({ place, side }) => side === kind.side && place >= from && place < to + 2),
    })),
    others: raisedIn(tested, started()).length / tested.length,
  };
}

/** Where incidents are raised, as places among the observations, and on which side. */
function raisedIn(
  observations: readonly BucketObservation[],
  { watch, state }: { readonly watch: Watch; readonly state: WatchState },
): { place: number; side: string }[] {
  const book = startBook();
  return observations.flatMap((observation, place) => {
    watch.observe(state, observation);
    const { bucket } = observation;
    const { incidents } = advanceBook(book, bucket, [watch.report(state, 'series', bucket, false)]);
    return incidents.filter(({ raised }) => raised === bucket).map(({ side }) => ({ place, side }));
  });
}

function sharesOf<T extends { readonly hit: boolean }>(
  found: readonly T[],
  nameOf: (one: T) => string,
  names: readonly string[],
): SeenShare[] {
  return names.flatMap((name) => {
    const own = found.filter((one) => nameOf(one) === name);
    const hits = own.filter(({ hit }) => hit).length;
    return own.length === 0 ? [] : [{ name, troubles: own.length, seen: hits / own.length }];
  });
}
