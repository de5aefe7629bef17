/** Buckets that windows of rates and means reach back at most. */
export const RATE_RING = 12;
const RATE_HOURS = [2, 4, 6, 8, 12];
/** Log of the ratio of likelihoods from which newest buckets count as well again (Wald 1945). */
export const WELL = 2.5;
/** Share of the usual that may get through any trouble: a single success is no sign that it is over. */
export const LEAST_LEFT = 0.1;

/** Where a bucket lies in rings of `RATE_RING`. */
export const rateSlot = (bucket: number) => ((bucket % RATE_RING) + RATE_RING) % RATE_RING;

/** The lengths of those windows in buckets, half a day at most: each once, by rising length. */
export function rateWindows(perWeek: number): readonly number[] {
  const lengths = RATE_HOURS.map((hours) => Math.max(1, Math.min(RATE_RING, Math.round((hours * perWeek) / 168))));
  return [...new Set(lengths)];
}

/** The windows that a test looks at: they end at `bucket`, begin later than `after`, and have one of `lengths`. */
export interface RateWindows {
  readonly bucket: number;
  readonly after: number;
  readonly lengths: ReadonlySet<number>;
}

/**
 * Walks back from the newest bucket over the ring.
 * @param take adds the bucket in a slot to the running sums.
 * @param judge is called with each window's first bucket and length, once the sums hold it.
 */
export function walkWindows(
  { bucket, after, lengths }: RateWindows,
  take: (slot: number) => void,
  judge: (start: number, length: number) => void,
): void {
  for (let length = 1; length <= RATE_RING; length++) {
    const start = bucket - length + 1;
    if (start <= after) return;
    take(rateSlot(start));
    if (lengths.has(length)) judge(start, length);
  }
}

/**
 * First of the newest buckets that are well again, or `null`: of a run of them, later than the trouble's first, the
 * ratio of likelihoods speaks for the usual rather than for the trouble.
 * @param trouble first bucket of the trouble.
 * @param gain adds the bucket in a slot to the running sums and gives the log of that ratio for the run so far.
 */
export function newestWell(bucket: number, trouble: number, gain: (slot: number) => number): number | null {
  for (let first = bucket; first > Math.max(trouble, bucket - RATE_RING); first--) {
    if (gain(rateSlot(first)) > WELL) return first;
  }
  return null;
}

/** The sum over a ring. */
export function sumOf(ring: Float64Array): number {
  return ring.reduce((sum, one) => sum + one, 0);
}

/** Empties the places of buckets between `last` and `bucket`, which never came: they had nothing. */
export function clearUnseen(last: number, bucket: number, rings: readonly Float64Array[]): void {
  for (let missing = Math.max(last + 1, bucket - RATE_RING + 1); missing < bucket; missing++) {
    for (const ring of rings) ring[rateSlot(missing)] = 0;
  }
}
