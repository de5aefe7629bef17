import type { AlarmRules } from './rules.ts';
import type { Verdict } from './verdict.ts';

/**
 * The verdicts that alarm: flagged, with at least `needed` flags on the same side among the last
 * `among` buckets, themselves included. Looks back only. Buckets without a verdict (feed down)
 * count as not flagged.
 * @param verdicts of one series, by rising bucket.
 */
export function alarms(verdicts: readonly Verdict[], rules: Pick<AlarmRules, 'needed' | 'among'>): Verdict[] {
  return verdicts.filter(
    (verdict, index) => verdict.severity !== null && flagsUpTo(verdicts, index, rules.among) >= rules.needed,
  );
}

function flagsUpTo(verdicts: readonly Verdict[], index: number, among: number): number {
  const last = verdicts[index] as Verdict;
  let flags = 0;
  for (let i = index; i >= 0; i--) {
    const verdict = verdicts[i] as Verdict;
    if (verdict.bucket <= last.bucket - among) break;
    if (verdict.severity !== null && verdict.direction === last.direction) flags++;
  }
  return flags;
}
