import type { Severity } from '../vocabulary.ts';

/** From which share of the company's week an incident is critical; moves so that few are. Plain data. */
export interface SeverityState {
  bar: number;
}

/** A fresh bar: a thousandth of the company's week, ten minutes of its average business. */
const FIRST_BAR = 0.001;
/** Share of pages aimed at; a tenth is promised. */
const CRITICAL_SHARE = 0.07;
/** How far the bar moves on a critical page; down by the matching amount on others. */
const RISE = 0.5;
/** Certainty, in units of the threshold, that a critical incident needs, and below which one is but a hint. */
const CERTAIN = 1.4;
const HINT = 1.15;
/** Share of the bar below which little is at stake. */
const SMALL = 0.01;

export function startSeverity(): SeverityState {
  return { bar: FIRST_BAR };
}

/**
 * How bad an incident is.
 * @param share money at risk ÷ the company's week.
 * @param ratio its strongest evidence, in units of the threshold.
 */
export function severityOfIncident({ bar }: SeverityState, share: number, ratio: number): Severity {
  if (share >= bar && ratio >= CERTAIN) return 'critical';
  return ratio < HINT || share < SMALL * bar ? 'info' : 'warning';
}

/** Moves the bar after a page has closed (stochastic approximation of a quantile, Robbins & Monro 1951). */
export function learnSeverity(state: SeverityState, severity: Severity): void {
  state.bar *= Math.exp(severity === 'critical' ? RISE : (-RISE * CRITICAL_SHARE) / (1 - CRITICAL_SHARE));
}
