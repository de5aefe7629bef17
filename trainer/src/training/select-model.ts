import { pinball, QUANTILE_LEVELS, QUANTILES, quantilesFromRaw, untrainedRaw } from '@tidemark/shared/forecasting';
import type { ServedBy } from '@tidemark/shared/vocabulary';
import type { Batch } from '../network/training-backend.ts';

/** Widths tried for the simple forecasters: calibration would find the right one, so the gate must not punish it. */
const WIDTHS = [0.35, 0.5, 0.7, 1, 1.4, 2, 2.8];

/** Fewer validating windows than a week of buckets prove nothing about the network. */
const ENOUGH_WINDOWS = 84;

type Targets = Pick<Batch, 'actual' | 'weight'>;

/**
 * How much better a simple forecast must be to replace the network: its width was fitted to the same windows and the
 * network's was not, and a few weeks are a short trial.
 */
const REPLACES_NETWORK = 0.9;

/** Who serves a series, and why. */
export interface GateDecision {
  readonly servedBy: ServedBy;
  readonly reason: string;
}

/**
 * Lets the network, the base forecast and last week's value compete on the tail of a series' training part
 * by the same weighted pinball loss.
 * @param networkLoss mean loss of the network on the same windows, on the scale of `Fitter.loss`.
 */
export function decide(windows: number, networkLoss: number, fromBase: Targets, fromLastWeek: Targets): GateDecision {
  if (windows < ENOUGH_WINDOWS) {
    return { servedBy: 'base', reason: `only ${windows} held-out windows to compare forecasts by` };
  }
  const losses = { lstm: networkLoss, base: simpleLoss(fromBase), 'seasonal-naive': simpleLoss(fromLastWeek) };
  const compared = `held-out loss: lstm ${losses.lstm.toPrecision(3)}, base ${losses.base.toPrecision(3)}, last week ${losses['seasonal-naive'].toPrecision(3)}`;
  const simple = losses.base <= losses['seasonal-naive'] ? 'base' : 'seasonal-naive';
  return { servedBy: losses[simple] < REPLACES_NETWORK * losses.lstm ? simple : 'lstm', reason: compared };
}

/** Mean weighted pinball loss of bands of one shape around the centre, at the best of a few widths. */
function simpleLoss(targets: Targets): number {
  const shape = new Float32Array(QUANTILES);
  quantilesFromRaw(untrainedRaw(), 0, shape, 0);
  let best = Number.POSITIVE_INFINITY;
  for (const width of WIDTHS) {
    let sum = 0;
    for (let i = 0; i < targets.actual.length; i++) {
      for (let q = 0; q < QUANTILES; q++) {
        const loss = pinball(QUANTILE_LEVELS[q] as number, targets.actual[i] as number, width * (shape[q] as number));
        sum += (targets.weight[i] as number) * loss;
      }
    }
    best = Math.min(best, sum / (targets.actual.length * QUANTILES));
  }
  return best;
}
