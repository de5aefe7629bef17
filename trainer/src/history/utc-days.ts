import { DAY_MS, zoneClock } from '@tidemark/shared/forecasting';
import { type Config, stepMsOf } from '../config.ts';

/**
 * What to know of buckets of a day where the merchants live by another clock than UTC, in words; `null` of shorter buckets,
 * and where days are UTC's.
 * @param atMs an instant of the year whose changes of the clock are named.
 */
export function utcDaysNote(config: Config, atMs: number): string | null {
  if (stepMsOf(config) < DAY_MS) return null;
  const clock = zoneClock(config.timeZone);
  const year = new Date(atMs).getUTCFullYear();
  const midnights = [Date.UTC(year, 0, 1), Date.UTC(year, 6, 1)];
  const begins = [...new Set(midnights.map((ms) => clock.localText(ms).slice(11, 16)))].sort();
  if (begins.every((begin) => begin === '00:00')) return null;
  return `buckets of 24 hours are days of UTC: they begin at ${begins.join(' or ')} in ${config.timeZone}; set stepHours to 12 or less, and add up, for days of that clock`;
}
