/**
 * Half the deviance of a count from its expectation, ≥ 0: how many natural logarithms likelier the count is under an
 * expectation of its own size. Negative binomial with variance `expected + dispersion · expected²`; at dispersion 0
 * Poisson (McCullagh & Nelder 1989).
 * @param observed ≥ 0, need not be whole.
 * @param expected ≥ 0; taken as at least a thousandth, so that what was never expected does not weigh without end.
 * @example
 * halfDeviance(0, 25, 0); // 25: e^-25 is the chance of nothing where 25 were expected
 */
export function halfDeviance(observed: number, expected: number, dispersion: number): number {
  const mean = Math.max(expected, 1e-3);
  const own = observed > 0 ? observed * Math.log(observed / mean) : 0;
  if (dispersion < 1e-9) return Math.max(0, own - (observed - mean));
  const size = 1 / dispersion;
  return Math.max(0, own - (observed + size) * Math.log((observed + size) / (mean + size)));
}

/**
 * Half the deviance of a count of successes from its expectation, ≥ 0, by the binomial, where chances vary from draw to draw
 * with correlation `rho` by its effective size (design effect, Kish 1965). Of approvals, nine in ten of which pass, one that
 * fails says much more than one that does not come.
 * @param observed in [0, trials].
 * @param expected taken as short of all trials by at least a thousandth of them.
 * @example
 * binomialHalfDeviance({ observed: 0, expected: 9, trials: 10 }, 0); // 23: 0.1^10 is the chance of none of ten
 */
export function binomialHalfDeviance(
  { observed, expected, trials }: { readonly observed: number; readonly expected: number; readonly trials: number },
  rho: number,
): number {
  if (trials <= 0) return 0;
  const mean = Math.min(0.999 * trials, Math.max(1e-3, expected));
  const won = observed > 0 ? observed * Math.log(observed / mean) : 0;
  const lost = trials - observed;
  const ofLost = lost > 0 ? lost * Math.log(lost / (trials - mean)) : 0;
  return Math.max(0, won + ofLost) / (1 + Math.max(0, trials - 1) * rho);
}
