import { createWatch, type Watch, watchedDimensions } from '@tidemark/shared/detection';
import { createCalendar, zoneClock } from '@tidemark/shared/forecasting';
import type { LiveModel } from '../live-forecaster.ts';

/** A value of a dimension that a series has been counted by. */
interface Part {
  readonly dimension: string;
  readonly value: string;
}

/** Gives the watch for a series' parts; series of the same dimensions share one. */
export function watchesOf(model: LiveModel, falsePerSeriesWeek: number): (parts: readonly Part[]) => Watch {
  const { stepMs } = model.forecaster;
  const { timeZone, specialDays } = model.artifact.metadata;
  const calendar = createCalendar(stepMs, timeZone, specialDays);
  const clock = zoneClock(timeZone);
  const made = new Map<string, Watch>();
  // Series of the same parts come with one list of them.
  const ofParts = new Map<readonly Part[], Watch>();
  return (parts) => {
    const known = ofParts.get(parts);
    if (known) return known;
    const dimensions = watchedDimensions(parts);
    const shape = JSON.stringify(dimensions);
    const watch =
      made.get(shape) ?? createWatch({ stepMs, clock, special: calendar.special, dimensions, falsePerSeriesWeek });
    made.set(shape, watch);
    ofParts.set(parts, watch);
    return watch;
  };
}
