import { type LocalHours, WEEK_HOURS } from './local-hours.ts';

/** Half-lives, in weeks, years and days. */
const PROFILE_WEEKS = 26;
const DAY_FACTOR_YEARS = 1;
const LEVEL_DAYS = 14;
/** The level of a rare series moves more slowly, so that it rests on so many counts: a silence does not lower it at once. */
const LEVEL_COUNTS = 30;
const LEVEL_DAYS_MOST = 120;
/** Days in which the profile is learned at a level of 1; then the level starts to move. */
const FIRST_DAYS = 14;
/** Days after which days of the week are told apart: before, hours of the day are not known that they are held against. */
const HOURS_FIRST_DAYS = 7;
/** Relative variance of an hour of the week about hour of day × day of week. */
const HOUR_VARIANCE = 0.03;
/** Relative variance of factors of days of the month, and of special days, about 1. */
const MONTH_DAY_VARIANCE = 0.012;
const SPECIAL_DAY_VARIANCE = 0.09;
/** Weight of the neighbouring hours when a bucket's count is shared out among its hours. */
const SMOOTH = 0.4;

/**
 * What is known of one series' counts: level × hour of the week × day of the month × kind of special day, all fading.
 * Counts and exposures lie apart, so that a rate is their ratio and a prior is a few counts more (gamma-Poisson). An
 * hour of the week is drawn towards hour of the day × day of the week, the more the less it has counted itself.
 */
export interface ExpectationState {
  /** Buckets learned from. */
  age: number;
  levelCounts: number;
  levelExposure: number;
  /** [168] each. */
  readonly profileCounts: Float64Array;
  readonly profileExposure: Float64Array;
  /** [24] each. */
  readonly hourCounts: Float64Array;
  readonly hourExposure: Float64Array;
  /** [7] each. */
  readonly dayCounts: Float64Array;
  readonly dayExposure: Float64Array;
  /** [32 days of the month + 8 kinds of special days]: Σ weight · ratio, Σ weight. */
  readonly dateRatios: Float64Array;
  readonly dateWeights: Float64Array;
}

/** An expected count and how sure it is. */
export interface Expected {
  readonly mean: number;
  /** Relative variance of the mean itself, from how little has been seen. */
  readonly doubt: number;
  /** Factor of the date that is in the mean. */
  readonly dateFactor: number;
}

/** A state that has seen nothing. */
export function startExpectation(): ExpectationState {
  const floats = (n: number) => new Float64Array(n);
  return {
    age: 0,
    levelCounts: 0,
    levelExposure: 0,
    profileCounts: floats(WEEK_HOURS),
    profileExposure: floats(WEEK_HOURS),
    hourCounts: floats(24),
    hourExposure: floats(24),
    dayCounts: floats(7),
    dayExposure: floats(7),
    dateRatios: floats(40),
    dateWeights: floats(40),
  };
}

function hourRate(state: ExpectationState, hour: number): number {
  return (state.hourCounts[hour]! + 0.2) / (state.hourExposure[hour]! + 1);
}

/** Rate of an hour of the day, smoothed over its neighbours. */
function smoothRate(state: ExpectationState, hour: number): number {
  const at = (k: number) => hourRate(state, (k + 24) % 24);
  return at(hour) / 2 + (at(hour - 1) + at(hour + 1)) / 4;
}

function dayFactor(state: ExpectationState, day: number): number {
  return (state.dayCounts[day]! + 4) / (state.dayExposure[day]! + 4);
}

/** Where a date's factor lies: that of its kind where it is special, else that of its day of the month. */
export function dateSlot({ monthDay, special }: Pick<LocalHours, 'monthDay' | 'special'>): number {
  return special === null ? monthDay : 32 + special.kind;
}

/** Weight of the belief that a date's factor is 1. */
function datePrior(slot: number): number {
  return 1 / (slot < 32 ? MONTH_DAY_VARIANCE : SPECIAL_DAY_VARIANCE);
}

/** Factor of a date, drawn towards 1. */
function dateFactorOf(state: ExpectationState, slot: number): number {
  const prior = datePrior(slot);
  return (state.dateRatios[slot]! + prior) / (state.dateWeights[slot]! + prior);
}

/** Relative variance of a date's factor, from the days that it rests on. */
function dateDoubt(state: ExpectationState, slot: number): number {
  const weight = state.dateWeights[slot]!;
  return weight / (weight + datePrior(slot)) ** 2;
}

/** Counts per unit of the weekly profile. */
function levelOf(state: ExpectationState): number {
  return state.levelExposure > 0 ? state.levelCounts / state.levelExposure : 1;
}

/** Rate of one hour of the week at level 1, and its relative variance. */
function rateOf(state: ExpectationState, hour: number, dispersion: number): [number, number] {
  const plain = hourRate(state, hour % 24) * dayFactor(state, Math.floor(hour / 24));
  const prior = (1 + dispersion * plain) / HOUR_VARIANCE;
  const counts = state.profileCounts[hour]! + prior;
  const rate = (plain * counts) / (state.profileExposure[hour]! * plain + prior);
  return [rate, (1 + dispersion * plain) / counts + 1 / (state.hourCounts[hour % 24]! + 0.2)];
}

/**
 * What is expected of a bucket from what has been learned so far.
 * @param dispersion relative variance of counts from week to week beyond Poisson; weighs the hour's own past.
 */
export function expectCount(state: ExpectationState, at: LocalHours, dispersion: number): Expected {
  const slot = dateSlot(at);
  const dateFactor = dateFactorOf(state, slot);
  let sum = 0;
  let variance = 0;
  for (let i = 0; i < at.hours.length; i++) {
    const [rate, doubt] = rateOf(state, at.hours[i]!, dispersion);
    const part = rate * at.overlaps[i]!;
    sum += part;
    variance += part * part * doubt;
  }
  const mean = sum * levelOf(state) * dateFactor;
  return { mean, doubt: (sum > 0 ? variance / (sum * sum) : 1) + dateDoubt(state, slot), dateFactor };
}

/**
 * Takes a bucket's count in. A bucket that overlaps several hours gives each its expected share of the count, one step
 * of smoothed expectation maximisation (Silverman, Jones, Wilson & Nychka 1990), so that hours stay apart when a clock
 * change moves buckets.
 * @param count already free of what would not be learned from.
 * @param terms.dispersion as of `expectCount`.
 * @param terms.perDay buckets in a day.
 */
export function learnCount(
  state: ExpectationState,
  at: LocalHours,
  count: number,
  { dispersion, perDay }: { readonly dispersion: number; readonly perDay: number },
): void {
  const keep = 2 ** (-1 / PROFILE_WEEKS);
  const days = (state.age + 1) / perDay;
  const knowsHours = days > HOURS_FIRST_DAYS;
  const level = levelOf(state);
  const dateFactor = dateFactorOf(state, dateSlot(at));
  let sum = 0;
  const parts: number[] = [];
  for (let i = 0; i < at.hours.length; i++) {
    const rate = rateOf(state, at.hours[i]!, dispersion)[0];
    sum += rate * at.overlaps[i]!;
    parts.push(rate ** (1 - SMOOTH) * smoothRate(state, at.hours[i]! % 24) ** SMOOTH * at.overlaps[i]!);
  }
  const weights = parts.reduce((total, part) => total + part, 0);
  const exposure = level * dateFactor;
  for (let i = 0; i < at.hours.length; i++) {
    const hour = at.hours[i]!;
    const overlap = at.overlaps[i]!;
    const share = count * (weights > 0 ? parts[i]! / weights : overlap);
    const ofDay = hour % 24;
    const day = Math.floor(hour / 24);
    const [rateOfHour, factorOfDay] = [hourRate(state, ofDay), dayFactor(state, day)];
    const forget = 1 - overlap * (1 - keep);
    state.profileCounts[hour] = forget * state.profileCounts[hour]! + share;
    state.profileExposure[hour] = forget * state.profileExposure[hour]! + overlap * exposure;
    const forgetHour = 1 - (overlap * (1 - keep)) / 7;
    state.hourCounts[ofDay] = forgetHour * state.hourCounts[ofDay]! + share;
    state.hourExposure[ofDay] = forgetHour * state.hourExposure[ofDay]! + overlap * exposure * factorOfDay;
    if (!knowsHours) continue;
    const forgetDay = 1 - (overlap * (1 - keep)) / 24;
    state.dayCounts[day] = forgetDay * state.dayCounts[day]! + share;
    state.dayExposure[day] = forgetDay * state.dayExposure[day]! + overlap * exposure * rateOfHour;
  }
  state.age++;
  if (days < FIRST_DAYS) {
    state.levelCounts = state.levelExposure = days * perDay * Math.max(sum, 1e-9);
    return;
  }
  const seenDays = Math.min(days, (7 * PROFILE_WEEKS) / Math.LN2);
  const perDayCounts = state.hourCounts.reduce((total, counts) => total + counts, 0) / seenDays;
  const rests = Math.max(LEVEL_DAYS, Math.min(LEVEL_DAYS_MOST, LEVEL_COUNTS / Math.max(perDayCounts, 1e-9)));
  const fade = 2 ** (-1 / (perDay * Math.min(rests, days / 3)));
  state.levelCounts = fade * state.levelCounts + count;
  state.levelExposure = fade * state.levelExposure + sum * dateFactor;
}

/** Multiplies the level, whose own past then says next to nothing of it. */
export function changeLevel(state: ExpectationState, factor: number): void {
  state.levelCounts *= factor;
}

/**
 * Takes a finished day in.
 * @param ratio its count to what was expected of it were it an ordinary date.
 * @param weight 1 ÷ relative variance of that ratio.
 */
export function learnDate(state: ExpectationState, slot: number, ratio: number, weight: number): void {
  const keep = 2 ** (-1 / (12 * DAY_FACTOR_YEARS));
  state.dateRatios[slot] = keep * state.dateRatios[slot]! + weight * ratio;
  state.dateWeights[slot] = keep * state.dateWeights[slot]! + weight;
}
