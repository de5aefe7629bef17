/**
 * What share of a series' false alarms each test may raise, of a dimension's test after division by the number of
 * dimensions. The shares add up to 1; that detectors see the same trouble, and that small clients cannot reach some
 * thresholds at all, leaves a little over.
 */
export const TEST_SHARES = {
  attemptsLow: 0.32,
  attemptsHigh: 0.06,
  approval: 0.18,
  ticketLow: 0.17,
  ticketHigh: 0.01,
  dimensions: 0.26,
} as const;

/** Series up to which the default budget grows in proportion; beyond, with the square root. */
const PROPORTIONAL_SERIES = 100;
const PER_SERIES = 0.25;

/**
 * False incidents a week that the whole company is ready to see, unless configured: a quarter of one for each of the
 * first hundred series, beyond that with the square root of their number (1,000 series: 79).
 * @param series series that are watched, groups included.
 * @example
 * defaultBudget(60); // 15
 */
export function defaultBudget(series: number): number {
  const proportional = Math.min(series, PROPORTIONAL_SERIES);
  return PER_SERIES * proportional * Math.sqrt(Math.max(1, series / PROPORTIONAL_SERIES));
}

/** False alarms a week each test of one series may raise, by test name; a dimension's test has the dimension's name. */
export function testTargets(
  falsePerSeriesWeek: number,
  dimensions: readonly string[],
): Readonly<Record<string, number>> {
  const { dimensions: ofDimensions, ...tests } = TEST_SHARES;
  const spare = dimensions.length === 0 ? 1 / (1 - ofDimensions) : 1;
  const targets: Record<string, number> = {};
  for (const [name, share] of Object.entries(tests)) targets[name] = spare * share * falsePerSeriesWeek;
  for (const name of dimensions) targets[name] = (ofDimensions / dimensions.length) * falsePerSeriesWeek;
  return targets;
}
