/**
 * Tail probabilities as −ln p, so that they stay exact where p underflows. They rest on the regularised incomplete beta
 * function by its continued fraction (Press et al., Numerical Recipes, 3rd ed., 6.4; Didonato & Morris 1992).
 */

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

const HALF_LOG_TAU = 0.5 * Math.log(2 * Math.PI);

/** ln Γ(x) for x > 0 (Lanczos 1964, g = 7); relative error below 1e-13. */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const z = x - 1;
  let sum: number = LANCZOS[0];
  for (let k = 1; k < 9; k++) sum += LANCZOS[k]! / (z + k);
  const t = z + 7.5;
  return HALF_LOG_TAU + (z + 0.5) * Math.log(t) - t + Math.log(sum);
}

/** Continued fraction of the incomplete beta function, by Lentz's method. */
function betaFraction(x: number, a: number, b: number): number {
  const tiny = 1e-300;
  let c = 1;
  let d = 1 - ((a + b) * x) / (a + 1);
  d = 1 / (Math.abs(d) < tiny ? tiny : d);
  let h = d;
  for (let m = 1; m <= 2000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 + even * d;
    c = 1 + even / c;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    if (Math.abs(c) < tiny) c = tiny;
    h *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 + odd * d;
    c = 1 + odd / c;
    d = 1 / (Math.abs(d) < tiny ? tiny : d);
    if (Math.abs(c) < tiny) c = tiny;
    const step = d * c;
    h *= step;
    if (Math.abs(step - 1) < 1e-10) break;
  }
  return h;
}

/** −ln of the regularised incomplete beta function I_x(a, b), a, b > 0, 0 ≤ x ≤ 1; ≥ 0, ∞ at x = 0. */
export function logBetaTail(x: number, a: number, b: number): number {
  if (x <= 0) return Number.POSITIVE_INFINITY;
  if (x >= 1) return 0;
  const front = logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x);
  if (x < (a + 1) / (a + b + 2)) return Math.max(0, -(front - Math.log(a) + Math.log(betaFraction(x, a, b))));
  const rest = Math.exp(front - Math.log(b) + Math.log(betaFraction(1 - x, b, a)));
  return rest >= 1 ? 37 : -Math.log1p(-rest);
}

/**
 * −ln of the middle of two neighbouring tail probabilities, given as −ln (mid-p, Lancaster 1961). Of a small count the tail
 * itself is too cautious: under calm it is seldom as small as it says. Mid-p makes small clients and large ones alike.
 * @param loose of the tail with the count itself.
 * @param strict of the tail without it, ≥ `loose`.
 */
function middle(loose: number, strict: number): number {
  return loose + Math.LN2 - Math.log1p(Math.exp(loose - strict));
}

/** Relative variance below which a count is taken for Poisson with a little spare: no expectation is exact. */
const LEAST_DISPERSION = 1e-4;

/**
 * −ln of the mid-p of so few: (P(X ≤ count) + P(X < count)) ÷ 2 of a negative binomial with `mean` and `variance`; with a
 * variance not above the mean, of nearly a Poisson. P(X ≤ k) = I_p(r, k + 1), r = mean² ÷ (variance − mean),
 * p = r ÷ (r + mean).
 */
export function fewerTail(count: number, mean: number, variance: number): number {
  if (mean <= 0) return 0;
  const r = (mean * mean) / Math.max(variance - mean, LEAST_DISPERSION * mean * mean);
  const p = r / (r + mean);
  return middle(logBetaTail(p, r, count + 1), count > 0 ? logBetaTail(p, r, count) : Number.POSITIVE_INFINITY);
}

/** −ln of the mid-p of so many: (P(X ≥ count) + P(X > count)) ÷ 2; see `fewerTail`. */
export function moreTail(count: number, mean: number, variance: number): number {
  if (count <= 0) return 0;
  if (mean <= 0) return Number.POSITIVE_INFINITY;
  const r = (mean * mean) / Math.max(variance - mean, LEAST_DISPERSION * mean * mean);
  const q = mean / (r + mean);
  return middle(logBetaTail(q, count, r), logBetaTail(q, count + 1, r));
}

/**
 * −ln of the mid-p of so few successes among `trials` with chance `p`, where chances vary from draw to draw with correlation `rho`: the
 * binomial of the effective size n ÷ (1 + (n − 1)·ρ), which has the variance of the beta-binomial (design effect,
 * Kish 1965). P(X ≤ k) = I_{1 − p}(n − k, k + 1).
 */
export function fewerSuccessesTail(successes: number, trials: number, p: number, rho: number): number {
  if (successes >= trials || p <= 0) return 0;
  const shrink = 1 / (1 + Math.max(0, trials - 1) * rho);
  const failures = (trials - successes) * shrink;
  const chance = 1 - Math.min(p, 1 - 1e-6);
  const loose = logBetaTail(chance, failures, successes * shrink + 1);
  const one = (successes - 1) * shrink + 1;
  return middle(loose, successes > 0 ? logBetaTail(chance, failures + shrink, one) : Number.POSITIVE_INFINITY);
}

/** −ln of the standard normal law's share below `z` (for z > 0 of nearly all): asymptotic beyond −5. */
export function normalTail(z: number): number {
  if (z > 8) return 0;
  if (z > -5) return -Math.log(normalShareExact(z));
  const q = 1 / (z * z);
  return 0.5 * z * z + Math.log(-z) + HALF_LOG_TAU - Math.log1p(-q + 3 * q * q - 15 * q * q * q);
}

/** Φ(z) by W. J. Cody's erfc fit (Numerical Recipes `erfcc`), relative error below 1.2e-7. */
function normalShareExact(z: number): number {
  const x = -z * Math.SQRT1_2;
  const t = 1 / (1 + 0.5 * Math.abs(x));
  const poly =
    -1.26551223 +
    t *
      (1.00002368 +
        t *
          (0.37409196 +
            t *
              (0.09678418 +
                t *
                  (-0.18628806 +
                    t * (0.27886807 + t * (-1.13520398 + t * (1.48851587 + t * (-0.82215223 + t * 0.17087277))))))));
  const erfc = t * Math.exp(-x * x + poly);
  return x >= 0 ? erfc / 2 : 1 - erfc / 2;
}
