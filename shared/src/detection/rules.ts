import { UserError } from '../errors.ts';
import { FAN_COVERAGES } from '../forecasting/calibration/fan.ts';
import { listed, WATCHED_SIDES, type WatchedSide } from '../vocabulary.ts';

/** What counts as an alarm; apart from the band that is drawn, which has its own coverage. */
export interface AlarmRules {
  /** Coverage of the band that alarms are judged against, in [0.8, 0.999]. */
  readonly coverage: number;
  /** Which side may alarm. */
  readonly direction: WatchedSide;
  /** Least |actual − median| that alarms, in the currency of the series, ≥ 0. */
  readonly minimumAbsolute: number;
  /** Least |actual − median| that alarms, as a share of |median|, ≥ 0. */
  readonly minimumRelative: number;
  /** Score from which an alarm is a warning, in band widths, > 0. */
  readonly warningScore: number;
  /** Score from which an alarm is critical, in band widths, ≥ `warningScore`. */
  readonly criticalScore: number;
  /** Flagged buckets on one side that make an alarm, among the last `among`. */
  readonly needed: number;
  /** Newest buckets, the judged one included, in which flags are counted. */
  readonly among: number;
  /** Judged buckets without a flag that close an incident, ≥ 1. */
  readonly quietToClose: number;
}

/** The rules unless configured otherwise: any bucket outside its 99 % band alarms. */
export const DEFAULT_RULES: AlarmRules = {
  coverage: 0.99,
  direction: 'both',
  minimumAbsolute: 0,
  minimumRelative: 0,
  warningScore: 0.25,
  criticalScore: 1,
  needed: 1,
  among: 1,
  quietToClose: 1,
};

/**
 * The rules, if they make sense.
 * @throws UserError `invalid-rules` naming the field, its value and what is accepted.
 * @example
 * checkedRules({ ...DEFAULT_RULES, needed: 2, among: 3 });
 */
export function checkedRules(rules: AlarmRules): AlarmRules {
  if (!WATCHED_SIDES.includes(rules.direction)) {
    throw new UserError(
      'invalid-rules',
      `invalid alarm rule direction: ${rules.direction}; accepted is ${listed(WATCHED_SIDES)}`,
    );
  }
  const highest = FAN_COVERAGES[FAN_COVERAGES.length - 1]!;
  expect(
    rules,
    'coverage',
    (value) => value >= FAN_COVERAGES[0] && value <= highest,
    `${FAN_COVERAGES[0]} to ${highest}`,
  );
  expect(rules, 'minimumAbsolute', (value) => value >= 0, 'an amount of 0 or more');
  expect(rules, 'minimumRelative', (value) => value >= 0, 'a share of 0 or more');
  expect(rules, 'warningScore', (value) => value > 0, 'more than 0 band widths');
  expect(
    rules,
    'criticalScore',
    (value) => value >= rules.warningScore,
    `at least warningScore, ${rules.warningScore}`,
  );
  expect(rules, 'among', (value) => Number.isInteger(value) && value >= 1, 'a count of 1 or more');
  const isCount = (value: number) => Number.isInteger(value) && value >= 1;
  expect(rules, 'needed', (value) => isCount(value) && value <= rules.among, `a count from 1 to among, ${rules.among}`);
  expect(rules, 'quietToClose', isCount, 'a count of 1 or more');
  return rules;
}

function expect(
  rules: AlarmRules,
  field: Exclude<keyof AlarmRules, 'direction'>,
  accepts: (value: number) => boolean,
  accepted: string,
): void {
  const value = rules[field];
  if (!Number.isFinite(value) || !accepts(value)) {
    throw new UserError('invalid-rules', `invalid alarm rule ${field}: ${value}; accepted is ${accepted}`);
  }
}
