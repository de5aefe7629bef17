import { LRUCache } from 'lru-cache';

/** Says whether one more request is within limits for a caller. */
export type RateLimit = (caller: string) => Promise<boolean> | boolean;

/** Callers remembered; the longest silent are forgotten first. */
const CALLERS = 10_000;

/**
 * A token bucket per caller, in memory: `perMinute` on average, as many at once.
 * @param now milliseconds that only grow.
 */
export function tokenBuckets(perMinute: number, now: () => number = () => performance.now()): RateLimit {
  const buckets = new LRUCache<string, { tokens: number; at: number }>({ max: CALLERS });
  return (caller) => {
    const time = now();
    const bucket = buckets.get(caller) ?? { tokens: perMinute, at: time };
    bucket.tokens = Math.min(perMinute, bucket.tokens + ((time - bucket.at) / 60_000) * perMinute);
    bucket.at = time;
    buckets.set(caller, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  };
}
