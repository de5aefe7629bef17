import type { AlarmRules } from '@tidemark/shared/detection';
import { FAN_COVERAGES } from '@tidemark/shared/forecasting';
import { DEFAULTS, drawsServed, type Options } from './options.ts';
import type { Rows } from './rows.ts';

/** What a reader can do about the coverage of the range, and what it does. */
export interface Sensitivity {
  /** Coverages to choose among, the widest range first: to the right more alarms are raised. */
  readonly stops: readonly number[];
  /** Position of the coverage in force among the stops. */
  readonly at: number;
  /** Has the reader chosen it? */
  readonly isMoved: boolean;
  /**
   * What moving does to the alarms: `judged` here anyway; `preview` in place of those served; `served` and `no-fans`:
   * nothing, because the author insists on those served, or because limits have one coverage only.
   */
  readonly effect: 'judged' | 'preview' | 'served' | 'no-fans';
}

/** The options with the coverage a reader has chosen, where one has; alarms are then judged here. */
export function withCoverage(options: Options, coverage: number | null): Options {
  if (coverage === null || !options.alarms.slider || options.alarms.judged === 'served') return options;
  return { ...options, alarms: { ...options.alarms, coverage, fixed: true, judged: 'here' } };
}

/** The slider of the rows at hand; `null` where the author does not offer it. */
export function sensitivityOf(
  { bound }: Pick<Rows, 'bound'>,
  { source, rules }: { readonly source: string; readonly rules: Pick<AlarmRules, 'coverage'> },
  options: Options,
  coverage: number | null,
): Sensitivity | null {
  const { alarms } = options;
  if (!alarms.slider) return null;
  const usual = alarms.coverage === DEFAULTS.alarms.coverage ? rules.coverage : alarms.coverage;
  const isMoved = coverage !== null && coverage !== usual;
  // What a reader chose stays a choice when the author's coverage, which was one, moves.
  const stops = [...new Set([...FAN_COVERAGES, usual, ...(isMoved ? [coverage] : [])])].sort((a, b) => b - a);
  const isFixed = source === 'rows' || source === 'none';
  const isServed = drawsServed(options, bound);
  const effect = isFixed ? 'no-fans' : !isServed ? 'judged' : alarms.judged === 'served' ? 'served' : 'preview';
  return { stops, at: stops.indexOf(isMoved ? coverage : usual), isMoved, effect };
}
