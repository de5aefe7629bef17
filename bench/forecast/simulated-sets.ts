import { bucketAt, DEFAULT_STEP_MS, type Series, zoneClock } from '@tidemark/shared/forecasting';
import type { BucketState } from '@tidemark/shared/vocabulary';
import { drawRhythm, random, simulateCounts } from '@tidemark/trainer/testing/simulate';
import type { BenchmarkSet } from './sets.ts';

const WEEK = 84;
const WEEKS = 52;
const FIRST = bucketAt(Date.parse('2025-01-06T00:00:00Z'), DEFAULT_STEP_MS);
const MERCHANTS = 24;
/** Mean transactions an hour of the rarest and of the busiest merchant of the rare set: a sale a month, a sale an hour. */
const RAREST = 1 / 720;
const BUSIEST = 1;
/** The last fifth of a series is the test part: openings, pauses and closings of the second set lie around it. */
const TEST_FROM = 0.8 * WEEKS;

type Factor = (week: number) => number;

/**
 * Two sets of simulated gross series of 52 weeks, the same for the same seed.
 * `rare`: 24 small merchants from a sale a month to a sale an hour; one in four changes its rate six-fold on the way.
 * `openings`: 24 merchants of which most open, pause for weeks or close late in their history.
 */
export function simulatedSets(seed: number): BenchmarkSet[] {
  return [
    {
      name: 'rare',
      series: Array.from({ length: MERCHANTS }, (_, k) => {
        const perHour = RAREST * (BUSIEST / RAREST) ** (k / (MERCHANTS - 1));
        const factor: Factor = k % 4 === 3 ? (week) => (week < 0.7 * WEEKS ? 1 / Math.sqrt(6) : Math.sqrt(6)) : () => 1;
        return merchant(`rare-${k + 1}`, seed * 1000 + k, perHour, factor);
      }),
    },
    {
      name: 'openings',
      series: Array.from({ length: MERCHANTS }, (_, k) => {
        const source = random(seed * 1000 + 500 + k);
        const perHour = Math.exp(source.between(Math.log(0.3), Math.log(60)));
        return merchant(
          `${KINDS[k % KINDS.length]?.[0]}-${k + 1}`,
          seed * 1000 + 500 + k,
          perHour,
          lifeOf(k, source.uniform()),
        );
      }),
    },
  ];
}

/** What a merchant of the second set goes through: its rate in each week, as a factor, from a number in [0, 1). */
const KINDS: readonly (readonly [kind: string, life: (u: number) => Factor])[] = [
  ['opens-in-calibration', (u) => (week) => (week < (0.66 + 0.13 * u) * WEEKS ? 0 : 1)],
  ['opens-in-test', (u) => (week) => (week < TEST_FROM + 4 * u ? 0 : 1)],
  ['pauses', (u) => (week) => (week >= TEST_FROM + 1 + u && week < TEST_FROM + 4 + 2 * u ? 0 : 1)],
  ['closes', (u) => (week) => (week < TEST_FROM + 2 + 4 * u ? 1 : 0)],
  ['reopens', (u) => (week) => (week >= (0.45 + 0.1 * u) * WEEKS && week < TEST_FROM + 2 * u ? 0 : 1)],
  ['stays', () => () => 1],
];

function lifeOf(k: number, u: number): Factor {
  return (KINDS[k % KINDS.length] as (typeof KINDS)[number])[1](u);
}

function merchant(id: string, seed: number, perHour: number, factor: Factor): Series {
  const source = random(seed);
  const rhythm = { ...drawRhythm(source), perHour };
  const stretch = { clock: zoneClock('UTC'), firstBucket: FIRST, buckets: WEEKS * WEEK, stepMs: DEFAULT_STEP_MS };
  const { sales } = simulateCounts(rhythm, stretch, source, (index) => factor(index / WEEK));
  const amount = drawAmounts(source, rhythm.ticket.mean);
  const values = Float64Array.from(sales, (count) => {
    let sum = 0;
    for (let n = 0; n < count; n++) sum += amount();
    return Math.round(100 * sum) / 100;
  });
  const states = Array.from(values, (value): BucketState => (value === 0 ? 'zero' : 'observed'));
  return { id, measure: 'gross', stepMs: DEFAULT_STEP_MS, firstBucket: FIRST, values, states };
}

/** Amounts of one merchant: log-normal, a few fixed prices, or uniform up to a largest one. */
function drawAmounts(source: ReturnType<typeof random>, mean: number): () => number {
  const kind = source.uniform();
  if (kind < 0.6) {
    const spread = source.between(0.3, 1.3);
    return () => mean * Math.exp(spread * source.normal() - spread ** 2 / 2);
  }
  if (kind < 0.8) {
    const prices = [0.5 * mean, mean, 2.5 * mean];
    return () => prices[source.below(prices.length)] as number;
  }
  return () => 2 * mean * source.uniform();
}
