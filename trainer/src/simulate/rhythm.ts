import { DAY_MS, HOUR_MS, type LocalTime, type SpecialDays } from '@tidemark/shared/forecasting';
import type { Random } from './random.ts';

/** How one client's business moves with the calendar; every factor multiplies the mean transactions of a bucket. */
export interface Rhythm {
  /** Mean transactions per hour, before any factor. */
  readonly perHour: number;
  /** Busy times of the day: centre (hour), width (hours) and height of each hump over `nightShare`. */
  readonly humps: readonly { readonly hour: number; readonly width: number; readonly height: number }[];
  readonly nightShare: number;
  /** Factor per weekday, Monday first. */
  readonly weekdays: readonly number[];
  /** Hours by which the humps come later on Saturdays and Sundays. */
  readonly weekendShift: number;
  /** Extra on and just after payday (the 15th and the last day of the month). */
  readonly payday: number;
  /** Height of the yearly wave and the day of the year of its top. */
  readonly season: { readonly height: number; readonly topDay: number };
  /** Factor on public holidays. */
  readonly holiday: number;
  /** Whether a public holiday has the hours and the volume of a Sunday, before that factor. */
  readonly holidaysLikeSundays: boolean;
  /** Growth per year, 0.2 is 20 %. */
  readonly growth: number;
  /** Spread of the slow, autocorrelated noise of the log mean, and how much of it survives one day. */
  readonly wander: { readonly spread: number; readonly dailyMemory: number };
  /** Mean and log-spread of one transaction's amount. */
  readonly ticket: { readonly mean: number; readonly spread: number };
  /** Refunds as a share of sales, by count. */
  readonly refunds: number;
  /** Declined transactions as a share of sales, by count. */
  readonly declined: number;
}

/** Month and day of holidays that a shop feels in many countries, `MM-DD`. */
const HOLIDAYS = new Set(['01-01', '02-05', '05-01', '09-16', '11-02', '11-20', '12-12', '12-24', '12-25', '12-31']);
const SUNDAY = 6;

/**
 * Mean transactions of a bucket, without noise.
 * @param local the time in its middle.
 * @param yearsIn since the series began.
 */
export function meanTransactions(rhythm: Rhythm, local: LocalTime, stepMs: number, yearsIn: number): number {
  const hours = stepMs / HOUR_MS;
  const holiday = isHoliday(local);
  const weekday = holiday && rhythm.holidaysLikeSundays ? SUNDAY : local.weekday;
  const hour = local.hour + local.minute / 60 - (weekday >= 5 ? rhythm.weekendShift : 0);
  let shape = rhythm.nightShare;
  for (const hump of rhythm.humps) {
    const apart = ((((hour - hump.hour + 12) % 24) + 24) % 24) - 12;
    shape += hump.height * Math.exp(-0.5 * (apart / hump.width) ** 2);
  }
  const yearPhase = (dayOfYear(local) - rhythm.season.topDay) / 365.25;
  return (
    hours *
    rhythm.perHour *
    shape *
    rhythm.weekdays[weekday]! *
    (1 + rhythm.payday * paydayShare(local)) *
    (1 + rhythm.season.height * Math.cos(2 * Math.PI * yearPhase)) *
    (holiday ? rhythm.holiday : 1) *
    (1 + rhythm.growth) ** yearsIn
  );
}

/** A rhythm drawn at random, from corner shop to airline: for series that have to be unlike each other. */
export function drawRhythm(random: Random): Rhythm {
  const early = random.between(7, 12);
  const weekend = random.between(0.15, 1.6);
  return {
    perHour: Math.exp(random.between(Math.log(0.4), Math.log(400))),
    humps: [
      { hour: early, width: random.between(1.2, 3.5), height: random.between(0.3, 1) },
      { hour: early + random.between(3, 9), width: random.between(1, 3.5), height: random.between(0.2, 1.2) },
    ],
    nightShare: random.uniform() < 0.3 ? 0 : random.between(0.005, 0.25),
    weekdays: [1, 1, 1, 1, random.between(0.9, 1.4), weekend * random.between(0.7, 1.3), weekend],
    weekendShift: random.between(0, 2.5),
    payday: random.between(0, 0.6),
    season: { height: random.between(0, 0.3), topDay: random.between(0, 365) },
    holiday: random.between(0.15, 1.4),
    growth: random.between(-0.25, 0.7),
    wander: { spread: random.between(0.02, 0.25), dailyMemory: random.between(0.3, 0.95) },
    ticket: { mean: Math.exp(random.between(Math.log(5), Math.log(3_000))), spread: random.between(0.3, 1.3) },
    refunds: random.between(0, 0.08),
    declined: random.between(0.02, 0.15),
    holidaysLikeSundays: random.uniform() < 0.4,
  };
}

/** The days on which rhythms differ from ordinary weeks, from one local date to another, as an artifact lists them. */
export function specialDaysOfRhythms(from: string, through: string): SpecialDays {
  const named = new Map<string, string[]>();
  for (let ms = Date.parse(from); ms <= Date.parse(through); ms += DAY_MS) {
    const date = new Date(ms).toISOString().slice(0, 10);
    const [year = 0, month = 0, day = 0] = date.split('-').map(Number);
    const names = [
      ...(HOLIDAYS.has(date.slice(5)) ? [date.slice(5)] : []),
      ...(paydayShare({ year, month, day }) === 1 ? [PAYDAY] : []),
    ];
    for (const name of names) named.set(name, [...(named.get(name) ?? []), date]);
  }
  return {
    through,
    days: [...named].map(([name, dates]) => ({ kind: name === PAYDAY ? 'payday' : 'holiday', name, dates })),
  };
}

const PAYDAY = 'payday';

function isHoliday(local: LocalTime): boolean {
  return HOLIDAYS.has(`${pad(local.month)}-${pad(local.day)}`);
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}

function paydayShare(local: Pick<LocalTime, 'year' | 'month' | 'day'>): number {
  const lastDay = new Date(Date.UTC(local.year, local.month, 0)).getUTCDate();
  const since = local.day >= 15 && local.day < lastDay ? local.day - 15 : local.day === lastDay ? 0 : local.day;
  return since <= 3 ? [1, 0.7, 0.45, 0.2][since]! : 0;
}

function dayOfYear(local: LocalTime): number {
  return (Date.UTC(local.year, local.month - 1, local.day) - Date.UTC(local.year, 0, 1)) / DAY_MS;
}
