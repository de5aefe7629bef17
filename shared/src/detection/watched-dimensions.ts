import { OTHER_VALUES } from '../forecasting/series/counts.ts';
import type { WatchedDimension } from './watch.ts';

/** Values of a dimension that are watched in one series. */
const MOST_VALUES = 24;

/**
 * The dimensions of a series' parts with the values that are watched, in a fixed order; the rest of many values as one
 * is not.
 * @example
 * watchedDimensions([{ dimension: 'channel', value: 'web' }, { dimension: 'channel', value: 'app' }]);
 * // [{ name: 'channel', values: ['app', 'web'] }]
 */
export function watchedDimensions(
  parts: readonly { readonly dimension: string; readonly value: string }[],
): WatchedDimension[] {
  const values = new Map<string, string[]>();
  for (const { dimension, value } of parts) {
    const list = values.get(dimension) ?? [];
    if (value !== OTHER_VALUES && list.length < MOST_VALUES) list.push(value);
    values.set(dimension, list);
  }
  return [...values]
    .map(([name, list]) => ({ name, values: list.sort() }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
