import type { Series } from '@tidemark/shared/forecasting';
import { completeLength } from './split.ts';

/** Buckets with trade needed in either part, whatever their length: with fewer, errors are chance. */
export const ENOUGH_TRADE = 84;

/** Buckets with trade of a series before and from the first test bucket on. */
function tradeOf(series: Series, testFrom: number): { readonly before: number; readonly test: number } {
  const trade = (from: number, to: number) =>
    series.states.slice(from, to).filter((state) => state === 'observed').length;
  return { before: trade(0, testFrom), test: trade(testFrom, completeLength(series)) };
}

/**
 * Whether a series trades often enough to evaluate a model on: with hardly any trade, errors have no scale.
 * @param testFrom index of the first test bucket.
 */
export function tradesEnough(series: Series, testFrom: number): boolean {
  const { before, test } = tradeOf(series, testFrom);
  return before >= ENOUGH_TRADE && test >= ENOUGH_TRADE;
}

/**
 * Why none of several series can be judged, in words for people.
 * @param testFrom index of a series' first test bucket; 0 where a model knows too little of it to have a test part.
 */
export function whyNotJudged(all: readonly Series[], testFrom: (series: Series) => number): string {
  const [most] = all
    .filter((series) => testFrom(series) > 0)
    .map((series) => ({ id: series.id, ...tradeOf(series, testFrom(series)) }))
    .sort((one, other) => other.test - one.test);
  if (!most) return 'all series are on cold start: their history is too short to be judged by';
  return (
    `no series has ${ENOUGH_TRADE} buckets with trade in its last fifth and as many before; ` +
    `most has "${most.id}": ${most.test} and ${most.before}. A longer history, or shorter buckets (stepHours), has more`
  );
}
