import { madd, sumLanes } from './simd';

/** Sum of squares of a gradient; count is a multiple of four. */
export function sumOfSquares(gradient: usize, count: i32): f32 {
  const end = gradient + ((<usize>count) << 2);
  let sum = f32x4.splat(0);
  for (; gradient < end; gradient += 16) {
    const g = v128.load(gradient);
    sum = madd(g, g, sum);
  }
  return sumLanes(sum);
}

/**
 * One step of Adam (Kingma & Ba 2015) with decoupled weight decay (Loshchilov & Hutter 2019), β = .9, .999, ε = 1e-8.
 * The gradient is taken times `clip` and left at zero for the next step; `unbias1/2` = 1/(1 − βⁿ).
 */
export function adam(
  values: usize,
  gradient: usize,
  first: usize,
  second: usize,
  count: i32,
  rate: f32,
  clip: f32,
  unbias1: f32,
  unbias2: f32,
  decay: f32,
): void {
  const end = values + ((<usize>count) << 2);
  const beta1 = f32x4.splat(0.9);
  const rest1 = f32x4.splat(0.1);
  const beta2 = f32x4.splat(0.999);
  const rest2 = f32x4.splat(0.001);
  const epsilon = f32x4.splat(1e-8);
  const clips = f32x4.splat(clip);
  const grow = f32x4.splat(unbias2);
  const step = f32x4.splat(-rate * unbias1);
  const keep = f32x4.splat(1 - rate * decay);
  for (; values < end; values += 16, gradient += 16, first += 16, second += 16) {
    const g = f32x4.mul(v128.load(gradient), clips);
    const m = madd(v128.load(first), beta1, f32x4.mul(g, rest1));
    const v = madd(v128.load(second), beta2, f32x4.mul(f32x4.mul(g, g), rest2));
    const move = f32x4.div(m, f32x4.add(f32x4.sqrt(f32x4.mul(v, grow)), epsilon));
    v128.store(first, m);
    v128.store(second, v);
    v128.store(values, madd(move, step, f32x4.mul(v128.load(values), keep)));
    v128.store(gradient, f32x4.splat(0));
  }
}
