import { UserError } from '../../errors.ts';
import type { TopologyLayer } from './topology.ts';

/**
 * out[to, to + width) += x[from, from + length) · matrix, with matrix [length, width] row-major; four rows at a time.
 * In 64-bit floats, which engines need not convert.
 */
export function accumulate(
  out: Float64Array,
  to: number,
  width: number,
  x: Float64Array,
  from: number,
  length: number,
  matrix: Float64Array,
  firstRow = 0,
): void {
  const end = to + width;
  let i = 0;
  for (; i + 3 < length; i += 4) {
    const x0 = x[from + i]!;
    const x1 = x[from + i + 1]!;
    const x2 = x[from + i + 2]!;
    const x3 = x[from + i + 3]!;
    if (x0 === 0 && x1 === 0 && x2 === 0 && x3 === 0) continue;
    const r0 = (firstRow + i) * width - to;
    const r1 = r0 + width;
    const r2 = r1 + width;
    const r3 = r2 + width;
    for (let u = to; u < end; u++) {
      out[u] = out[u]! + (x0 * matrix[r0 + u]! + x1 * matrix[r1 + u]!) + (x2 * matrix[r2 + u]! + x3 * matrix[r3 + u]!);
    }
  }
  for (; i < length; i++) {
    const xi = x[from + i]!;
    if (xi === 0) continue;
    const row = (firstRow + i) * width - to;
    for (let u = to; u < end; u++) out[u] = out[u]! + xi * matrix[row + u]!;
  }
}

const ACTIVATIONS: Readonly<Record<string, (x: number) => number>> = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh,
  sigmoid,
  hard_sigmoid: (x) => Math.min(1, Math.max(0, 0.2 * x + 0.5)),
};

/**
 * x·P(x²)/Q(x²), fitted by reweighted least squares on |x| ≤ 9; error 1.2e-9, beyond 3.1e-8. Faster than `Math.tanh`,
 * and unlike it the same to the last bit in every engine, so that a model gives the same band everywhere.
 */
function tanh(x: number): number {
  const y = Math.max(-9, Math.min(9, x));
  const u = y * y;
  const p = 2.792307724543837e-5 + u * (3.0400237708891846e-8 - u * 1.2082564520843154e-11);
  const q = 3.9310206986214503e-4 + u * 1.2817137204462163e-6;
  return (
    (y * (0.9999999938714574 + u * (0.13676334640033028 + u * (0.0038639182392029626 + u * p)))) /
    (1 + u * (0.4700966531706485 + u * (0.027229502818871314 + u * q)))
  );
}

function sigmoid(x: number): number {
  return 0.5 + 0.5 * tanh(0.5 * x);
}

/** @throws UserError `unsupported-layer` for an activation our models do not use. */
export function activation(spec: TopologyLayer, setting: string): (x: number) => number {
  const name = String(spec.config[setting]);
  const found = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (found) return found;
  throw new UserError(
    'unsupported-layer',
    `unsupported ${setting} of layer "${spec.name}": ${name}; expected ${Object.keys(ACTIVATIONS).join(', ')}`,
  );
}
