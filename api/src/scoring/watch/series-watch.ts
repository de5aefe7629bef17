import { createWatch, type Watch, type WatchedDimension } from '@tidemark/shared/detection';
import { createCalendar, OTHER_VALUES, zoneClock } from '@tidemark/shared/forecasting';
import type { LiveModel } from '../live-forecaster.ts';

/** Values of a dimension that are watched in one series. */
const MOST_VALUES = 24;

/** The dimensions of a series' parts with the values that are watched, in a fixed order. */
export function dimensionsOf(
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

/** Gives the watch for a series' dimensions; series of the same dimensions share one. */
export function watchesOf(model: LiveModel, falsePerSeriesWeek: number): (dimensions: WatchedDimension[]) => Watch {
  const { stepMs } = model.forecaster;
  const { timeZone, specialDays } = model.artifact.metadata;
  const calendar = createCalendar(stepMs, timeZone, specialDays);
  const clock = zoneClock(timeZone);
  const made = new Map<string, Watch>();
  return (dimensions) => {
    const shape = JSON.stringify(dimensions);
    let watch = made.get(shape);
    if (!watch) {
      watch = createWatch({ stepMs, clock, special: calendar.special, dimensions, falsePerSeriesWeek });
      made.set(shape, watch);
    }
    return watch;
  };
}
