import type { Point } from './judged.ts';
import type { Phrase } from './words.ts';

/** Points needed to tell limits of another grain from an outage. */
const ENOUGH = 12;
/** Factor between actual and limits from which on they cannot be of the same buckets. */
const ANOTHER_GRAIN = 5;

/**
 * Do the limits belong to other buckets, such as days beside hours? They do where nearly all actuals lie outside on
 * one side and far off by much the same factor; an outage is not that, because its values are near zero.
 */
export function grainFault(points: readonly Point[]): Phrase | null {
  const ratios: number[] = [];
  let [below, above] = [0, 0];
  for (const { actual, lower, upper, forecast } of points) {
    if (actual === null || actual <= 0 || lower === null || upper === null) continue;
    const middle = forecast ?? (lower + upper) / 2;
    if (middle <= 0) continue;
    ratios.push(actual / middle);
    if (actual < lower) below++;
    if (actual > upper) above++;
  }
  if (ratios.length < ENOUGH || Math.max(below, above) < 0.9 * ratios.length) return null;
  ratios.sort((a, b) => a - b);
  const at = (share: number) => ratios[Math.floor(share * (ratios.length - 1))] as number;
  const off = at(0.5) >= 1 ? at(0.5) : 1 / at(0.5);
  const isSteady = at(0.75) / at(0.25) < 2.5;
  if (off < ANOTHER_GRAIN || !isSteady) return null;
  const count = String(Math.max(below, above));
  return { key: 'Fault_Grain', values: [count, String(ratios.length), below > above ? '@Role_lower' : '@Role_upper'] };
}
