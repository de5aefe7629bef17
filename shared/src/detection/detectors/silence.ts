/** Buckets without an attempt in a row: how many, what was expected of them, and the variance of that but for weeks. */
export interface Silence {
  buckets: number;
  mean: number;
  variance: number;
}

/** No silence. */
export function startSilence(): Silence {
  return { buckets: 0, mean: 0, variance: 0 };
}

/** Takes a bucket in: an attempt ends the silence. @param variance of the expectation beyond Poisson. */
export function extendSilence(silence: Silence, count: number, mean: number, variance: number): void {
  const goesOn = count === 0;
  silence.buckets = goesOn ? silence.buckets + 1 : 0;
  silence.mean = goesOn ? silence.mean + mean : 0;
  silence.variance = goesOn ? silence.variance + mean + variance : 0;
}
