import { HOUR_MS } from '../time/duration.ts';
import { createGrid } from '../time/grid.ts';
import type { BucketRange } from './resample.ts';

/** Silence of the whole feed shorter than this is taken for real: an outage must not be explained away. */
const SHORTEST_GAP_MS = 24 * HOUR_MS;
/** Natural log of how improbable a silence must be before it counts as a gap of the feed. */
const SURPRISE = Math.log(1e6);

/**
 * The ranges of buckets in which the feed itself was down: runs without a transaction of any client, at least a day
 * long, at times of the week that are otherwise busy. A bucket's chance of being empty is the share of weeks in which its
 * weekly slot was, so that nights and closed weekends are not gaps.
 * @param feed transactions of all clients together, index `i` is bucket `firstBucket + i`.
 * @example
 * const gaps = feedGaps(transactionsOfAll, firstBucket, 7_200_000);
 */
export function feedGaps(feed: ArrayLike<number>, firstBucket: number, stepMs: number): BucketRange[] {
  const week = createGrid(stepMs).perWeek;
  const seen = new Float64Array(week);
  const empty = new Float64Array(week);
  const slotOf = (index: number) => (((firstBucket + index) % week) + week) % week;
  for (let index = 0; index < feed.length; index++) {
    const slot = slotOf(index);
    seen[slot] = seen[slot]! + 1;
    if (feed[index] === 0) empty[slot] = empty[slot]! + 1;
  }
  const gaps: BucketRange[] = [];
  for (let start = 0; start < feed.length; start++) {
    if (feed[start] !== 0) continue;
    let end = start;
    let surprise = 0;
    for (; end < feed.length && feed[end] === 0; end++) {
      const slot = slotOf(end);
      // One week more of each kind: a slot seen once says little.
      surprise -= Math.log((empty[slot]! + 1) / (seen[slot]! + 2));
    }
    if ((end - start) * stepMs >= SHORTEST_GAP_MS && surprise >= SURPRISE && end < feed.length) {
      gaps.push({ first: firstBucket + start, end: firstBucket + end });
    }
    start = end;
  }
  return gaps;
}
