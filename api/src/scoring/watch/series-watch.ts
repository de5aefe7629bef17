import { createWatch, type Watch, type WatchedDimension } from '@tidemark/shared/detection';
import { createCalendar, zoneClock } from '@tidemark/shared/forecasting';
import type { LiveModel } from '../live-forecaster.ts';

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
