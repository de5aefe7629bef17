import { type PushedActuals, utcText } from '@tidemark/shared/contract';
import { createRandom, DEFAULT_STEP_MS, type Series } from '@tidemark/shared/forecasting';

const WEEKS = 14;
const LENGTH = WEEKS * 84;
/** Buckets in which the web channel is down, from the end. */
const DOWN = [LENGTH - 15, LENGTH - 10] as const;
const FIRST = Date.parse('2026-08-10T00:00:00Z');
const CHANNELS = { pos: 0.45, web: 0.4, app: 0.15 };
const ISSUERS = { E1: 0.5, E2: 0.3, E3: 0.2 };

/** Two-hour buckets of a shop in Lima that opens from eight to eight, by channel and issuer, whose web channel is down for ten hours. */
export function simulatedClient(name: string): { push: PushedActuals; series: Series } {
  const random = createRandom(7);
  const zeros = () => new Array<number>(LENGTH).fill(0);
  const counts = {
    attempts: zeros(),
    approved: zeros(),
    sales: zeros(),
    log_sum: zeros(),
    log_squares: zeros(),
    refunds: zeros(),
  };
  const parts = new Map<string, { attempts: number[]; approved: number[] }>();
  const values = zeros();
  const tally = (dimension: string, value: string, at: number, passes: boolean) => {
    const key = `${dimension}\t${value}`;
    const part = parts.get(key) ?? { attempts: zeros(), approved: zeros() };
    parts.set(key, part);
    add(part.attempts, at, 1);
    if (passes) add(part.approved, at, 1);
  };
  for (let at = 0; at < LENGTH; at++) {
    const hour = (at * 2 + 1 + 19) % 24;
    const open = hour >= 8 && hour < 20 ? 1 + 0.6 * Math.sin(((hour - 8) / 12) * Math.PI) : 0.06;
    const weekday = Math.floor(at / 12) % 7;
    const mean = 70 * open * (weekday >= 5 ? 1.35 : 1) * Math.exp(0.05 * random.normal());
    const tries = Math.max(0, Math.round(mean + Math.sqrt(mean) * random.normal()));
    for (let n = 0; n < tries; n++) {
      const channel = pick(random.uniform(), CHANNELS);
      const issuer = pick(random.uniform(), ISSUERS);
      if (channel === 'web' && at >= DOWN[0] && at < DOWN[1]) continue;
      const passes = random.uniform() < 0.92;
      const amount = Math.round(100 * Math.exp(3.3 + 0.7 * random.normal())) / 100;
      const refund = passes && random.uniform() < 0.02 ? amount : 0;
      add(counts.attempts, at, 1);
      tally('channel', channel, at, passes);
      tally('issuer', issuer, at, passes);
      if (!passes) continue;
      add(counts.approved, at, 1);
      add(counts.sales, at, 1);
      add(counts.log_sum, at, Math.log(amount));
      add(counts.log_squares, at, Math.log(amount) ** 2);
      add(counts.refunds, at, refund);
      add(values, at, amount - refund);
    }
  }
  const cents = (list: number[]) => list.map((value) => Math.round(100 * value) / 100);
  const fine = (list: number[]) => list.map((value) => Math.round(1e4 * value) / 1e4);
  const net = cents(values);
  return {
    push: {
      series: [
        {
          series: name,
          measure: 'net',
          start: utcText(FIRST),
          values: net,
          open: false,
          counts: {
            ...counts,
            log_sum: fine(counts.log_sum),
            log_squares: fine(counts.log_squares),
            refunds: cents(counts.refunds),
          },
          parts: [...parts].map(([key, part]) => {
            const [dimension = '', value = ''] = key.split('\t');
            return { dimension, value, ...part };
          }),
        },
      ],
    },
    series: {
      id: name,
      measure: 'net',
      stepMs: DEFAULT_STEP_MS,
      firstBucket: FIRST / DEFAULT_STEP_MS,
      values: Float64Array.from(net),
      states: net.map(() => 'observed' as const),
    },
  };
}

function add(list: number[], at: number, more: number): void {
  list[at] = (list[at] ?? 0) + more;
}

function pick(uniform: number, shares: Readonly<Record<string, number>>): string {
  let left = uniform;
  for (const [value, share] of Object.entries(shares)) {
    left -= share;
    if (left < 0) return value;
  }
  return Object.keys(shares)[0] as string;
}
