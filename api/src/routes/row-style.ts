import { utcText } from '@tidemark/shared/contract';
import { withdrawalSentence } from '@tidemark/shared/detection';
import type { Language, Withdrawal } from '@tidemark/shared/vocabulary';

/** How rows are written: the step of buckets, the clock of the merchants, and a language. */
export interface RowStyle {
  readonly stepMs: number;
  readonly timeZone: string;
  readonly language: Language;
}

/** When and why an incident or a storm was withdrawn, as columns. */
export function withdrawalColumns(
  { withdrawnAt, withdrawnBecause }: { withdrawnAt: number | null; withdrawnBecause: Withdrawal | null },
  language: Language,
) {
  return {
    withdrawn_at: withdrawnAt === null ? null : utcText(withdrawnAt),
    withdrawn_because: withdrawnBecause === null ? null : withdrawalSentence(withdrawnBecause, language),
  };
}
