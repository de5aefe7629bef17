import type { AlarmRules } from './rules.ts';
import type { Judgement } from './verdict.ts';

/**
 * The verdicts that alarm: flagged, with at least `needed` flags on the same side among the last
 * `among` buckets, themselves included. Looks back only. Buckets without a verdict (feed down)
 * count as not flagged.
 * @param verdicts of one series and one detector, by rising bucket.
 * @example
 * alarms(verdicts, { needed: 2, among: 3 });
 */
export function alarms<J extends Judgement>(verdicts: readonly J[], rules: Pick<AlarmRules, 'needed' | 'among'>): J[] {
  return verdicts.filter(
    (verdict, index) => verdict.severity !== null && flagsUpTo(verdicts, index, rules.among) >= rules.needed,
  );
}

function flagsUpTo(verdicts: readonly Judgement[], index: number, among: number): number {
  const last = verdicts[index]!;
  let flags = 0;
  for (let i = index; i >= 0; i--) {
    const verdict = verdicts[i]!;
    if (verdict.bucket <= last.bucket - among) break;
    if (verdict.severity !== null && verdict.direction === last.direction) flags++;
  }
  return flags;
}
