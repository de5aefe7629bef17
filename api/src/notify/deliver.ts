import { HOUR_MS } from '@tidemark/shared/forecasting';
import type { Language } from '@tidemark/shared/vocabulary';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { serviceRow } from '../monitor/service-rows.ts';
import { alarmRows } from '../routes/alarm-rows.ts';
import type { RowStyle } from '../routes/row-style.ts';
import { stormRows } from '../routes/storm-rows.ts';
import { type LiveForecaster, liveIfReadable } from '../scoring/live-forecaster.ts';
import { storedGrid } from '../scoring/stored-grid.ts';
import { readColumnAnswers } from '../store/column-answers.ts';
import type { Db } from '../store/db.ts';
import {
  claimDeliveries,
  type DueDelivery,
  hasten,
  markDelivered,
  markFailed,
  markNeedless,
  nextDelivery,
  putOff,
  sentBefore,
  wasTold,
} from '../store/deliveries.ts';
import { findIncident } from '../store/incidents.ts';
import { findServiceIncident } from '../store/service-incidents.ts';
import { findStorm, stormMembers } from '../store/storms.ts';
import { type Sent, sendInOrder } from './in-order.ts';
import { type Message, payloadOf } from './messages.ts';
import { signatureOf, type Webhook } from './webhooks.ts';

export interface DeliveryDeps {
  readonly db: Db;
  readonly live: LiveForecaster;
  readonly webhooks: readonly Webhook[];
  readonly clock: Clock;
  readonly log: Log;
  readonly fetch?: typeof fetch;
  /** Of messages to webhooks that name none; unless given, English. */
  readonly language?: Language | undefined;
  /** Address under which people reach the service, for links. */
  readonly publicUrl?: string | null | undefined;
  /** What opens an incident's page for whoever gets the message; `null` where nothing is needed. */
  readonly linkToken?: ((incident: string, now: number) => string | null) | undefined;
}

/** Tries before a message is given up: about four days with the waits between. */
const TRIES = 16;
const FIRST_WAIT_MS = 15_000;
const LONGEST_WAIT_MS = 12 * HOUR_MS;
const TIMEOUT_MS = 10_000;
/** How long nobody else sends the messages that one process has taken. */
const CLAIM_MS = 6 * TIMEOUT_MS;
/** How a failure begins where the receiver did answer. */
const ANSWERED = 'answered';

/** How long to wait after the given number of failed tries: doubling, at most twelve hours. */
export function waitAfter(attempts: number): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempts - 1));
}

/**
 * Sends the messages that are due, those of one incident to one receiver in order. A message counts as delivered once the
 * receiver answered 2xx; a crash in between sends it again, with the same `Idempotency-Key`.
 * @returns epoch milliseconds at which the next try is due, `null` if none waits.
 */
export async function deliverDue(deps: DeliveryDeps): Promise<number | null> {
  const { db, live, clock } = deps;
  // Also without a model, or with one that cannot be read: that is what a message may be about.
  const { model } = await liveIfReadable(live);
  const { stepMs } = await storedGrid({ db, live: async () => model });
  const now = clock.wall();
  const started = performance.now();
  const claimedUntil = now + CLAIM_MS;
  const round: Round = { now, stepMs, timeZone: model?.artifact.metadata.timeZone ?? 'UTC', claimedUntil };
  await sendInOrder(await claimDeliveries(db, now, claimedUntil), {
    send: (delivery) => sendOne(deps, delivery, round),
    putOff: (deliveries, next) =>
      putOff(
        db,
        deliveries.map(({ id }) => id),
        next,
      ),
    before: (delivery) => sentBefore(db, delivery),
    // A try takes as long as it may: later ones would go on when others take the message for abandoned.
    outOfTime: () => (performance.now() - started > CLAIM_MS - 2 * TIMEOUT_MS ? clock.wall() : null),
  });
  return nextDelivery(db);
}

/** What the messages of one round share. */
interface Round {
  readonly now: number;
  readonly stepMs: number;
  readonly timeZone: string;
  readonly claimedUntil: number;
}

async function sendOne(deps: DeliveryDeps, delivery: DueDelivery, round: Round): Promise<Sent> {
  const { db, webhooks, clock, log } = deps;
  const { now, stepMs, timeZone } = round;
  const hook = webhooks.find(({ name }) => name === delivery.webhook);
  const style = { stepMs, timeZone, language: hook?.language ?? deps.language ?? 'en' };
  const message = await messageOf(db, delivery, style, (id) => linkOf(deps, id, now));
  if (!hook || !message) {
    const error = hook ? 'the incident is gone' : 'the webhook is not configured any more';
    await markFailed(db, delivery.id, { error, at: clock.wall(), next: null });
    return { kind: 'done' };
  }
  // What was withdrawn before it was told need not be told, neither the one nor the other.
  if (isWithdrawn(message) && !(await wasTold(db, hook.name, delivery.incident))) {
    await markNeedless(db, delivery.id, 'withdrawn before it was told', clock.wall());
    return { kind: 'done' };
  }
  const payload = payloadOf(hook.format, message, style);
  const failure = await post(deps.fetch ?? fetch, hook, { id: delivery.id, payload, now });
  if (failure === null) {
    await markDelivered(db, delivery.id, clock.wall());
    await hasten(db, hook.name, clock.wall(), round.claimedUntil);
    log('info', 'webhook', { webhook: hook.name, delivery: delivery.id });
    return { kind: 'done' };
  }
  const attempts = delivery.attempts + 1;
  const again = attempts >= TRIES ? null : clock.wall() + waitAfter(attempts);
  await markFailed(db, delivery.id, { error: failure, at: clock.wall(), next: again });
  const given_up = again === null;
  log('warn', 'webhook-failed', { webhook: hook.name, delivery: delivery.id, attempts, failure, given_up });
  return { kind: failure.startsWith(ANSWERED) ? 'refused' : 'unreachable', next: again };
}

function isWithdrawn(message: Message): boolean {
  if ('service' in message) return false;
  return ('storm' in message ? message.storm : message.alarm).status === 'withdrawn';
}

/** What a delivery tells of, as it is now; `null` where it is gone. */
async function messageOf(
  db: Db,
  { event, incident: id }: DueDelivery,
  style: RowStyle,
  linkTo: (incident: string | null) => string | null,
): Promise<Message | null> {
  const storm = await findStorm(db, id);
  if (storm) {
    const members = await stormMembers(db, [id]);
    const [row] = stormRows([storm], members, style);
    const own = members.get(id) ?? [];
    // The page of whom it cost most names the others.
    const link = own[0] === undefined ? null : linkTo(own[0].incident);
    return row ? { event, link, storm: row, members: own } : null;
  }
  const own = await findServiceIncident(db, id);
  if (own) return { event, link: healthLink(linkTo(null)), service: serviceRow(own, style) };
  const incident = await findIncident(db, id);
  const [alarm] = incident ? await alarmRows(db, [incident], style) : [];
  const columns = (await readColumnAnswers(db, [id])).get(id)?.findings ?? null;
  return alarm ? { event, link: linkTo(id), alarm, columns } : null;
}

/** Where more is told of the service itself. */
export function healthLink(publicUrl: string | null): string | null {
  return publicUrl === null ? null : `${publicUrl}/v1/health`;
}

/** Address of an incident's page with what opens it, or of the service; `null` where it has no public address. */
function linkOf({ publicUrl, linkToken }: DeliveryDeps, incident: string | null, now: number): string | null {
  if (!publicUrl || incident === null) return publicUrl ?? null;
  const token = linkToken?.(incident, now) ?? null;
  return `${publicUrl}/incidents/${encodeURIComponent(incident)}${token === null ? '' : `?t=${token}`}`;
}

/**
 * Sends one message.
 * @returns `null` when the receiver took it, else what went wrong, without its address.
 */
export async function post(
  send: typeof fetch,
  hook: Webhook,
  { id, payload, now }: { readonly id: string; readonly payload: unknown; readonly now: number },
): Promise<string | null> {
  const body = JSON.stringify(payload);
  const headers: Record<string, string> = { 'content-type': 'application/json', 'idempotency-key': id };
  if (hook.secret) headers['x-tidemark-signature'] = signatureOf(hook.secret, Math.floor(now / 1_000), body);
  try {
    const response = await send(hook.url, {
      method: 'POST',
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.body?.cancel();
    return response.ok ? null : `${ANSWERED} ${response.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'failed';
  }
}
