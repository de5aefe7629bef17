import { QUANTILE_LEVELS, softplus } from '@tidemark/shared/forecasting';
import { add, addOuter, addProduct, at, carryBack, rectify, sigmoid, type Tensor } from './typescript-arithmetic.ts';

/** One horizon of the head; `rawGradient` is filled by the loss. */
export interface Column {
  readonly target: Float64Array;
  readonly first: Float64Array;
  readonly middle: Float64Array;
  readonly raw: Float64Array;
  readonly rawGradient: Float64Array;
}

type Six<T> = readonly [T, T, T, T, T, T];

/** The network after the LSTM's last state, for one horizon. */
export function headForward(head: readonly Tensor[], last: Float64Array, target: Float64Array): Column {
  const [kernel1, bias1, kernel2, bias2, kernel3, bias3] = head.map(
    ({ values }) => values,
  ) as unknown as Six<Float64Array>;
  const first = Float64Array.from(bias1);
  addProduct(last, kernel1, 0, first);
  addProduct(target, kernel1, last.length, first);
  rectify(first);
  const middle = Float64Array.from(bias2);
  addProduct(first, kernel2, 0, middle);
  rectify(middle);
  const raw = Float64Array.from(bias3);
  addProduct(middle, kernel3, 0, raw);
  addProduct(target, kernel3, middle.length, raw);
  return { target, first, middle, raw, rawGradient: new Float64Array(raw.length) };
}

/** Adds `scale` × the column's gradient to the weights' gradients and to the state's. */
export function headBackward(
  head: readonly Tensor[],
  last: Float64Array,
  { target, first, middle, rawGradient }: Column,
  scale: number,
  stateGradient: Float64Array,
): void {
  const [kernel1, bias1, kernel2, bias2, kernel3, bias3] = head as Six<Tensor>;
  const dRaw = rawGradient.map((value) => value * scale);
  addOuter(middle, dRaw, kernel3.gradient, 0);
  addOuter(target, dRaw, kernel3.gradient, middle.length);
  add(dRaw, bias3.gradient);
  const dMiddle = carryBack(dRaw, kernel3.values, 0, middle.length).map((d, i) => (at(middle, i) > 0 ? d : 0));
  addOuter(first, dMiddle, kernel2.gradient, 0);
  add(dMiddle, bias2.gradient);
  const dFirst = carryBack(dMiddle, kernel2.values, 0, first.length).map((d, i) => (at(first, i) > 0 ? d : 0));
  addOuter(last, dFirst, kernel1.gradient, 0);
  addOuter(target, dFirst, kernel1.gradient, last.length);
  add(dFirst, bias1.gradient);
  add(carryBack(dFirst, kernel1.values, 0, last.length), stateGradient);
}

/** Weighted pinball loss of one horizon over all levels; its derivative by the raw outputs into `rawGradient`. */
export function pinballGradient({ raw, rawGradient }: Column, actual: number, weight: number): number {
  const gap = (i: number) => softplus(at(raw, i));
  const low = at(raw, 0) - gap(1);
  const high = at(raw, 0) + gap(3);
  const quantiles = [low - gap(2), low, at(raw, 0), high, high + gap(4)];
  // By which raw outputs each quantile moves, and which way.
  const moves = [
    [-1, -1, 0, 0],
    [-1, 0, 0, 0],
    [0, 0, 0, 0],
    [0, 0, 1, 0],
    [0, 0, 1, 1],
  ] as const;
  let loss = 0;
  quantiles.forEach((quantile, index) => {
    const level = QUANTILE_LEVELS[index]!;
    const slope = weight * (actual >= quantile ? -level : 1 - level);
    loss += slope * (quantile - actual);
    rawGradient[0] = at(rawGradient, 0) + slope;
    moves[index]?.forEach((move, i) => {
      rawGradient[i + 1] = at(rawGradient, i + 1) + slope * move * sigmoid(at(raw, i + 1));
    });
  });
  return loss;
}
