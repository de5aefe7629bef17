import type { BandRowReason } from '@tidemark/shared/contract';
import { HOUR_MS } from '@tidemark/shared/forecasting';
import { SEVERITIES } from '@tidemark/shared/vocabulary';
import type { StoredVerdict } from '../store/rows.ts';
import { evidenceSentence } from './alarm-rows.ts';
import type { RowStyle } from './row-style.ts';

/**
 * What detectors hold against the buckets of one series, by bucket: of several the worst, then the one furthest beyond its
 * threshold.
 */
export function reasonsOf(
  alarms: readonly StoredVerdict[],
  { stepMs, language }: Pick<RowStyle, 'stepMs' | 'language'>,
): Map<number, BandRowReason> {
  const strongest = new Map<number, StoredVerdict>();
  for (const alarm of alarms) {
    const other = strongest.get(alarm.bucket);
    if (other === undefined || rank(alarm) > rank(other)) strongest.set(alarm.bucket, alarm);
  }
  const found = new Map<number, BandRowReason>();
  for (const [
    bucket,
    { direction: side, alarm: severity, cause, causeValue, detector, observed, expected, window },
  ] of strongest) {
    if (side === null || severity === null || cause === null) continue;
    const hours = (window * stepMs) / HOUR_MS;
    const sentence = evidenceSentence({ side, cause, causeValue, detector, observed, expected, hours }, language);
    found.set(bucket, { direction: side, severity, sentence });
  }
  return found;
}

/** Severity before score, which is at most 999. */
function rank({ alarm, score }: StoredVerdict): number {
  return alarm === null ? -1 : 1_000 * SEVERITIES.indexOf(alarm) + score;
}
