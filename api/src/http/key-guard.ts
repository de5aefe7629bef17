import { UserError } from '@tidemark/shared/errors';
import type { Context } from 'hono';
import { type ApiKey, findKey } from './auth.ts';
import type { AppDeps } from './deps.ts';
import { tokenBuckets } from './rate-limit.ts';

/** Unknown keys that an address may try in a minute before it is told to wait. */
const WRONG_KEYS_PER_MINUTE = 30;

/** The key that was presented, or `null` where there is none like it. */
export type KeyGuard = (c: Context, presented: string) => Promise<ApiKey | null>;

/**
 * Looks keys up, and lets no address try too many wrong ones. Whoever has the right key is let in from there all the same.
 */
export function keyGuard({ keys, addressOf = () => '' }: Pick<AppDeps, 'keys' | 'addressOf'>): KeyGuard {
  const wrongKeys = tokenBuckets(WRONG_KEYS_PER_MINUTE);
  return async (c, presented) => {
    const key = findKey(keys, presented);
    if (!key && !(await wrongKeys(addressOf(c)))) {
      throw new UserError('too-many-requests', 'too many unknown keys from this address; try again in a minute');
    }
    return key;
  };
}
