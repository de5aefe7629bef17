import type { Direction, Severity } from '../vocabulary.ts';
import { alarms } from './alarms.ts';
import type { AlarmRules } from './rules.ts';
import { type Judgement, worse } from './verdict.ts';

/** Neighbouring alarming buckets of one series on one side. */
export interface Incident {
  readonly direction: Direction;
  /** First flagged bucket. */
  readonly start: number;
  /** Last flagged bucket, inclusive. */
  readonly end: number;
  /** Whether it may still grow: fewer than `quietToClose` judged buckets have followed without a flag. */
  readonly open: boolean;
  /** The worst of its buckets. */
  readonly severity: Severity;
  /** The highest score of its buckets, in band widths. */
  readonly score: number;
  /**
   * Σ of the deviations of its flagged buckets, in the currency of the series: what was lost
   * (negative) or came in excess (positive) against what was expected, not against the limit.
   */
  readonly volume: number;
  /** Number of flagged buckets. */
  readonly buckets: number;
}

/**
 * The incidents that neighbouring flagged buckets make, by rising start. A run of flags on one side counts
 * from its first flag, and only if at least one of its buckets alarms (n of m). Buckets without a verdict
 * (feed down) neither extend nor close an incident; a flag on the other side closes it.
 * @param verdicts of one series and one detector, by rising bucket.
 * @example
 * incidents(verdicts, DEFAULT_RULES).at(-1)?.open;
 */
export function incidents(
  verdicts: readonly Judgement[],
  rules: Pick<AlarmRules, 'needed' | 'among' | 'quietToClose'>,
): Incident[] {
  const alarming = new Set(alarms(verdicts, rules));
  const found: Incident[] = [];
  let run: Judgement[] = [];
  let quiet = 0;
  const finish = (open: boolean) => {
    if (run.some((verdict) => alarming.has(verdict))) found.push(incidentOf(run, open));
    run = [];
    quiet = 0;
  };
  for (const verdict of verdicts) {
    if (verdict.severity === null) {
      if (run.length > 0 && ++quiet >= rules.quietToClose) finish(false);
      continue;
    }
    if (run.length > 0 && run[0]?.direction !== verdict.direction) finish(false);
    run.push(verdict);
    quiet = 0;
  }
  finish(true);
  return found;
}

function incidentOf(run: readonly Judgement[], open: boolean): Incident {
  const first = run[0]!;
  const last = run[run.length - 1]!;
  return {
    direction: first.direction as Direction,
    start: first.bucket,
    end: last.bucket,
    open,
    severity: run.reduce<Severity | null>((worst, verdict) => worse(worst, verdict.severity), null) as Severity,
    score: Math.max(...run.map((verdict) => verdict.score)),
    volume: run.reduce((sum, verdict) => sum + verdict.deviation, 0),
    buckets: run.length,
  };
}
