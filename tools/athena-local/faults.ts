import { createRandom } from '@tidemark/shared/forecasting';

/** What goes wrong on purpose; shares are of requests or of queries, in [0, 1]. */
export interface Faults {
  readonly seed: number;
  /** Requests answered by `ThrottlingException`. */
  readonly throttle: number;
  /** Requests answered by a 500. */
  readonly serverError: number;
  /** Requests that are never answered. */
  readonly hang: number;
  /** Answers that break off in the middle of their body. */
  readonly reset: number;
  /** Queries that fail, but would succeed if sent again. */
  readonly failRetryable: number;
  /** Queries that fail for good. */
  readonly failFinal: number;
  /** Queries that somebody else cancels. */
  readonly cancel: number;
  /** Time a query waits, and then runs, in ms. */
  readonly queueMs: number;
  readonly runMs: number;
  /** Bytes that a running query has read for each ms that it has run, as it says of itself. */
  readonly readsPerMs: number;
  /** Queries under way at once before `TooManyRequestsException`. */
  readonly concurrent: number;
  /** Requests until the credentials expire; looks at a running query, as many as the machine is slow, are not counted. */
  readonly expireAfter: number;
}

/** Nothing goes wrong. */
export const NO_FAULTS: Faults = {
  seed: 1,
  throttle: 0,
  serverError: 0,
  hang: 0,
  reset: 0,
  failRetryable: 0,
  failFinal: 0,
  cancel: 0,
  queueMs: 0,
  runMs: 0,
  readsPerMs: 0,
  concurrent: 100,
  expireAfter: Number.POSITIVE_INFINITY,
};

/** Throws the dice of a set of faults, in the same order for the same seed. */
export function diceOf(faults: Faults): (share: number) => boolean {
  const { uniform } = createRandom(faults.seed);
  return (share) => share > 0 && uniform() < share;
}
