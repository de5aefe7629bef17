import type { Series } from '@tidemark/shared/forecasting';
import { completeLength } from './split.ts';

/** Buckets with trade that either part needs, a week's worth. */
export const ENOUGH_TRADE = 84;

/**
 * Whether a series can judge a model: errors of one that hardly trades say nothing about a forecast, their scale is
 * next to nothing.
 * @param testFrom index of the first test bucket.
 */
export function tradesEnough(series: Series, testFrom: number): boolean {
  const trade = (from: number, to: number) =>
    series.states.slice(from, to).filter((state) => state === 'observed').length;
  return trade(0, testFrom) >= ENOUGH_TRADE && trade(testFrom, completeLength(series)) >= ENOUGH_TRADE;
}
