/** What a series sold over some buckets: seen, or expected. */
export interface Sales {
  /** Tries to pay, ≥ 0; expected ones need not be whole. */
  readonly attempts: number;
  /** Tries that were approved, at most `attempts`. */
  readonly approved: number;
  /** Money of the approved sales, ≥ 0. */
  readonly gross: number;
  /** Money given back, ≥ 0. */
  readonly refunds: number;
}

/** Money that each cause brought (positive) or cost (negative), in the currency of the series. */
export interface LossByCause {
  readonly attempts: number;
  readonly approval: number;
  readonly ticket: number;
  readonly refunds: number;
}

/**
 * How much of the difference between seen and expected money each cause made: net = attempts × approval rate × ticket −
 * refunds. The four add up to the difference but for what floating point loses.
 *
 * Attempts, approval and ticket get their Shapley values (Shapley 1953; for decompositions Sun 1998, "Changes in energy
 * consumption and energy intensity: a complete decomposition model", Energy Economics 20): the mean of what a factor
 * changes over all six orders in which the three can go from expected to seen. So no order is preferred, no residual is
 * left, and zeros need no care, which logarithmic-mean methods (Ang & Liu 2001) would. Where nothing was tried, a rate is
 * not known and taken as expected; where nothing was sold, so is the ticket.
 * @example
 * lossByCause({ attempts: 50, approved: 46, gross: 1380, refunds: 0 }, { attempts: 100, approved: 92, gross: 2760, refunds: 0 });
 * // { attempts: -1380, approval: 0, ticket: 0, refunds: 0 }
 */
export function lossByCause(seen: Sales, expected: Sales): LossByCause {
  const before = [expected.attempts, rate(expected), ticket(expected)] as const;
  const after = [
    seen.attempts,
    seen.attempts > 0 ? rate(seen) : before[1],
    seen.approved > 0 ? ticket(seen) : before[2],
  ] as const;
  const effect = (one: number, other: number, third: number) =>
    (after[one]! - before[one]!) *
    ((before[other]! * before[third]! + after[other]! * after[third]!) / 3 +
      (before[other]! * after[third]! + after[other]! * before[third]!) / 6);
  return {
    attempts: effect(0, 1, 2),
    approval: effect(1, 0, 2),
    ticket: effect(2, 0, 1),
    refunds: expected.refunds - seen.refunds,
  };
}

/** Net money: what was sold less what was given back. */
export function netOf({ gross, refunds }: Sales): number {
  return gross - refunds;
}

const rate = ({ attempts, approved }: Sales) => (attempts > 0 ? approved / attempts : 0);
const ticket = ({ approved, gross }: Sales) => (approved > 0 ? gross / approved : 0);
