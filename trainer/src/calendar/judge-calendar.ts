import {
  createCalendar,
  type NetworkShape,
  type Series,
  type SeriesModel,
  type SpecialDays,
} from '@tidemark/shared/forecasting';
import type { TrainingBackend } from '../network/training-backend.ts';
import { mean } from '../numbers.ts';
import { splitOfSeries } from '../training/split.ts';
import { cutBatch, type TrainingSeries, trainingSeries, type Window } from '../training/windows.ts';

/** Losses of forecasts of the same buckets with and without the calendar, in scales. */
export interface WithAndWithout {
  readonly with: number;
  readonly without: number;
}

/** Losses with and without a calendar on held-out weeks, and the decision. */
export interface CalendarTrial {
  readonly used: boolean;
  /** In words for people. */
  readonly reason: string;
  /** Special local dates among the held-out ones. */
  readonly specialDates: number;
  /** Ids of the series that are better off without it; all others use it. */
  readonly ignoredBy: readonly string[];
  /** On all held-out weeks, the calendar used where it helps, or everywhere if it helps nowhere; `null` where there were no special dates. */
  readonly everyDay: WithAndWithout | null;
  /** On forecasts of those dates, the calendar used by every series. */
  readonly specialDay: WithAndWithout | null;
}

/** A calendar is used up to this share of the loss without it. */
const MAX_LOSS_RATIO = 1.002;
/** Special dates that all series together count as, in the decision on one. */
const POOLED_DATES = 2;
/** Distance of the origins compared, in buckets: no divisor of the day, so that every hour is covered. */
const CALENDAR_STRIDE = 7;
const BATCH = 64;

/** A series and its parameters so far. */
export interface Candidate {
  readonly series: Series;
  readonly model: SeriesModel;
}

/** Special days, which are local dates, and the zone they are local to. */
interface ZonedDays {
  readonly timeZone: string;
  readonly specialDays: SpecialDays;
}

/** What the calendar did to one series. */
interface SeriesTrial {
  readonly id: string;
  readonly every: WithAndWithout;
  /** Per forecast of a special date. */
  readonly special: WithAndWithout;
  readonly dates: ReadonlySet<number>;
}

/**
 * Losses of the network's forecasts with and without special days on the held-out weeks of all series: from the end of
 * the training windows to the start of the test part. The weights are the same on both sides; without the calendar its
 * inputs are 0 and holidays enter the base forecast like any other day. Each series decides by its own special dates and
 * by what they did to all series together, which count as two dates: many shops close on a holiday, a call centre may not.
 * @param backend has the trained weights.
 */
export function judgeCalendar(
  backend: TrainingBackend,
  shape: NetworkShape,
  candidates: readonly Candidate[],
  days: ZonedDays,
): CalendarTrial {
  const trials = candidates.map((one) => trialOf(backend, shape, one, days));
  const specialDates = new Set(trials.flatMap(({ dates }) => [...dates])).size;
  if (specialDates === 0) {
    const reason = 'no special day in the held-out weeks to judge it by';
    return { used: false, reason, specialDates, ignoredBy: [], everyDay: null, specialDay: null };
  }
  const special = meanOf(trials.map((one) => one.special));
  const ignoredBy = trials.filter((one) => isWorse(one, special)).map(({ id }) => id);
  const isHelpful = ignoredBy.length < trials.length;
  const isIgnored = new Set(isHelpful ? ignoredBy : []);
  const every = meanOf(
    trials.map(({ id, every: { with: own, without } }) => ({ with: isIgnored.has(id) ? without : own, without })),
  );
  const ignored = isIgnored.size === 0 ? '' : `; not used by ${ignoredBy.length} of ${trials.length} series`;
  return {
    used: isHelpful && every.with <= MAX_LOSS_RATIO * every.without,
    reason: `loss ${change(every)} on held-out weeks, ${change(special)} on their ${specialDates} special days${ignored}`,
    specialDates,
    ignoredBy,
    everyDay: every,
    specialDay: special,
  };
}

function trialOf(
  backend: TrainingBackend,
  shape: NetworkShape,
  { series, model }: Candidate,
  { timeZone, specialDays }: ZonedDays,
): SeriesTrial {
  const calendar = createCalendar(series.stepMs, timeZone, specialDays);
  const isSpecial = (bucket: number) => calendar.special(bucket) !== undefined;
  const split = splitOfSeries(series);
  const heldOut = { ...split, trainEnd: split.calibrationEnd, validationEnd: split.calibrationEnd };
  // Effects are fitted again from the first bucket on, as in the training of the network.
  const { trainedThrough: _through, ...parameters } = model;
  const [used, plain] = [calendar, createCalendar(series.stepMs, timeZone)].map((one) =>
    windowsOf(trainingSeries(series, heldOut, { calendar: one, horizons: shape.horizons }, parameters)),
  ) as [Window[], Window[]];
  const losses = (asked: (bucket: number) => boolean) => ({
    with: meanLoss(backend, shape, used, asked),
    without: meanLoss(backend, shape, plain, asked),
  });
  const dates = new Set<number>();
  for (let i = heldOut.learnEnd; i < heldOut.trainEnd; i++) {
    const bucket = series.firstBucket + i;
    if (isSpecial(bucket)) dates.add(calendar.dayOf(bucket));
  }
  return { id: series.id, every: losses(() => true), special: losses(isSpecial), dates };
}

/** Whether a series lost more with the calendar on its special dates, drawn towards what all series lost on theirs. */
function isWorse({ special, dates }: SeriesTrial, pooled: WithAndWithout): boolean {
  const sum = (side: keyof WithAndWithout) => dates.size * special[side] + POOLED_DATES * pooled[side];
  return sum('with') > MAX_LOSS_RATIO * sum('without');
}

function meanOf(losses: readonly WithAndWithout[]): WithAndWithout {
  return { with: mean(losses.map((one) => one.with)), without: mean(losses.map(({ without }) => without)) };
}

function windowsOf(series: TrainingSeries): Window[] {
  const [from, to] = series.validate;
  const windows: Window[] = [];
  for (let origin = from; origin < to; origin += CALENDAR_STRIDE) windows.push({ series, origin, lossUnit: 1 });
  return windows;
}

/** Mean pinball loss, the next bucket counting more, of the targets that are `asked` for; 0 where there are none. */
function meanLoss(
  backend: TrainingBackend,
  shape: NetworkShape,
  windows: readonly Window[],
  asked: (bucket: number) => boolean,
): number {
  const { horizons } = shape;
  let sum = 0;
  let terms = 0;
  for (let from = 0; from < windows.length; from += BATCH) {
    const part = windows.slice(from, from + BATCH);
    const batch = cutBatch(part, shape);
    let kept = 0;
    part.forEach(({ origin }, i) => {
      for (let h = 1; h <= horizons; h++) {
        if (asked(origin + h)) kept++;
        else batch.weight[i * horizons + h - 1] = 0;
      }
    });
    if (kept > 0) sum += backend.loss(batch) * part.length * horizons;
    terms += kept;
  }
  return terms === 0 ? 0 : sum / terms;
}

function change(losses: WithAndWithout): string {
  const by = losses.with / losses.without - 1;
  return `${(100 * Math.abs(by)).toFixed(1)} % ${by > 0 ? 'higher' : 'lower'}`;
}
