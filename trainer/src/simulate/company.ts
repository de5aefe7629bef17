import { bucketAt, bucketStart, DAY_MS, DEFAULT_STEP_MS, HOUR_MS } from '@tidemark/shared/forecasting';
import type { Rhythm } from './rhythm.ts';

/** Where the simulated company's shops stand. */
export const COMPANY_ZONE = 'America/Mexico_City';

/** First instant of the simulated log, and the one at which it breaks off, in the middle of a bucket. */
export const COMPANY_FROM = Date.parse('2025-04-28T00:00:00Z');
export const COMPANY_UNTIL = Date.parse('2026-11-19T21:10:00Z');

/** A client of the payment company and how its business moves. */
export interface Client {
  readonly name: string;
  readonly merchants: number;
  readonly rhythm: Rhythm;
}

/**
 * What went wrong on purpose in `[start, end)`; `factor` multiplies the client's transactions, of declines the share of
 * them that is approved.
 */
export interface Incident {
  readonly client: string;
  readonly kind: 'outage' | 'partial-drop' | 'spike' | 'level-shift' | 'declines';
  readonly start: string;
  readonly end: string;
  readonly factor: number;
}

const COMMON = {
  weekendShift: 1,
  payday: 0.22,
  season: { height: 0.08, topDay: 350 },
  holiday: 0.7,
  holidaysLikeSundays: false,
  growth: 0.18,
  wander: { spread: 0.05, dailyMemory: 0.7 },
  refunds: 0.02,
  declined: 0.06,
};

/** The company's clients, largest first. */
export const CLIENTS: readonly Client[] = [
  {
    name: 'Mercado Sol',
    merchants: 4,
    rhythm: {
      ...COMMON,
      perHour: 62,
      humps: [
        { hour: 12.5, width: 2.6, height: 0.8 },
        { hour: 19, width: 2, height: 1 },
      ],
      nightShare: 0.06,
      weekdays: [0.92, 0.9, 0.95, 1, 1.15, 1.3, 1.2],
      ticket: { mean: 412, spread: 0.45 },
    },
  },
  {
    name: 'Gasolineras Norte',
    merchants: 3,
    rhythm: {
      ...COMMON,
      perHour: 52,
      humps: [
        { hour: 8, width: 2, height: 0.7 },
        { hour: 18, width: 2.8, height: 0.8 },
      ],
      nightShare: 0.25,
      weekdays: [1.02, 1, 1, 1.03, 1.2, 0.95, 0.8],
      growth: 0.06,
      ticket: { mean: 655, spread: 0.35 },
    },
  },
  {
    name: 'Farmacias Alba',
    merchants: 3,
    rhythm: {
      ...COMMON,
      perHour: 40,
      humps: [{ hour: 14, width: 4.2, height: 1 }],
      nightShare: 0.12,
      weekdays: [1.1, 1.05, 1, 1, 1.02, 0.9, 0.75],
      payday: 0.1,
      season: { height: 0.15, topDay: 15 },
      ticket: { mean: 238, spread: 0.5 },
    },
  },
  {
    name: 'Restaurantes Plaza',
    merchants: 3,
    rhythm: {
      ...COMMON,
      perHour: 46,
      humps: [
        { hour: 14.5, width: 1.5, height: 0.9 },
        { hour: 20.5, width: 1.7, height: 1 },
      ],
      nightShare: 0.01,
      weekdays: [0.7, 0.75, 0.85, 1, 1.35, 1.5, 1.25],
      holiday: 1.2,
      ticket: { mean: 534, spread: 0.4 },
    },
  },
  {
    name: 'Tiendas Maya',
    merchants: 2,
    rhythm: {
      ...COMMON,
      perHour: 36,
      humps: [{ hour: 17, width: 3.4, height: 1 }],
      nightShare: 0.01,
      weekdays: [0.8, 0.8, 0.85, 0.95, 1.2, 1.5, 1.25],
      payday: 0.45,
      season: { height: 0.2, topDay: 345 },
      growth: 0.3,
      ticket: { mean: 820, spread: 0.5 },
    },
  },
  {
    name: 'Cines Aurora',
    merchants: 2,
    rhythm: {
      ...COMMON,
      perHour: 34,
      humps: [{ hour: 19.5, width: 2.1, height: 1 }],
      nightShare: 0,
      weekdays: [0.6, 0.9, 1, 0.8, 1.2, 1.7, 1.5],
      holiday: 1.4,
      season: { height: 0.14, topDay: 200 },
      ticket: { mean: 296, spread: 0.35 },
    },
  },
  {
    name: 'Viajes Quetzal',
    merchants: 1,
    rhythm: {
      ...COMMON,
      perHour: 15,
      humps: [
        { hour: 11, width: 2.2, height: 1 },
        { hour: 21, width: 2, height: 0.6 },
      ],
      nightShare: 0.08,
      weekdays: [1.15, 1.1, 1.05, 1, 0.95, 0.8, 0.85],
      refunds: 0.07,
      season: { height: 0.22, topDay: 180 },
      ticket: { mean: 3_150, spread: 0.6 },
    },
  },
];

const LAST_BUCKET = bucketStart(bucketAt(COMPANY_UNTIL, DEFAULT_STEP_MS), DEFAULT_STEP_MS);

/** A time before the last, still open bucket, on a bucket's edge. */
function ago(days: number, hours: number): number {
  return bucketStart(bucketAt(LAST_BUCKET - days * DAY_MS - hours * HOUR_MS, DEFAULT_STEP_MS), DEFAULT_STEP_MS);
}

function incident(
  client: string,
  kind: Incident['kind'],
  { start, hours, factor }: { readonly start: number; readonly hours: number; readonly factor: number },
): Incident {
  const end = Math.min(start + hours * HOUR_MS, COMPANY_UNTIL);
  return { client, kind, start: new Date(start).toISOString(), end: new Date(end).toISOString(), factor };
}

/** The labelled incidents: the first is still going on when the log breaks off, the next five fall in the last four weeks. */
export const INCIDENTS: readonly Incident[] = [
  incident('Mercado Sol', 'partial-drop', { start: ago(0, 4), hours: 24, factor: 0.3 }),
  incident('Restaurantes Plaza', 'spike', { start: ago(5, 22), hours: 6, factor: 2.6 }),
  incident('Viajes Quetzal', 'declines', { start: ago(8, 2), hours: 6, factor: 0.35 }),
  incident('Gasolineras Norte', 'outage', { start: ago(11, 6), hours: 8, factor: 0 }),
  incident('Tiendas Maya', 'level-shift', { start: ago(18, 4), hours: 60 * 24, factor: 1.5 }),
  incident('Farmacias Alba', 'partial-drop', { start: ago(24, 6), hours: 12, factor: 0.45 }),
  incident('Cines Aurora', 'outage', { start: ago(131, 20), hours: 6, factor: 0 }),
  incident('Mercado Sol', 'spike', { start: ago(212, 4), hours: 4, factor: 2.2 }),
  incident('Viajes Quetzal', 'outage', { start: ago(305, 4), hours: 10, factor: 0 }),
];

/** When the feed of all clients was down and nothing is known, `[start, end)`. */
export const FEED_GAP = { start: ago(156, 8), end: ago(154, 18) };
