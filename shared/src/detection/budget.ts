/** What share of a series' false alarms each test may raise; that of dimensions is divided among them. They add up to 1. */
const TEST_SHARES = {
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

/** False alarms a week that each test of one series may raise. */
export interface TestTargets extends Readonly<Record<Exclude<keyof typeof TEST_SHARES, 'dimensions'>, number>> {
  /** Each dimension's test. */
  readonly dimension: number;
}

/** Divides the false alarms a week of one series among its tests; without dimensions, their part among the others. */
export function testTargets(falsePerSeriesWeek: number, dimensions: number): TestTargets {
  const { dimensions: ofDimensions, ...tests } = TEST_SHARES;
  const given = GIVEN_OUT * falsePerSeriesWeek;
  const spare = dimensions === 0 ? 1 / (1 - ofDimensions) : 1;
  const targetOf = (test: keyof typeof tests) => spare * tests[test] * given;
  return {
    attemptsLow: targetOf('attemptsLow'),
    attemptsHigh: targetOf('attemptsHigh'),
    approval: targetOf('approval'),
    ticketLow: targetOf('ticketLow'),
    ticketHigh: targetOf('ticketHigh'),
    bandLow: targetOf('bandLow'),
    bandHigh: targetOf('bandHigh'),
    dimension: dimensions === 0 ? 0 : (ofDimensions / dimensions) * given,
  };
}
