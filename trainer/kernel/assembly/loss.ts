import { sigmoid4, softplus4 } from './activation';

/** Derivative of the pinball loss by the quantile. */
// @ts-expect-error: decorator of AssemblyScript
@inline
function slopeAt(level: f32, actual: f32, quantile: f32): f32 {
  return actual >= quantile ? -level : 1 - level;
}

/**
 * Weighted pinball loss at .005/.025/.5/.975/.995, summed over rows and levels.
 * A row of `raw` (stride 8) is median, then the gaps .5→.025, .025→.005, .5→.975, .975→.995 before softplus;
 * it is replaced by the gradient of `scale` × the sum. A row of weight 0 costs nothing and teaches nothing.
 */
export function pinballLoss(raw: usize, actual: usize, weight: usize, rows: i32, scale: f32): f64 {
  let sum: f64 = 0;
  for (let row = 0; row < rows; row++) {
    const w = f32.load(weight);
    const y = f32.load(actual);
    const median = f32.load(raw);
    const gaps = v128.load(raw, 4);
    const gap = softplus4(gaps);
    const low = median - f32x4.extract_lane(gap, 0);
    const lowest = low - f32x4.extract_lane(gap, 1);
    const high = median + f32x4.extract_lane(gap, 2);
    const highest = high + f32x4.extract_lane(gap, 3);
    const d0 = slopeAt(0.005, y, lowest);
    const d1 = slopeAt(0.025, y, low);
    const d2 = slopeAt(0.5, y, median);
    const d3 = slopeAt(0.975, y, high);
    const d4 = slopeAt(0.995, y, highest);
    // pinball = slope · (quantile − actual)
    sum += <f64>(w * (d0 * (lowest - y) + d1 * (low - y) + d2 * (median - y) + d3 * (high - y) + d4 * (highest - y)));
    const part = w * scale;
    let byGap = f32x4.splat(-d0 - d1);
    byGap = f32x4.replace_lane(byGap, 1, -d0);
    byGap = f32x4.replace_lane(byGap, 2, d3 + d4);
    byGap = f32x4.replace_lane(byGap, 3, d4);
    f32.store(raw, part * (d0 + d1 + d2 + d3 + d4));
    v128.store(raw, f32x4.mul(f32x4.mul(byGap, sigmoid4(gaps)), f32x4.splat(part)), 4);
    raw += 32;
    actual += 4;
    weight += 4;
  }
  return sum;
}
