import { isRetryable, toUserError } from './failure.ts';

/** How long to wait between looks and tries, in ms. */
export interface RetryPolicy {
  /** Between looks at a query under way: from the first to the last, growing. */
  readonly firstPollMs: number;
  readonly lastPollMs: number;
  /** Between tries of a request that failed for now: from the first to the last, doubling. */
  readonly firstTryMs: number;
  readonly lastTryMs: number;
  /** How long a request is tried before it counts as failed. */
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
 * Tries a request until it succeeds, as long as its failures are of the kind that passes and the pace's patience lasts.
 * Waits are drawn between zero and a doubling limit ("full jitter", Brooker 2015).
 * @throws UserError in words where the failure is the caller's to mend; the failure itself otherwise.
 */
export async function retry<T>(request: () => Promise<T>, pace: RetryPolicy, signal: AbortSignal): Promise<T> {
  const startedMs = Date.now();
  for (let limitMs = pace.firstTryMs; ; limitMs = Math.min(limitMs * 2, pace.lastTryMs)) {
    signal.throwIfAborted();
    try {
      return await request();
    } catch (error) {
      signal.throwIfAborted();
      if (!isRetryable(error) || Date.now() - startedMs > pace.timeoutMs) throw toUserError(error);
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
