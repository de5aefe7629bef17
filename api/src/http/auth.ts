import { createHash, timingSafeEqual } from 'node:crypto';
import { UserError } from '@tidemark/shared/errors';

/** What a key may do: read answers, bring actuals in, or change everything else. `admin` may do all. */
export type Scope = 'read' | 'ingest' | 'admin';

export const SCOPES: readonly Scope[] = ['read', 'ingest', 'admin'];

/** A key as configured: only its hash is known. */
export interface ApiKey {
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** SHA-256 of the key. */
  readonly hash: Uint8Array;
}

/**
 * Reads `name:scope[+scope]:sha256-in-hex`, several separated by commas; several keys are valid at once.
 * @throws UserError `invalid-keys` naming the entry, never with its hash.
 */
export function parseKeys(text: string): ApiKey[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry, index) => {
      const [name = '', scopes = '', hash = '', ...more] = entry.split(':');
      const known = scopes.split('+').filter((scope): scope is Scope => (SCOPES as readonly string[]).includes(scope));
      const whole = /^[0-9a-f]{64}$/i.test(hash) && more.length === 0 && known.length === scopes.split('+').length;
      if (!whole || !/^[\w.-]+$/.test(name)) {
        // Who gives the key itself in place of its entry must not find it in a log.
        const which = entry.includes(':') ? `"${name.slice(0, 40)}"` : `${index + 1}`;
        throw new UserError(
          'invalid-keys',
          `invalid API key entry ${which}; expected name:scope:sha256 with scopes ${SCOPES.join(', ')} joined by +`,
        );
      }
      return { name, scopes: known, hash: fromHex(hash) };
    });
}

/** SHA-256 of a key, as the configuration holds it. Keys are long and random, so a plain hash is enough. */
export function hashKey(key: string): Uint8Array {
  return createHash('sha256').update(key).digest();
}

/** The key that was presented, or `null`. Every configured key is compared, each in constant time. */
export function findKey(keys: readonly ApiKey[], presented: string): ApiKey | null {
  const hash = hashKey(presented);
  let found: ApiKey | null = null;
  for (const key of keys) if (timingSafeEqual(key.hash, hash)) found = key;
  return found;
}

/** Whether a key covers a scope. */
export function covers(key: ApiKey, scope: Scope): boolean {
  return key.scopes.includes(scope) || key.scopes.includes('admin');
}

function fromHex(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
