import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../log.ts';
import { liveForecaster } from '../scoring/live-forecaster.ts';
import type { DatabaseFile } from '../store/libsql.ts';
import { temporaryDatabase } from '../testing/service.ts';
import { deliverDue } from './deliver.ts';
import { guardedFetch } from './guarded-fetch.ts';
import { parseWebhooks } from './webhooks.ts';

const NOW = Date.UTC(2026, 10, 14, 3);
const HOUR_MS = 3_600_000;

const open: { close(): void }[] = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** A database with incidents of the service, and a real receiver that answers as told, once so many messages wait for it. */
async function receiving(answer: (key: string) => number | 'hang', { waitMs = 0, together = 1 } = {}) {
  const file: DatabaseFile = await temporaryDatabase();
  const received: string[] = [];
  const busy = { now: 0, most: 0 };
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const key = String(request.headers['idempotency-key']);
    busy.now++;
    busy.most = Math.max(busy.most, busy.now);
    request.resume();
    const status = answer(key);
    if (status === 'hang') return void request.socket.destroy();
    waiting.push(() => {
      busy.now--;
      received.push(`${key} ${status}`);
      response.writeHead(status).end();
    });
    if (waiting.length < together) return;
    const ready = waiting.splice(0);
    setTimeout(() => {
      for (const respond of ready) respond();
    }, waitMs);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(file, {
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  const webhooks = parseWebhooks(JSON.stringify([{ name: 'ops', url: `http://127.0.0.1:${port}/` }]), {
    loopback: true,
  });
  const { db } = file;
  const clock = { now: NOW };
  const deliver = () =>
    deliverDue({
      db,
      webhooks,
      live: liveForecaster(db),
      clock: { kind: 'wall', wall: () => clock.now },
      log: silentLog,
      fetch: guardedFetch({ loopback: true }),
    });
  const queue = async (incident: string, event: string, attempts = 0, nextAt = clock.now) => {
    await db.run(
      sql`INSERT INTO service_incident (id, kind, subject, severity, opened_at, seen_at, facts)
          VALUES (${incident}, 'feed-late', '', 'critical', ${NOW}, ${NOW}, '{}') ON CONFLICT DO NOTHING`,
    );
    await db.run(
      sql`INSERT INTO delivery (id, webhook, event, incident, attempts, next_at)
          VALUES (${`${incident}-${event}`}, 'ops', ${event}, ${incident}, ${attempts}, ${nextAt})`,
    );
    // Of one service only one incident of a kind is open.
    await db.run(sql`UPDATE service_incident SET closed_at = ${NOW}`);
  };
  return { db, received, busy, clock, deliver, queue };
}

describe('what is told of one incident', () => {
  test('arrives in order, whatever the order in which it is stored', async () => {
    const { received, deliver, queue } = await receiving(() => 200, { waitMs: 20 });
    for (const event of ['withdraw', 'close', 'escalate', 'open']) await queue('one', event);
    await deliver();
    expect(received).toEqual(['open', 'escalate', 'close', 'withdraw'].map((event) => `one-${event} 200`));
  });

  test('waits for what came before it and failed, and is tried with it', async () => {
    const answers = { status: 500 };
    const { received, clock, deliver, queue, db } = await receiving(() => answers.status);
    await queue('one', 'open');
    await deliver();
    await queue('one', 'close');
    expect(await deliver()).toBe(NOW + 15_000);
    expect(received).toEqual(['one-open 500']);
    clock.now += 15_000;
    answers.status = 200;
    await deliver();
    expect(received.slice(1)).toEqual(['one-open 200', 'one-close 200']);
    expect(await db.all(sql`SELECT attempts FROM delivery ORDER BY event`)).toEqual([{ attempts: 1 }, { attempts: 2 }]);
  });

  test('is due at once, however long what came before it would have waited', async () => {
    const { received, deliver, queue } = await receiving(() => 200);
    await queue('one', 'open', 12, NOW + 12 * HOUR_MS);
    await queue('one', 'close');
    await deliver();
    expect(received).toEqual(['one-open 200', 'one-close 200']);
  });

  test('does not overtake a message that another process is sending', async () => {
    const { received, deliver, queue, clock } = await receiving(() => 200);
    await queue('one', 'open', 0, NOW + 60_000);
    await queue('one', 'close');
    expect(await deliver()).toBe(NOW + 60_000);
    expect(received).toEqual([]);
    clock.now += 60_000;
    await deliver();
    expect(received).toEqual(['one-open 200', 'one-close 200']);
  });
});

describe('a receiver', () => {
  test('gets four messages at a time, so that a slow one is not given more than it answers in time', async () => {
    const { received, busy, deliver, queue } = await receiving(() => 200, { waitMs: 30, together: 4 });
    for (let i = 0; i < 20; i++) await queue(`i${i}`, 'open');
    await deliver();
    expect([received.length, busy.most]).toEqual([20, 4]);
  });

  test('that refuses one message gets the others', async () => {
    const { received, deliver, queue } = await receiving((key) => (key === 'bad-open' ? 400 : 200));
    for (const id of ['one', 'bad', 'two']) await queue(id, 'open');
    await deliver();
    expect(received.sort()).toEqual(['bad-open 400', 'one-open 200', 'two-open 200']);
  });

  test('that gives no answer is not tried with all that is due for it', async () => {
    const tried = new Set<string>();
    const { deliver, queue, db } = await receiving((key) => {
      tried.add(key);
      return 'hang';
    });
    for (let i = 0; i < 20; i++) await queue(`i${i}`, 'open');
    expect(await deliver()).toBe(NOW + 15_000);
    expect(tried.size).toBeLessThanOrEqual(4);
    expect(await db.all(sql`SELECT DISTINCT next_at FROM delivery`)).toEqual([{ next_at: NOW + 15_000 }]);
  });

  test('that takes messages again gets at once what has waited for it', async () => {
    const { received, deliver, queue } = await receiving(() => 200);
    await queue('old', 'open', 10, NOW + 4 * HOUR_MS);
    await queue('new', 'open');
    expect(await deliver()).toBe(NOW);
    await deliver();
    expect(received).toEqual(['new-open 200', 'old-open 200']);
  });
});
