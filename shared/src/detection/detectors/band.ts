import { FAN_COVERAGES, type Fan } from '../../forecasting/calibration/fan.ts';
import type { Direction } from '../../vocabulary.ts';
import { type Detector, type Finding, moneyCauses } from './detector.ts';
import { onGrid } from './threshold.ts';
import { pullTrigger, standing, startTrigger, type TriggerState } from './trigger.ts';

const PRIOR = { mark: 4, rate: 0.7, scale: 1.2 };
const HALF_LIFE_WEEKS = 8;

/** What is remembered of one series' money against its band. */
export interface BandState {
  last: number;
  /** Fading sums of money sold and given back. */
  gross: number;
  refunds: number;
  readonly low: TriggerState;
  readonly high: TriggerState;
}

/**
 * −ln of the share of actuals beyond this one on its side, as the fan has it: interpolated between its limits, beyond the
 * outermost going on as from the last but one to the last. 0 inside the innermost band.
 * @example
 * bandStrength(fan, fan.lower[4]!); // { side: 'low', strength: 5.3 }: half a percent lie below the 99 % band
 */
export function bandStrength(fan: Fan, actual: number): { side: Direction; strength: number } {
  const side = actual < fan.median ? 'low' : 'high';
  const limits = side === 'low' ? fan.lower : fan.upper;
  const distance = Math.abs(actual - fan.median);
  const at = (k: number) => Math.abs(limits[k]! - fan.median);
  const tail = (k: number) => -Math.log((1 - FAN_COVERAGES[k]!) / 2);
  if (distance <= at(0)) return { side, strength: 0 };
  let k = 1;
  while (k < FAN_COVERAGES.length - 1 && distance > at(k)) k++;
  const width = at(k) - at(k - 1);
  // Limits may coincide, of a series that sells nothing for instance: then anything beyond is beyond all of them.
  const share = width > 0 ? (distance - at(k - 1)) / width : FAN_COVERAGES.length;
  return { side, strength: Math.min(100, tail(k - 1) + share * (tail(k) - tail(k - 1))) };
}

/**
 * The bucket's net money against the band that was issued for it before it was seen, both sides, with a threshold from the
 * budget instead of a coverage. Cause `refunds` where what is missing was given back, else `volume`. Money is sales times
 * amounts: it speaks no louder than its counts and amounts bear out, for of rare sales and refunds no band is exact.
 * @param perWeek buckets in a week.
 */
export function bandDetector(perWeek: number): Detector<BandState> {
  const prior = onGrid(PRIOR, perWeek);
  return {
    name: 'band',
    start: () => ({
      last: Number.MIN_SAFE_INTEGER,
      gross: 0,
      refunds: 0,
      low: startTrigger(),
      high: startTrigger(),
    }),
    observe(state, { bucket, gross, band }, { warm, calm, targets, borneOut }) {
      if (band === undefined) {
        // Nobody can say whether it goes on.
        state.low.evidence = state.high.evidence = null;
        return;
      }
      if (bucket <= state.last) return;
      state.last = bucket;
      const { fan, net } = band;
      const back = gross === undefined ? 0 : gross - net;
      if (warm) {
        const { side, strength } = bandStrength(fan, net);
        const share = state.gross > 0 ? state.refunds / state.gross : 0;
        const isRefunds = side === 'low' && back - share * (gross ?? 0) > (fan.median - net) / 2;
        const most = isRefunds ? borneOut?.refunds(back, share) : borneOut?.[side];
        for (const one of ['low', 'high'] as const) {
          const finding: Finding = {
            detector: 'band',
            side: one,
            cause: isRefunds ? moneyCauses.refunds : moneyCauses.volume,
            causeValue: null,
            strength: side === one ? Math.min(strength, most ?? Number.POSITIVE_INFINITY) : 0,
            start: bucket,
            buckets: 1,
            observed: net,
            expected: fan.median,
            attempts: 0,
            sales: 0,
            money: Math.abs(fan.median - net),
          };
          const target = targets[one === 'low' ? 'bandLow' : 'bandHigh'];
          pullTrigger(state[one], finding, null, { prior, target, perWeek, bucket, holds: 0 });
        }
      }
      if (!calm || state.low.evidence !== null || gross === undefined) return;
      const keep = 2 ** (-1 / (HALF_LIFE_WEEKS * perWeek));
      state.gross = keep * state.gross + gross;
      state.refunds = keep * state.refunds + back;
    },
    evidence: ({ low, high }) => standing(low, high),
  };
}
