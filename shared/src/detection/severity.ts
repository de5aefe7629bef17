import type { Severity } from '../vocabulary.ts';

/** What was at stake in the newest pages, as shares of the company's week, oldest first. Plain data. */
export interface SeverityState {
  readonly shares: number[];
}

/** Pages remembered. */
const PAGES = 150;
/** An incident is critical when it costs more than all but this share of the pages remembered. */
const CRITICAL_SHARE = 0.09;
/** What a critical one costs at least, as a share of the company's week: ten minutes of its average business. */
const LEAST_SHARE = 0.001;
/** Certainty, in units of the threshold, that a critical incident needs, and below which one is but a hint. */
const CERTAIN = 1.4;
const HINT = 1.15;
/** Share of what is critical below which little is at stake. */
const SMALL = 0.01;

/** A state without pages. */
export function startSeverity(): SeverityState {
  return { shares: [] };
}

/** From which share of the company's week an incident is critical. */
export function criticalShare({ shares }: SeverityState): number {
  const worst = [...shares].sort((one, other) => other - one);
  return Math.max(LEAST_SHARE, worst[Math.floor(CRITICAL_SHARE * PAGES)] ?? 0);
}

/**
 * How bad an incident is.
 * @param bar see `criticalShare`.
 * @param share money at risk ÷ the company's week.
 * @param ratio its strongest evidence, in units of the threshold.
 */
export function severityOfIncident(bar: number, share: number, ratio: number): Severity {
  if (share >= bar && ratio >= CERTAIN) return 'critical';
  return ratio < HINT || share < SMALL * bar ? 'info' : 'warning';
}

/**
 * How bad a storm is: so many series at once are no chance, and nobody sleeps through them.
 * @param bar see `criticalShare`.
 * @param share money at risk ÷ the company's week.
 */
export function severityOfStorm(bar: number, share: number): Severity {
  return share >= bar ? 'critical' : 'warning';
}

/** Remembers what was at stake in a page that has closed. */
export function learnSeverity({ shares }: SeverityState, share: number): void {
  shares.push(share);
  if (shares.length > PAGES) shares.shift();
}
