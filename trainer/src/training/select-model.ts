import { pinball, QUANTILE_LEVELS, QUANTILES, quantilesFromRaw, untrainedRaw } from '@tidemark/shared/forecasting';
import type { ServedBy } from '@tidemark/shared/vocabulary';
import type { Batch } from '../network/training-backend.ts';

/** Band widths tried for the simple forecasts: calibration would find the right one, so it must not decide here. */
const WIDTHS = [0.35, 0.5, 0.7, 1, 1.4, 2, 2.8];

/** Validation windows needed to compare forecasts, a week of two-hour buckets. */
const MIN_WINDOWS = 84;

type Targets = Pick<Batch, 'actual' | 'weight'>;

/**
 * A simple forecast replaces the network below this share of its loss: the width of the simple one was fitted to the
 * same windows, and a few weeks are a small sample.
 */
const REPLACES_NETWORK = 0.9;

/** The forecast that serves a series, with the reason. */
export interface ModelSelection {
  readonly servedBy: ServedBy;
  readonly reason: string;
}

/**
 * The forecast with the lowest weighted pinball loss on the validation windows of a series: the network, the base
 * forecast or last week's value.
 * @param networkLoss mean loss of the network on the same windows, on the scale of `TrainingBackend.loss`.
 */
export function selectModel(
  windows: number,
  networkLoss: number,
  fromBase: Targets,
  fromLastWeek: Targets,
): ModelSelection {
  if (windows < MIN_WINDOWS) {
    return { servedBy: 'base', reason: `only ${windows} held-out windows to compare forecasts by` };
  }
  const losses = { lstm: networkLoss, base: simpleLoss(fromBase), 'seasonal-naive': simpleLoss(fromLastWeek) };
  const compared = `held-out loss: lstm ${losses.lstm.toPrecision(3)}, base ${losses.base.toPrecision(3)}, last week ${losses['seasonal-naive'].toPrecision(3)}`;
  const simple = losses.base <= losses['seasonal-naive'] ? 'base' : 'seasonal-naive';
  if (losses[simple] < REPLACES_NETWORK * losses.lstm) return { servedBy: simple, reason: compared };
  const less = losses[simple] < losses.lstm ? '; a simple forecast has to lose 10 % less to replace the lstm' : '';
  return { servedBy: 'lstm', reason: `${compared}${less}` };
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
        const loss = pinball(QUANTILE_LEVELS[q]!, targets.actual[i]!, width * shape[q]!);
        sum += targets.weight[i]! * loss;
      }
    }
    best = Math.min(best, sum / (targets.actual.length * QUANTILES));
  }
  return best;
}
