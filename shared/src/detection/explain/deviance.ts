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
