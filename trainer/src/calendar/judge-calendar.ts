import {
  createCalendar,
  type NetworkShape,
  type Series,
  type SeriesModel,
  type SpecialDays,
} from '@tidemark/shared/forecasting';
import type { TrainingBackend } from '../network/training-backend.ts';
import { completeLength, splitOf } from '../training/split.ts';
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
  /** On all held-out weeks; `null` where there were no special dates. */
  readonly everyDay: WithAndWithout | null;
  /** On forecasts of those dates. */
  readonly specialDay: WithAndWithout | null;
}

/** A calendar is used up to this share of the loss without it. */
const MAX_LOSS_RATIO = 1.002;
/** Distance of the origins compared, in buckets: no divisor of the day, so that every hour is covered. */
const CALENDAR_STRIDE = 7;
const BATCH = 64;

/** A series and its parameters so far. */
export interface Candidate {
  readonly series: Series;
  readonly model: SeriesModel;
}

/**
 * Losses of the network's forecasts with and without special days on the held-out weeks of all series: from the end of
 * the training windows to the start of the test part. The weights are the same on both sides; without the calendar its
 * inputs are 0 and holidays enter the base forecast like any other day.
 * @param backend has the trained weights.
 */
export function judgeCalendar(
  backend: TrainingBackend,
  shape: NetworkShape,
  candidates: readonly Candidate[],
  { timeZone, specialDays }: { readonly timeZone: string; readonly specialDays: SpecialDays },
): CalendarTrial {
  const every = { with: 0, without: 0 };
  const special = { with: 0, without: 0 };
  const dates = new Set<number>();
  for (const { series, model } of candidates) {
    const calendar = createCalendar(series.stepMs, timeZone, specialDays);
    const isSpecial = (bucket: number) => calendar.special(bucket) !== undefined;
    const split = splitOf(completeLength(series));
    const heldOut = { ...split, trainEnd: split.calibrationEnd };
    // Effects are fitted again from the first bucket on, as in the training of the network.
    const { trainedThrough: _through, ...parameters } = model;
    for (const side of ['with', 'without'] as const) {
      const used = side === 'with' ? calendar : createCalendar(series.stepMs, timeZone);
      const windows = windowsOf(
        trainingSeries(series, heldOut, { calendar: used, horizons: shape.horizons }, parameters),
      );
      every[side] += meanLoss(backend, shape, windows, () => true);
      special[side] += meanLoss(backend, shape, windows, isSpecial);
    }
    for (let i = heldOut.learnEnd; i < heldOut.trainEnd; i++) {
      const bucket = series.firstBucket + i;
      if (isSpecial(bucket)) dates.add(calendar.dayOf(bucket));
    }
  }
  if (dates.size === 0) {
    const reason = 'no special day in the held-out weeks to judge it by';
    return { used: false, reason, specialDates: 0, everyDay: null, specialDay: null };
  }
  const n = candidates.length;
  const mean = (sums: WithAndWithout) => ({ with: sums.with / n, without: sums.without / n });
  return {
    used: every.with <= MAX_LOSS_RATIO * every.without,
    reason: `loss ${change(every)} on held-out weeks, ${change(special)} on their ${dates.size} special days`,
    specialDates: dates.size,
    everyDay: mean(every),
    specialDay: mean(special),
  };
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
