import type { SeriesModel } from '../artifact.ts';
import { indifference } from '../base/effects.ts';
import { normalScore } from '../calibration/normal.ts';
import { BASE, LAST_WEEK, NETWORK, type QuantileForecast } from '../calibration/quantile-forecast.ts';
import { issuedAt } from '../calibration/scores.ts';
import { writeSequence, writeTarget } from '../features/inputs.ts';
import { QUANTILE_LEVELS, QUANTILES, quantilesFromRaw } from '../network/quantiles.ts';
import { untrainedRaw } from '../network/topology.ts';
import { calendarOf, type ForecasterContext } from './context.ts';
import { isRipe } from './serving.ts';
import type { ForecasterState } from './state.ts';
import { correctNetwork } from './surprises.ts';

type Calendars = Pick<ForecasterContext, 'calendar' | 'plainCalendar'>;

/** Part of the scale added to the spread, so that quiet slots keep a band that can learn. */
export const SPREAD_FLOOR = 0.1;

/** Place of the median among the quantiles. */
const MEDIAN = QUANTILE_LEVELS.indexOf(0.5);

/** Quantiles of a forecast that knows only its spread, in spreads. */
const NORMAL = new Float32Array(QUANTILES);
quantilesFromRaw(untrainedRaw(), 0, NORMAL, 0);

/** Issues base forecast and last week's value with their spread, from the last bucket observed. */
export function issueSimple(context: Calendars, state: ForecasterState, model: SeriesModel): void {
  const { base: track, issuedQuantiles: issued } = state;
  const { horizons } = track;
  for (const by of [BASE, LAST_WEEK] as const) {
    for (let h = 1; h <= horizons; h++) {
      issued.set(NORMAL, issuedAt(state, by, track.origin, h));
      place(context, state, model, by, h);
    }
  }
  // Until the network forecasts from here, its place holds the base forecast.
  const from = issuedAt(state, BASE, track.origin, 1);
  issued.copyWithin(issuedAt(state, NETWORK, track.origin, 1), from, from + horizons * QUANTILES);
}

/** Issues the network's quantiles, from the last bucket observed. */
export function issueNetwork(context: ForecasterContext, state: ForecasterState, model: SeriesModel): void {
  const { network, lookback, sequence, target, horizons } = context;
  const calendar = calendarOf(context, model);
  const { base: track } = state;
  state.issuedQuantilesOrigin = track.origin;
  if (model.base === 'nothing' || !isRipe(state) || !needsNetwork(context, model)) return;
  writeSequence(track, calendar, track.origin, lookback, sequence, 0);
  writeTarget(track, calendar, track.origin, target, 0);
  const raw = network.run(network.inputs[0]?.name === 'sequence' ? [sequence, target] : [target, sequence]);
  for (let h = 1; h <= horizons; h++) {
    quantilesFromRaw(raw, (h - 1) * QUANTILES, state.issuedQuantiles, issuedAt(state, NETWORK, track.origin, h));
    place(context, state, model, NETWORK, h);
    correctNetwork(state, model, h);
  }
}

/** Nobody compares with the network where who serves is fixed. */
function needsNetwork({ followLosses }: ForecasterContext, { servedBy }: SeriesModel): boolean {
  return followLosses || servedBy === 'lstm' || servedBy === 'cold-start';
}

/** Turns issued quantiles, in spreads around a centre, into volumes. */
function place(
  calendars: Calendars,
  state: ForecasterState,
  model: SeriesModel,
  by: QuantileForecast,
  h: number,
): void {
  const { base: track, issuedQuantiles: issued } = state;
  const at = issuedAt(state, by, track.origin, h);
  const row = (track.origin & track.issuedMask) * track.horizons + h - 1;
  const unit = track.spread[row]! + SPREAD_FLOOR * model.scale;
  const lastWeek = by === LAST_WEEK && track.count >= track.perWeek;
  const center = lastWeek
    ? track.values[calendarOf(calendars, model).earlier(track.origin + h, track.perWeek) & track.mask]!
    : track.base[row]!;
  for (let q = 0; q < QUANTILES; q++) issued[at + q] = center + unit * issued[at + q]!;
  const effect = lastWeek ? 0 : track.effect[row]!;
  const day = effect === 0 ? undefined : calendarOf(calendars, model).special(track.origin + h);
  if (day) allowOrdinaryDay(issued, at, effect, indifference(track.effectSums, day, track.perDay));
}

/**
 * Widens quantiles on the side of an ordinary bucket: those of a mixture in which the effect they count on does not come
 * with a probability. The median stays.
 */
function allowOrdinaryDay(quantiles: Float32Array, at: number, effect: number, probability: number): void {
  const median = quantiles[at + MEDIAN]!;
  const side = effect < 0 ? 1 : -1;
  const spread = Math.abs(quantiles[at + MEDIAN + side]! - median) / normalScore(QUANTILE_LEVELS[MEDIAN + 1]!);
  for (const q of [MEDIAN + side, MEDIAN + 2 * side]) {
    const beyond = 1 - QUANTILE_LEVELS[Math.max(q, QUANTILES - 1 - q)]!;
    if (beyond >= probability) continue;
    const ordinary = median - effect + side * spread * normalScore(1 - beyond / probability);
    quantiles[at + q] = side * Math.max(side * quantiles[at + q]!, side * ordinary);
  }
}
