import { FAN_COVERAGES, type Fan } from '@tidemark/shared/forecasting';

/**
 * A fan from its text, `median|lower,…|upper,…` at `FAN_COVERAGES`.
 * @returns `null` where the text is no such fan.
 */
export function parseFan(text: string | null): Fan | null {
  if (text === null) return null;
  const numbers = text.split(/[|,]/).map(Number);
  const count = FAN_COVERAGES.length;
  if (numbers.length !== 1 + 2 * count || !numbers.every(Number.isFinite)) return null;
  return { median: numbers[0] as number, lower: numbers.slice(1, 1 + count), upper: numbers.slice(1 + count) };
}
