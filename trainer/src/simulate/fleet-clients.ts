import { HOUR_MS, type ZoneClock } from '@tidemark/shared/forecasting';
import type { Random } from './random.ts';
import { meanTransactions, type Rhythm } from './rhythm.ts';

/** A client of a simulated fleet and what it would sell were nothing wrong. */
export interface FleetClient {
  /** `C03-night-30`: number, trade, approved transactions in two hours at a scale of 1. */
  readonly name: string;
  /** Approved transactions expected by hour. */
  readonly hourly: Float64Array;
}

/** When a fleet trades. */
export interface FleetSpan {
  readonly clock: ZoneClock;
  /** Start of the first hour, epoch milliseconds. */
  readonly from: number;
  readonly hours: number;
}

/** Approved transactions in two hours, over and over: clients differ by a factor of 100. */
const SIZES = [300, 100, 30, 10, 3] as const;
/** Spread of the logarithm of a day's volume about its mean. */
const DAY_SPREAD = 0.1;
/** Every so many clients one opens late, after this share of the time. */
const LATE_EVERY = 17;
const LATE_SHARE = 0.6;

const COMMON = {
  perHour: 1,
  weekendShift: 0,
  payday: 0.25,
  season: { height: 0.1, topDay: 350 },
  holiday: 1,
  holidaysLikeSundays: false,
  wander: { spread: 0, dailyMemory: 0 },
  ticket: { mean: 30, spread: 0.9 },
  refunds: 0.03,
  declined: 0.08,
};

/** Kinds of trade: when their customers come. */
const TRADES: Readonly<Record<string, Pick<Rhythm, 'humps' | 'nightShare' | 'weekdays'>>> = {
  shop: { humps: humps(2.6, 12, 18.5), nightShare: 0.02, weekdays: [1, 0.95, 0.95, 1, 1.25, 1.5, 0.55] },
  food: { humps: humps(1.6, 14, 21), nightShare: 0.02, weekdays: [0.7, 0.75, 0.8, 0.9, 1.3, 1.5, 1.2] },
  fuel: { humps: humps(4, 8, 18), nightShare: 0.02, weekdays: [1.05, 1, 1, 1, 1.15, 0.95, 0.8] },
  night: { humps: humps(2, 0, 22), nightShare: 0.02, weekdays: [0.4, 0.4, 0.5, 0.8, 1.6, 2, 0.9] },
  weekend: { humps: humps(3, 12, 19), nightShare: 0.02, weekdays: [0.02, 0.02, 0.02, 0.02, 0.8, 2.5, 2.4] },
  online: { humps: humps(5, 11, 21), nightShare: 0.15, weekdays: [1.1, 1.05, 1, 1, 0.95, 0.9, 1] },
};

function humps(width: number, ...hours: number[]): Rhythm['humps'] {
  return hours.map((hour) => ({ hour, width, height: 1 }));
}

/** So many clients, of all trades and sizes in turn. @param scale multiplies what all of them sell. */
export function fleetClients(count: number, scale: number, span: FleetSpan, random: Random): FleetClient[] {
  const trades = Object.entries(TRADES);
  return Array.from({ length: count }, (_, k) => {
    const size = SIZES[k % SIZES.length]!;
    const [trade, shape] = trades[k % trades.length]!;
    const hourly = hourlyMeans({ ...COMMON, ...shape, growth: random.between(-0.1, 0.3) }, span, random);
    const mean = hourly.reduce((sum, one) => sum + one, 0) / span.hours;
    const opens = k % LATE_EVERY === 9 ? Math.floor(LATE_SHARE * span.hours) : 0;
    return {
      name: `C${String(k).padStart(2, '0')}-${trade}-${size}`,
      hourly: hourly.map((one, hour) => (hour < opens ? 0 : (one * size * scale) / (2 * mean))),
    };
  });
}

function hourlyMeans(rhythm: Rhythm, { clock, from, hours }: FleetSpan, random: Random): Float64Array {
  const taste = Array.from({ length: 24 }, () => Math.exp(0.08 * random.normal()));
  let ofDay = 1;
  return Float64Array.from({ length: hours }, (_, k) => {
    const start = from + k * HOUR_MS;
    const { hour } = clock.local(start);
    if (hour === 0) ofDay = Math.exp(DAY_SPREAD * random.normal());
    const yearsIn = k / (365.25 * 24);
    return meanTransactions(rhythm, clock.local(start + HOUR_MS / 2), HOUR_MS, yearsIn) * taste[hour]! * ofDay;
  });
}
