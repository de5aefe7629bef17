import { UserError } from '../errors.ts';

/** A half-open stretch of time `[fromMs, toMs)` inside one calendar month (UTC). */
export interface Window {
  /** `YYYY-MM`, the month it lies in. */
  readonly month: string;
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * Calendar months that tile `[fromMs, toMs)` exactly: the first and the last are cut where the range is, and nothing is
 * left out or covered twice.
 * @throws UserError `invalid-range` unless both are finite and in order.
 */
export function monthWindows(fromMs: number, toMs: number): Window[] {
  if (!(Number.isFinite(fromMs) && Number.isFinite(toMs) && fromMs <= toMs)) {
    throw new UserError('invalid-range', `invalid range; not from a time to a later one: ${fromMs} to ${toMs}`);
  }
  const windows: Window[] = [];
  for (let start = fromMs; start < toMs; ) {
    const date = new Date(start);
    const nextMonth = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1);
    const end = Math.min(nextMonth, toMs);
    windows.push({ month: date.toISOString().slice(0, 7), fromMs: start, toMs: end });
    start = end;
  }
  return windows;
}
