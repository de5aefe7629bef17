import type { IncomingSeries } from '../store/actuals.ts';

/** Where actuals come from when they are not pushed. */
export interface ActualsSource {
  /** All complete buckets `from … to` (inclusive bucket numbers) of every client, zero and missing told apart. */
  read(from: number, to: number): Promise<IncomingSeries[]>;
}
