import type { Fan } from '../forecasting/calibration/fan.ts';
import type { MaintenanceEffectKind } from '../vocabulary.ts';
import type { Verdict } from './verdict.ts';

/** A maintenance window or known event over the half-open UTC interval `[from, to)`, in epoch milliseconds. */
export interface CalendarEntry {
  readonly from: number;
  readonly to: number;
  /** The series it speaks of; `null` for all. */
  readonly series: string | null;
  /** `mute`: no alarms; `widen`: limits move away from the median by `factor`. */
  readonly effect: MaintenanceEffectKind;
  /** ≥ 1; read only where the effect is `widen`. */
  readonly factor: number;
}

/** What the calendar says of one bucket. */
export interface MaintenanceEffect {
  readonly muted: boolean;
  /** Product of the factors of all widening entries, ≥ 1. */
  readonly widen: number;
}

/**
 * Whether alarms of a bucket `[start, start + stepMs)` of a series are muted, and the factor its band is widened by;
 * entries apply where they overlap the bucket.
 * @param start milliseconds since the epoch.
 * @example
 * maintenanceEffect([], 'Corner Shop', Date.UTC(2026, 2, 5), 7_200_000); // { muted: false, widen: 1 }
 */
export function maintenanceEffect(
  entries: readonly CalendarEntry[],
  series: string,
  start: number,
  stepMs: number,
): MaintenanceEffect {
  let muted = false;
  let widen = 1;
  for (const entry of entries) {
    if (entry.series !== null && entry.series !== series) continue;
    if (entry.from >= start + stepMs || entry.to <= start) continue;
    if (entry.effect === 'mute') muted = true;
    else widen *= entry.factor;
  }
  return { muted, widen };
}

/** The fan with every limit moved away from the median by `factor` ≥ 1; limits still nest. */
export function widened(fan: Fan, factor: number): Fan {
  if (factor === 1) return fan;
  const move = (limit: number) => fan.median + factor * (limit - fan.median);
  return { median: fan.median, lower: fan.lower.map(move), upper: fan.upper.map(move) };
}

/**
 * The verdict with its flag taken away; that it lay outside stays visible.
 * @example
 * mutedVerdict(verdict).severity; // null
 */
export function mutedVerdict(verdict: Verdict): Verdict {
  return { ...verdict, severity: null };
}
