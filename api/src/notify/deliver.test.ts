import { createHmac } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterEach, describe, expect, test } from 'vitest';
import { silentLog } from '../log.ts';
import { liveForecaster } from '../scoring/live-forecaster.ts';
import { commit } from '../store/db.ts';
import { deliveryStatements } from '../store/outcome/deliveries.ts';
import { madeUpSeries, publishedService, pushOf, type Service, stoppedClock, WEEK } from '../testing/service.ts';
import { deliverDue, waitAfter } from './deliver.ts';
import { parseWebhooks, pendingDeliveriesBy } from './webhooks.ts';

const NOW = 8 * WEEK;
const series = [madeUpSeries('shop', 9)];
const SECRET = 'sixteen-letters-or-more';
const webhooks = parseWebhooks(
  JSON.stringify([
    { name: 'ops', url: 'https://hooks.example/ops', secret: SECRET, severity: 'info' },
    { name: 'chat', url: 'https://hooks.example/chat', format: 'slack', severity: 'critical' },
    { name: 'team', url: 'https://hooks.example/team', format: 'teams', severity: 'critical' },
  ]),
);

let service: Service | undefined;
afterEach(() => service?.close());

/** A service with an outage in its newest bucket, and a receiver that answers as told. */
async function withOutage(answers: number[] = [], meanwhile: (db: Service['db']) => Promise<unknown> = async () => {}) {
  const clock = stoppedClock();
  clock.endOf(NOW - 1);
  service = await publishedService({
    clock,
    series,
    until: NOW,
    environment: { TIDEMARK_BACKFILL_DAYS: '3' },
    cycle: { pendingDeliveries: pendingDeliveriesBy(webhooks) },
  });
  await service.cycle.run('refresh');
  const { db, send, cycle } = service;
  const received: { url: string; key: string; signature: string | null; body: string }[] = [];
  const deliver = () =>
    deliverDue({
      db,
      webhooks,
      clock,
      live: liveForecaster(db),
      log: silentLog,
      fetch: async (input, init) => {
        const headers = new Headers(init?.headers);
        received.push({
          url: String(input),
          key: headers.get('idempotency-key') ?? '',
          signature: headers.get('x-tidemark-signature'),
          body: String(init?.body),
        });
        const status = answers.shift() ?? 200;
        if (status >= 500) await meanwhile(db);
        return new Response(null, { status });
      },
    });
  await deliver();
  received.length = 0;
  clock.endOf(NOW);
  await send('PUT', '/v1/actuals', {
    series: pushOf(series, NOW, NOW + 1).series.map((one) => ({ ...one, values: [0] })),
  });
  await cycle.run('schedule');
  return { clock, db, deliver, received, cycle };
}

describe('webhooks', () => {
  test("an incident is told once to each who wants to hear of it, in the receiver's words, signed", async () => {
    const { deliver, received, clock, cycle } = await withOutage();
    await deliver();
    await cycle.run('schedule');
    await deliver();
    expect(received.map(({ url }) => url).sort()).toEqual(
      ['chat', 'ops', 'team'].map((name) => `https://hooks.example/${name}`),
    );
    const [ops, chat, team] = ['ops', 'chat', 'team'].map((name) => received.find(({ url }) => url.endsWith(name)));
    expect(JSON.parse(ops?.body ?? '')).toMatchObject({ event: 'open', alarm: { series: 'shop', direction: 'low' } });
    expect(JSON.parse(chat?.body ?? '').text).toMatch(
      /^CRITICAL shop: below its band since .+; left its band, lost \d/,
    );
    expect(JSON.parse(team?.body ?? '').attachments[0].content.type).toBe('AdaptiveCard');
    const seconds = Math.floor(clock.wall() / 1_000);
    expect(ops?.signature).toBe(
      `t=${seconds},v1=${createHmac('sha256', SECRET).update(`${seconds}.${ops?.body}`).digest('hex')}`,
    );
    expect(chat?.signature).toBe(null);
  });

  test('a receiver that fails is asked again, later each time, with the same key, until it answers', async () => {
    const { deliver, received, clock } = await withOutage([500, 503, 200, 200]);
    const only = async () => {
      received.length = 0;
      await deliver();
      return received.map(({ url, key }) => `${url.split('/').pop()} ${key}`);
    };
    const first = await only();
    expect(first.length).toBe(3);
    expect(await only()).toEqual([]);
    const later = clock.wall() + waitAfter(1);
    clock.endOf(NOW, (later - clock.wall()) / 60_000 + 7);
    const second = await only();
    expect(second.length).toBe(2);
    expect(first).toEqual(expect.arrayContaining(second));
    clock.endOf(NOW, 90);
    expect(await only()).toEqual([]);
  });

  test('a message that another process delivered while a try of ours failed stays delivered', async () => {
    const { deliver, db, clock } = await withOutage([500, 500, 500], (db) =>
      db.run(sql`UPDATE delivery SET delivered_at = 1, next_at = NULL`),
    );
    await deliver();
    expect(await db.all(sql`SELECT DISTINCT delivered_at, next_at, error FROM delivery`)).toEqual([
      { delivered_at: 1, next_at: null, error: null },
    ]);
    clock.endOf(NOW, 90);
    expect(await deliver()).toBeNull();
  });

  test('waits double and stay below half a day', () => {
    expect([1, 2, 3].map(waitAfter)).toEqual([15_000, 30_000, 60_000]);
    expect(waitAfter(30)).toBe(12 * 3_600_000);
  });

  test('a backfill announces nothing of what is long over', async () => {
    const { db } = await withOutage();
    const old = await db.all<{ id: string }>(
      sql`SELECT d.id FROM delivery d JOIN incident i ON i.id = d.incident JOIN series s ON s.key = i.series WHERE i."end" < s.origin - 13`,
    );
    expect(old).toEqual([]);
  });

  test('plain http is refused, and neither address nor secret shows in a refusal', () => {
    const refusal = (hooks: unknown) => {
      try {
        parseWebhooks(JSON.stringify(hooks));
      } catch (error) {
        return (error as Error).message;
      }
      return '';
    };
    expect(refusal([{ name: 'ops', url: 'http://hooks.example/T0K3N' }])).toMatch(/"ops" is not https/);
    expect(refusal([{ name: 'ops', url: 'http://hooks.example/T0K3N' }])).not.toMatch(/T0K3N/);
    expect(refusal([{ name: 'ops', url: 'https://x.example', secret: 'short' }])).toMatch(/secret/);
  });
});

test('that an incident is over is told to whoever was told that it began, however long ago that was and however mild it is by then', async () => {
  await withOutage();
  const { db } = service as Service;
  const [incident] = await db.all<{ id: string; end: number }>(
    sql`SELECT id, "end" FROM incident WHERE status = 'open'`,
  );
  const owed = pendingDeliveriesBy(webhooks);
  const { id = '', end = 0 } = incident ?? {};
  const close = (of: string) => owed({ kind: 'close', incident: { id: of, end, severity: 'info' } }, end + 1_000, 12);
  await commit(db, deliveryStatements({ deliveries: [...close(id), ...close('never-told')] }, 0));
  const rows = await db.all<{ incident: string; webhook: string }>(
    sql`SELECT incident, webhook FROM delivery WHERE event = 'close' ORDER BY webhook`,
  );
  expect(rows).toEqual(['chat', 'ops', 'team'].map((webhook) => ({ incident: id, webhook })));
});

test('what ended within a day is news, and on buckets of a day what ended with the one before', () => {
  const owed = pendingDeliveriesBy(webhooks);
  const isNews = (bucketsAgo: number, perDay: number) =>
    owed({ kind: 'open', incident: { id: 'one', end: 100 - bucketsAgo, severity: 'critical' } }, 100, perDay).length >
    0;
  expect([23, 24].map((ago) => isNews(ago, 24))).toEqual([true, false]);
  expect([11, 12].map((ago) => isNews(ago, 12))).toEqual([true, false]);
  expect([1, 2].map((ago) => isNews(ago, 1))).toEqual([true, false]);
});

test('an incident that outlasts a mute is told anew, once for each', () => {
  const owed = pendingDeliveriesBy(webhooks);
  const incident = { id: 'one', end: 100, severity: 'critical' } as const;
  const ids = [undefined, 90, 90, 100].flatMap((again) =>
    owed({ kind: 'open', incident, ...(again === undefined ? {} : { again }) }, 100, 12).map(({ id }) => id),
  );
  expect(new Set(ids).size).toBe((3 * ids.length) / 4);
});
