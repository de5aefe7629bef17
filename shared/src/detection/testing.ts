import { createRandom, type Random } from '../forecasting/random.ts';
import { zoneClock } from '../forecasting/time/zone.ts';
import { advanceBook, type SeriesIncident, startBook } from './incident-book.ts';
import type { BucketObservation } from './observation.ts';
import type { Watch } from './watch.ts';

/** What is wrong with a simulated client in a bucket; nothing where left out. */
export interface Trouble {
  readonly attempts?: number;
  readonly approval?: number;
  readonly ticket?: number;
  /** Channel that is down. */
  readonly channel?: string;
  /** Issuer that declines nine in ten. */
  readonly issuer?: string;
}

const CHANNELS = { pos: 0.6, web: 0.25, app: 0.15 };
const ISSUERS = { E1: 0.5, E2: 0.3, E3: 0.2 };

/** Dimensions of `simulateClient`'s observations. */
export const SIMULATED_DIMENSIONS = [
  { name: 'channel', values: Object.keys(CHANNELS) },
  { name: 'issuer', values: Object.keys(ISSUERS) },
];

/** A watch's configuration for `simulateClient`'s observations. */
export const SIMULATED_CONFIG = {
  stepMs: 7_200_000,
  clock: zoneClock('UTC'),
  dimensions: SIMULATED_DIMENSIONS,
  falsePerSeriesWeek: 0.25,
};

/** All incidents that a watch finds in one series, each as it was last. */
export function incidentsIn(watch: Watch, observations: readonly BucketObservation[]): SeriesIncident[] {
  const state = watch.start();
  const book = startBook();
  const found = new Map<string, SeriesIncident>();
  for (const observation of observations) {
    watch.observe(state, observation);
    const report = watch.report(state, 'shop', observation.bucket, false);
    for (const incident of advanceBook(book, observation.bucket, [report]).incidents) found.set(incident.id, incident);
  }
  return [...found.values()];
}

/** First bucket of `simulateClient`: a Monday at midnight UTC, in buckets of two hours. */
export const FIRST_BUCKET = Date.parse('2025-09-01T00:00:00Z') / 7_200_000;

/**
 * Buckets of two hours of a client that opens from eight to eight: log-normal days, gamma hours, Poisson counts.
 * @param mean attempts in a bucket on average over the week.
 * @param troubleAt what is wrong in the bucket so many after the first.
 */
export function simulateClient(
  seed: number,
  mean: number,
  buckets: number,
  troubleAt: (index: number) => Trouble = () => ({}),
): BucketObservation[] {
  const random = createRandom(seed);
  let ofDay = 1;
  return Array.from({ length: buckets }, (_, index) => {
    const slot = index % 12;
    if (slot === 0) ofDay = Math.exp(0.1 * random.normal() - 0.005);
    const shape = slot >= 4 && slot < 10 ? 1.9 : 0.1;
    const weekend = Math.floor(index / 12) % 7 === 6 ? 0.5 : 1.083;
    const { attempts: factor = 1, approval = 0.92, ticket = 1, channel, issuer } = troubleAt(index);
    const rate = mean * shape * weekend * ofDay * gamma(random, 40) * factor;
    const counts = { attempts: 0, approved: 0, sales: 0, logSum: 0, logSquares: 0 };
    const parts = new Map<string, { dimension: string; value: string; attempts: number; approved: number }>();
    for (let n = poisson(random, rate); n > 0; n--) {
      const at = pick(random, CHANNELS);
      const by = pick(random, ISSUERS);
      const passes = random.uniform() < (by === issuer ? 0.1 : approval);
      const log = 3.4 + 0.9 * random.normal() + Math.log(ticket);
      if (at === channel) continue;
      counts.attempts++;
      for (const [dimension, value] of [['channel', at] as const, ['issuer', by] as const]) {
        const key = `${dimension}/${value}`;
        const part = parts.get(key) ?? { dimension, value, attempts: 0, approved: 0 };
        part.attempts++;
        if (passes) part.approved++;
        parts.set(key, part);
      }
      if (!passes) continue;
      counts.approved++;
      counts.sales++;
      counts.logSum += log;
      counts.logSquares += log * log;
    }
    return { bucket: FIRST_BUCKET + index, counts, parts: [...parts.values()] };
  });
}

function pick(random: Random, shares: Readonly<Record<string, number>>): string {
  let left = random.uniform();
  for (const [value, share] of Object.entries(shares)) {
    left -= share;
    if (left < 0) return value;
  }
  return Object.keys(shares)[0]!;
}

/** Poisson by multiplication (Knuth) in portions, so that large means do not underflow. */
function poisson(random: Random, mean: number): number {
  let count = 0;
  for (let left = mean; left > 0; left -= 50) {
    const limit = Math.exp(-Math.min(50, left));
    for (let product = random.uniform(); product > limit; product *= random.uniform()) count++;
  }
  return count;
}

/** Gamma with mean 1 and variance 1 ÷ shape, near enough for a shape of 10 and more (Wilson & Hilferty 1931). */
function gamma(random: Random, shape: number): number {
  const root = 1 - 1 / (9 * shape) + random.normal() / Math.sqrt(9 * shape);
  return Math.max(0, root) ** 3;
}
