import type { Series } from '@tidemark/shared/forecasting';
import { completeLength } from './split.ts';

/** Buckets with trade needed in either part: a week of two-hour buckets. */
export const ENOUGH_TRADE = 84;

/**
 * Whether a series trades often enough to evaluate a model on: with hardly any trade, errors have no scale.
 * @param testFrom index of the first test bucket.
 */
export function tradesEnough(series: Series, testFrom: number): boolean {
  const trade = (from: number, to: number) =>
    series.states.slice(from, to).filter((state) => state === 'observed').length;
  return trade(0, testFrom) >= ENOUGH_TRADE && trade(testFrom, completeLength(series)) >= ENOUGH_TRADE;
}
