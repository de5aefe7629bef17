import type { ServedBy } from '../../vocabulary.ts';
import type { SeriesModel } from '../artifact.ts';
import { tradingShare } from '../hurdle/trade-rate.ts';
import { CANDIDATES, ENOUGH, HURDLE, TAKES_OVER } from './candidates.ts';
import type { SeriesState } from './forecaster.ts';
import { BUSY_SHARE, SPARSE_SHARE, servedByOf, servingNow } from './serving.ts';
import { asForecasterState } from './state.ts';

/** Who serves a series after the last bucket its state has seen, and the comparison behind it. */
export interface ServiceNow {
  readonly servedBy: ServedBy;
  /** In words for people. */
  readonly reason: string;
  /**
   * What the bands of each candidate that competes lost in the last weeks, as a multiple of what those of the one that
   * serves lost. Empty where less than a week could be compared.
   */
  readonly losses: Partial<Record<ServedBy, number>>;
}

/**
 * Who serves a series now, and why, where the forecaster follows the losses.
 * @param model the series' parameters in its artifact.
 * @throws TypeError when another forecaster made the state.
 * @example
 * explainService(model, state).losses; // { lstm: 1, base: 1.31, 'seasonal-naive': 1.92 }
 */
export function explainService(model: SeriesModel, state: SeriesState): ServiceNow {
  const remembered = asForecasterState(state);
  const by = servingNow({ followLosses: true }, remembered, model);
  const servedBy = servedByOf(remembered, model, by);
  const share = tradingShare(remembered.hurdle.rate);
  const losses = lossesOf(remembered.losses, by, share < BUSY_SHARE);
  return { servedBy, losses, reason: reasonOf(model, { servedBy, losses, share }) };
}

function lossesOf(sums: Float64Array, by: number, hurdleCompetes: boolean): ServiceNow['losses'] {
  if (sums[CANDIDATES.length]! < ENOUGH || !(sums[by]! > 0)) return {};
  const competing = CANDIDATES.map((name, k) => [name, sums[k]! / sums[by]!] as const);
  return Object.fromEntries(competing.filter((_, k) => k !== HURDLE || k === by || hurdleCompetes));
}

function reasonOf(model: SeriesModel, now: Pick<ServiceNow, 'servedBy' | 'losses'> & { share: number }): string {
  const { servedBy, losses, share } = now;
  if (model.base === 'nothing') return model.reason;
  if (share < SPARSE_SHARE) {
    return `trade in ${percentOf(share)} of buckets: under ${percentOf(SPARSE_SHARE)} the hurdle model serves, whatever it loses`;
  }
  const chosen = losses[model.servedBy];
  if (chosen === undefined) return `chosen in training (${model.reason}); less than a week to compare since`;
  const less = `${Math.round(100 * (1 - TAKES_OVER))} % less`;
  if (servedBy === model.servedBy) return `chosen in training; no other loses ${less}`;
  return `took over from ${model.servedBy}, which loses ${chosen.toFixed(2)} times as much now; no other loses ${less}`;
}

function percentOf(share: number): string {
  return `${(100 * share).toFixed(share < 0.01 ? 1 : 0)} %`;
}
