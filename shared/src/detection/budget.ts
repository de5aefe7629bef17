import { type ByName, setEntry } from './by-name.ts';

/** What share of a series' false alarms each test may raise; that of dimensions is divided among them. They add up to 1. */
export const TEST_SHARES = {
  attemptsLow: 0.29,
  attemptsHigh: 0.03,
  approval: 0.25,
  ticketLow: 0.17,
  ticketHigh: 0.005,
  bandLow: 0.012,
  bandHigh: 0.003,
  dimensions: 0.24,
} as const;

/** Series up to which the default budget grows in proportion; beyond, with the square root. */
const PROPORTIONAL_SERIES = 100;
const PER_SERIES = 0.36;
/** Share of the budget given out: of several tests that alarm at once only one incident comes. */
const GIVEN_OUT = 1.05;

/**
 * False incidents a week that the whole company is ready to see, unless configured: one in about three weeks for each of
 * the first hundred series, beyond that with the square root of their number (1,000 series: 114).
 * @param series series that are watched, groups included.
 * @example
 * defaultBudget(60); // 21.6
 */
export function defaultBudget(series: number): number {
  const proportional = Math.min(series, PROPORTIONAL_SERIES);
  return PER_SERIES * proportional * Math.sqrt(Math.max(1, series / PROPORTIONAL_SERIES));
}

/** False alarms a week each test of one series may raise, by test name; a dimension's test has the dimension's name. */
export function testTargets(falsePerSeriesWeek: number, dimensions: readonly string[]): Readonly<ByName<number>> {
  const { dimensions: ofDimensions, ...tests } = TEST_SHARES;
  const given = GIVEN_OUT * falsePerSeriesWeek;
  const spare = dimensions.length === 0 ? 1 / (1 - ofDimensions) : 1;
  const targets: ByName<number> = {};
  for (const [name, share] of Object.entries(tests)) targets[name] = spare * share * given;
  for (const name of dimensions) setEntry(targets, name, (ofDimensions / dimensions.length) * given);
  return targets;
}
