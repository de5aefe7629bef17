import type { Measure } from '@tidemark/shared';
import type { IncomingSeries } from '../store/actuals.ts';

/** Where actuals come from when they are not pushed. */
export interface ActualsSource {
  /**
   * All complete buckets `from … to` (inclusive bucket numbers) of every client, zero and missing told apart.
   * @param known ids that get their buckets even where the source has nothing of them.
   */
  read(from: number, to: number, measure: Measure, known: readonly string[]): Promise<IncomingSeries[]>;
}
