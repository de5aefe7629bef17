import type { Fan } from '@tidemark/shared/forecasting';

/** Whether a fan is finite and its limits nest: lower ones below the median, upper ones above, wider ones outside. */
export function isSound({ median, lower, upper }: Fan): boolean {
  let before = Number.NEGATIVE_INFINITY;
  for (const limit of [...lower.toReversed(), median, ...upper]) {
    if (!Number.isFinite(limit) || limit < before) return false;
    before = limit;
  }
  return true;
}
