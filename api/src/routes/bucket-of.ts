import { UserError } from '@tidemark/shared/errors';
import { bucketAt } from '@tidemark/shared/forecasting';

/**
 * The bucket that begins at an instant.
 * @param what names the instant in messages, e.g. `start of "shop"`.
 * @throws UserError `off-boundary` where no bucket begins, `invalid-time` before 1970.
 */
export function bucketOf(instant: string, what: string, stepMs: number): number {
  const epochMs = Date.parse(instant);
  if (epochMs % stepMs !== 0) {
    throw new UserError(
      'off-boundary',
      `invalid ${what}: ${instant}; not the start of a bucket of ${stepMs / 60_000} minutes`,
    );
  }
  if (epochMs < 0) throw new UserError('invalid-time', `invalid ${what}: ${instant}; expected 1970 or later`);
  return bucketAt(epochMs, stepMs);
}
