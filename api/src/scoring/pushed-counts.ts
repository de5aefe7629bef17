import { type PushedSeries, utcText } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import type { IncomingCounts } from '../store/counts.ts';

/** Parts of one series that a push may bring; a dimension of more values is too fine to watch. */
const MOST_PARTS = 64;

/**
 * The counts of a pushed series by index of its values; `null` where a bucket has none. Counts that contradict each other
 * are left out with a sentence, and the bucket's money goes on alone.
 * @throws UserError `invalid-counts` where a list is not as long as `values`.
 */
export function pushedCountsOf(
  pushed: PushedSeries,
  stepMs: number,
  remarks: string[],
): (index: number) => IncomingCounts | null {
  const { series, counts, parts = [], values, start } = pushed;
  for (const [name, list] of listsOf(pushed)) {
    if (list.length === values.length) continue;
    throw new UserError(
      'invalid-counts',
      `invalid ${name} of "${series}": ${list.length} numbers for ${values.length} values; give one for each, null where nothing is known`,
    );
  }
  if (!counts) {
    if (parts.length > 0) remarks.push(`"${series}": parts without counts are left out; give counts too`);
    return () => null;
  }
  const wide = parts.length > MOST_PARTS;
  if (wide) {
    remarks.push(
      `"${series}": ${parts.length} parts are more than ${MOST_PARTS} and are left out; give the values seen most and the rest as "other"`,
    );
  }
  const kept = wide ? [] : parts;
  let contradictions = 0;
  return (index) => {
    const found = {
      attempts: counts.attempts[index] ?? null,
      approved: counts.approved[index] ?? null,
      sales: counts.sales[index] ?? null,
      logSum: counts.log_sum[index] ?? null,
      logSquares: counts.log_squares[index] ?? null,
    };
    if (Object.values(found).some((one) => one === null)) return null;
    const whole = { ...found, refunds: counts.refunds?.[index] ?? null } as Omit<IncomingCounts, 'parts'>;
    const ofParts = kept.flatMap(({ dimension, value, attempts, approved }) => {
      const [tried, through] = [attempts[index] ?? 0, approved[index] ?? 0];
      return tried === 0 && through === 0 ? [] : [{ dimension, value, attempts: tried, approved: through }];
    });
    const why = contradiction({ ...whole, parts: ofParts });
    if (why === null) return { ...whole, parts: ofParts };
    contradictions++;
    if (contradictions <= 3) {
      const at = utcText(Date.parse(start) + index * stepMs);
      remarks.push(`"${series}" at ${at}: ${why}; its counts are left out, its money is taken`);
    }
    return null;
  };
}

function listsOf({ counts, parts = [] }: PushedSeries): [string, readonly unknown[]][] {
  return [
    ...Object.entries(counts ?? {}).map(([name, list]): [string, readonly unknown[]] => [`counts.${name}`, list ?? []]),
    ...parts.flatMap(({ dimension, value, attempts, approved }): [string, readonly unknown[]][] => [
      [`attempts of ${dimension} ${value}`, attempts],
      [`approved of ${dimension} ${value}`, approved],
    ]),
  ];
}

/** Why counts cannot be, in words for people; `null` where they can. */
function contradiction({
  attempts,
  approved,
  sales,
  logSum,
  logSquares,
  refunds,
  parts,
}: IncomingCounts): string | null {
  const counted = [attempts, approved, sales, ...parts.flatMap((part) => [part.attempts, part.approved])];
  const odd = counted.find((count) => !(Number.isSafeInteger(count) && count >= 0));
  if (odd !== undefined) return `${odd} is no count; counts are whole numbers from 0`;
  if (approved > attempts) return `${approved} approved of ${attempts} attempts`;
  if (sales > approved) return `${sales} sales of ${approved} approved`;
  if (refunds != null && refunds < 0) return `${refunds} given back; refunds are positive`;
  // Cauchy and Schwarz, but for what rounding takes.
  if (logSum * logSum > sales * logSquares + 0.01 * (1 + sales)) {
    return `log_sum ${logSum} cannot go with log_squares ${logSquares} over ${sales} sales`;
  }
  const part = parts.find((one) => one.approved > one.attempts || one.attempts > attempts);
  if (part)
    return `${part.dimension} ${part.value} has ${part.approved} approved of ${part.attempts} of all ${attempts}`;
  return null;
}
