import { isRetryable, toUserError } from './failure.ts';

/** Intervals of polls and retries, in ms. */
export interface RetryPolicy {
  /** Between polls of a running query: from the first to the last, growing. */
  readonly firstPollMs: number;
  readonly lastPollMs: number;
  /** Between retries of a failed request: from the first to the last, doubling. */
  readonly firstTryMs: number;
  readonly lastTryMs: number;
  /** Time after which a request is not retried any more. */
  readonly timeoutMs: number;
}

/** A query takes seconds to minutes; throttling passes within minutes. */
export const DEFAULT_RETRY_POLICY: RetryPolicy = {
  firstPollMs: 300,
  lastPollMs: 5_000,
  firstTryMs: 250,
  lastTryMs: 20_000,
  timeoutMs: 15 * 60_000,
};

/**
 * The result of a request, which is tried until it succeeds, as long as its failures are retryable and the policy's timeout has not passed.
 * Waits are drawn between zero and a doubling limit ("full jitter", Brooker 2015).
 * @throws UserError where the failure is a mistake of the caller; the failure itself otherwise.
 */
export async function retry<T>(request: () => Promise<T>, retryPolicy: RetryPolicy, signal: AbortSignal): Promise<T> {
  const startedMs = Date.now();
  for (let limitMs = retryPolicy.firstTryMs; ; limitMs = Math.min(limitMs * 2, retryPolicy.lastTryMs)) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      if (!isRetryable(error) || Date.now() - startedMs > retryPolicy.timeoutMs) throw toUserError(error);
      await sleep(limitMs * Math.random(), signal);
    }
  }
}

/** Waits, or throws the signal's reason as soon as it is aborted. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', stop);
      resolve();
    }, ms);
    signal.addEventListener('abort', stop, { once: true });
  });
}
