/** Most decimals that a currency has in use (ISO 4217 knows none, 2, 3 and 4). */
const MOST_DECIMALS = 4;

/**
 * Decimals that amounts of one currency are written with: 0 where all are whole, as of yen, else 2, or 3 or 4 where some
 * amount needs them. What sums of cents lose in floating point, up to 1e-9 of an amount, is no decimal.
 * @example
 * decimalsOf([120, 3.5]); // 2
 */
export function decimalsOf(amounts: readonly number[]): number {
  const isWhole = (amount: number, decimals: number) => {
    const units = Math.abs(amount) * 10 ** decimals;
    return Math.abs(units - Math.round(units)) <= Math.max(1e-6, units * 1e-9);
  };
  for (const decimals of [0, 2, 3]) {
    if (amounts.every((amount) => isWhole(amount, decimals))) return decimals;
  }
  return MOST_DECIMALS;
}

/**
 * Whole minor units (cents, where `decimals` is 2) whose sum is that of the whole, rounded once: each part is rounded
 * down, and what is left goes to the parts with the largest remainders, one unit each (largest remainder method, Hamilton
 * 1792; ties to the part that comes first). No part moves by a unit or more.
 * @param parts that add up to `whole` but for what floating point loses.
 * @param decimals of the currency, 0 to 4.
 * @example
 * inMinorUnits(-1, [-1 / 3, -1 / 3, -1 / 3], 2); // { whole: -100, parts: [-33, -34, -33] }
 */
export function inMinorUnits(
  whole: number,
  parts: readonly number[],
  decimals: number,
): { readonly whole: number; readonly parts: readonly number[] } {
  const units = Math.round(whole * 10 ** decimals) + 0;
  if (parts.length === 0) return { whole: units, parts: [] };
  const exact = parts.map((part) => part * 10 ** decimals);
  const rounded = exact.map(Math.floor);
  let left = units - rounded.reduce((sum, part) => sum + part, 0);
  const order = exact
    .map((part, place) => ({ place, remainder: part - Math.floor(part) }))
    .sort((one, other) => other.remainder - one.remainder || one.place - other.place);
  // Parts that do not add up to the whole are the caller's mistake; the difference then stands in the first of them.
  const turns = Math.min(Math.max(left, 0), order.length);
  for (let turn = 0; turn < turns; turn++) rounded[order[turn]!.place]!++;
  left -= turns;
  if (left !== 0) rounded[order[0]!.place]! += left;
  return { whole: units, parts: rounded.map((part) => part + 0) };
}
