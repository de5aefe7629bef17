import { createHmac } from 'node:crypto';
import { UserError } from '@tidemark/shared/errors';
import { LANGUAGES, SEVERITIES } from '@tidemark/shared/vocabulary';
import { z } from 'zod';
import type { Announcement } from '../scoring/plan-incidents.ts';
import type { PendingDelivery } from '../store/outcome/outcome.ts';
import { checkTarget, type TargetPolicy } from './targets.ts';

/** Somebody who wants to hear of incidents. */
const webhook = z.strictObject({
  /** Unique; part of the idempotency key. */
  name: z.string().regex(/^[\w-]{1,40}$/),
  url: z.url({ protocol: /^https?$/ }),
  format: z.enum(['json', 'slack', 'teams']).default('json'),
  /** Signs the body; without it, messages are not signed. */
  secret: z.string().min(16).optional(),
  /** This and worse. */
  severity: z.enum(SEVERITIES).default('warning'),
  /** Of its messages; unless given, that of the service. */
  language: z.enum(LANGUAGES).optional(),
});

export type Webhook = z.output<typeof webhook>;

/**
 * Reads a JSON list of webhooks. They go to public addresses over https; to this machine only where the policy says so.
 * @throws UserError `invalid-webhooks`, never with an address or a secret in it.
 */
export function parseWebhooks(text: string, policy: TargetPolicy = { loopback: false }): Webhook[] {
  if (text.trim() === '') return [];
  const fail = (why: string, cause?: unknown) =>
    new UserError(
      'invalid-webhooks',
      `invalid TIDEMARK_WEBHOOKS: ${why}; expected a JSON list of {name, url, format, secret, severity, language}`,
      { cause },
    );
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (cause) {
    throw fail('not JSON', cause);
  }
  const parsed = z.array(webhook).safeParse(given);
  if (!parsed.success) throw fail(`${parsed.error.issues[0]?.path.join('.')}: ${parsed.error.issues[0]?.message}`);
  for (const { name, url } of parsed.data) checkTarget(name, url, policy);
  if (new Set(parsed.data.map(({ name }) => name)).size < parsed.data.length) throw fail('two of the same name');
  return parsed.data;
}

/** An incident that ended longer ago than a day, and than this many buckets, is history, not news: a backfill announces none. */
const LEAST_NEWS_BUCKETS = 2;

/**
 * The messages an event owes, by the newest bucket and the buckets in a day. Its id is the same however often the event is
 * found, so each is stored once.
 */
export function pendingDeliveriesBy(webhooks: readonly Webhook[]) {
  return ({ kind, incident, again }: Announcement, target: number, perDay: number): PendingDelivery[] => {
    // Whoever was told of an incident is told when it is over or withdrawn, however old or mild it is by then.
    const isEnd = kind === 'withdraw' || kind === 'close';
    const isNews = kind !== 'withdraw' && incident.end > target - Math.max(LEAST_NEWS_BUCKETS, perDay);
    if (!isNews && !isEnd) return [];
    const details = { escalate: `escalate-${incident.severity}`, close: `close-${incident.end}` };
    const isPlain = kind === 'open' || kind === 'withdraw';
    const detail = `${isPlain ? kind : details[kind]}${again === undefined ? '' : `-${again}`}`;
    return webhooks.flatMap(({ name, severity }) => {
      const isWanted = isNews && SEVERITIES.indexOf(incident.severity) >= SEVERITIES.indexOf(severity);
      if (!isWanted && !isEnd) return [];
      const id = `${incident.id}-${detail}-${name}`;
      return [{ id, webhook: name, event: kind, incident: incident.id, onlyIfTold: !isWanted }];
    });
  };
}

/**
 * Value of the signature header: `t=<epoch seconds>,v1=<hex HMAC-SHA256 of "t.body">`. Receivers compute the same,
 * compare in constant time and refuse old times.
 */
export function signatureOf(secret: string, epochSeconds: number, body: string): string {
  return `t=${epochSeconds},v1=${createHmac('sha256', secret).update(`${epochSeconds}.${body}`).digest('hex')}`;
}
