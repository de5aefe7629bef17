import { UserError } from '@tidemark/shared/errors';
import pRetry from 'p-retry';
import type { Log } from '../log.ts';
import { checkTarget, type TargetPolicy } from './targets.ts';

const TIMEOUT_MS = 10_000;
/** Tries of one ping, and the first of the waits between them. */
const TRIES = 3;
const FIRST_WAIT_MS = 1_000;

/** Addresses of a dead-man's-switch service. Their paths are secrets. */
export interface Heartbeat {
  /** Asked after each good cycle. */
  readonly success: string;
  /** Asked when a cycle failed or something critical is wrong; `null`: the service takes no such request. */
  readonly failure: string | null;
}

/**
 * The addresses of `TIDEMARK_HEARTBEAT` and `TIDEMARK_HEARTBEAT_FAILURE`; an empty first: none. Without the second,
 * services that are known to take failures at another address are told there: healthchecks.io and whoever runs its
 * software (`…/<uuid>`, `hc-ping.com/<key>/<slug>`) and Better Stack (`…/heartbeat/<token>`), all at `…/fail`.
 * @throws UserError `invalid-setting`, without the address, unless webhooks may go there.
 */
export function parseHeartbeat(success: string, failure: string, policy: TargetPolicy): Heartbeat | null {
  if (success.trim() === '') {
    if (failure.trim() === '') return null;
    throw invalid('TIDEMARK_HEARTBEAT_FAILURE', 'there is no TIDEMARK_HEARTBEAT that it belongs to');
  }
  checkAddress('TIDEMARK_HEARTBEAT', success, policy);
  if (failure.trim() === '') return { success, failure: failureOf(success) };
  checkAddress('TIDEMARK_HEARTBEAT_FAILURE', failure, policy);
  return { success, failure };
}

function invalid(variable: string, why: string): UserError {
  return new UserError('invalid-setting', `invalid ${variable}: ${why}`);
}

function checkAddress(variable: string, text: string, policy: TargetPolicy): void {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw invalid(variable, 'not an address; expected one that begins with https://');
  }
  try {
    checkTarget('the address', text, policy);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw invalid(variable, error.message.replace(/^.*?"the address" /, 'it '));
  }
}

/** Where a known service takes failures; `null` for others. Sources: healthchecks.io/docs/http_api, betterstack.com/docs/uptime/cron-and-heartbeat-monitor. */
function failureOf(success: string): string | null {
  const url = new URL(success);
  const path = url.pathname.replace(/\/+$/, '');
  const isHealthchecks = url.hostname === 'hc-ping.com' || /\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(path);
  const isBetterStack = /\/api\/v1\/heartbeat\/[^/]+$/.test(path);
  if (!isHealthchecks && !isBetterStack) return null;
  url.pathname = `${path}/fail`;
  return url.href;
}

/**
 * Asks an address of a dead-man's-switch service, a few times until it answers: it alarms when nobody has asked for a
 * while, also when this process, its machine or its network is gone. A failure is logged, never thrown, and without the
 * address.
 * @returns whether it answered 2xx.
 */
export async function ping(url: string, send: typeof fetch, log: Log, tries = TRIES): Promise<boolean> {
  try {
    await pRetry(() => ask(url, send), { retries: tries - 1, minTimeout: FIRST_WAIT_MS, factor: 4 });
    return true;
  } catch (error) {
    log('warn', 'heartbeat-failed', { failure: error instanceof NoAnswer ? error.message : 'failed' });
    return false;
  }
}

/** An answer that is not 2xx, or none; its message holds no address. */
class NoAnswer extends Error {}

async function ask(url: string, send: typeof fetch): Promise<void> {
  const response = await send(url, {
    method: 'GET',
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  }).catch((error: unknown) => {
    throw new NoAnswer(error instanceof Error ? error.name : 'failed');
  });
  await response.body?.cancel();
  if (!response.ok) throw new NoAnswer(`answered ${response.status}`);
}
