import { UserError } from '@tidemark/shared/errors';
import type { Log } from '../log.ts';
import { checkTarget, type TargetPolicy } from './targets.ts';

const TIMEOUT_MS = 10_000;

/**
 * The address of `TIDEMARK_HEARTBEAT`; empty: none.
 * @throws UserError `invalid-setting` unless it is an address that webhooks may go to.
 */
export function parseHeartbeat(text: string, policy: TargetPolicy): string | null {
  if (text.trim() === '') return null;
  const fail = (why: string) => new UserError('invalid-setting', `invalid TIDEMARK_HEARTBEAT: ${why}`);
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) throw fail('expected an https address');
  try {
    checkTarget('the heartbeat', text, policy);
  } catch (error) {
    throw error instanceof UserError ? fail(error.message.replace('invalid TIDEMARK_WEBHOOKS: ', '')) : error;
  }
  return text;
}

/**
 * Asks the heartbeat's address, in the manner of dead-man's-switch services: they alarm when nobody has asked for a
 * while, also when this process, its machine or its network is gone. A failure is logged, never thrown.
 */
export async function beat(url: string, send: typeof fetch, log: Log): Promise<void> {
  try {
    const response = await send(url, { method: 'GET', redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    await response.body?.cancel();
    if (!response.ok) log('warn', 'heartbeat-failed', { failure: `answered ${response.status}` });
  } catch (error) {
    log('warn', 'heartbeat-failed', { failure: error instanceof Error ? error.name : 'failed' });
  }
}
