import type { AlarmRow, StormRow } from '@tidemark/shared/contract';
import { DEFAULT_RULES, type SeriesIncident, type Storm } from '@tidemark/shared/detection';
import { sql } from 'drizzle-orm';
import { beforeAll, describe, expect, test } from 'vitest';
import { silentLog } from '../../log.ts';
import { deliverDue } from '../../notify/deliver.ts';
import { parseWebhooks, pendingDeliveriesBy } from '../../notify/webhooks.ts';
import { countedClients, type Troubles } from '../../testing/counted.ts';
import {
  createService,
  madeUpSeries,
  publishedService,
  type Service,
  type StoppedClock,
  stoppedClock,
  WEEK,
} from '../../testing/service.ts';
import { liveForecaster } from '../live-forecaster.ts';
import { isWanted, isWantedStorm } from './watch-rows.ts';

const WEEKS = 7;
const IDS = Array.from({ length: 8 }, (_, client) => `client-${client}`);
/** First bucket of the storm: ten in the morning of a Wednesday. */
const FROM = 6 * WEEK + 2 * 12 + 5;
const environment = { TIDEMARK_BACKFILL_DAYS: '0', TIDEMARK_LANGUAGE: 'es' };
const webhooks = parseWebhooks(
  JSON.stringify([
    { name: 'ops', url: 'https://hooks.example/ops', severity: 'info', language: 'en' },
    { name: 'chat', url: 'https://hooks.example/chat', format: 'slack' },
    { name: 'team', url: 'https://hooks.example/team', format: 'teams', language: 'pt' },
  ]),
);

interface Received {
  readonly url: string;
  readonly key: string;
  // biome-ignore lint/suspicious/noExplicitAny: bodies of three formats, looked into by the tests.
  readonly body: any;
}

/** A service whose clients were well until the storm, its clock, and what its webhooks have received. */
async function beforeStorm(troubles: Troubles) {
  const clients = countedClients(IDS, WEEKS, troubles);
  const clock = stoppedClock();
  clock.endOf(FROM - 1);
  const options = { clock, environment, cycle: { pendingDeliveries: pendingDeliveriesBy(webhooks) } };
  const series = IDS.map((id) => madeUpSeries(id, 1));
  const service = await publishedService({ ...options, series, until: 1 });
  await service.send('PUT', '/v1/actuals', clients.body(0, FROM, 'all'));
  await service.cycle.run('refresh');
  const received: Received[] = [];
  const deliver = async (status: () => number = () => 200) =>
    deliverDue({
      db: service.db,
      webhooks,
      clock,
      live: liveForecaster(service.db),
      log: silentLog,
      language: 'es',
      publicUrl: 'https://tidemark.example',
      fetch: async (input, init) => {
        const key = new Headers(init?.headers).get('idempotency-key') ?? '';
        received.push({ url: String(input), key, body: JSON.parse(String(init?.body)) });
        return new Response(null, { status: status() });
      },
    });
  await deliver();
  received.length = 0;
  /** Lives through one bucket in a process that remembers nothing. */
  const live = async (index: number) => {
    clock.endOf(index);
    const restarted = await createService({ ...options, db: service.db });
    await restarted.send('PUT', '/v1/actuals', clients.body(index, index + 1, 'all'));
    await restarted.cycle.run('schedule');
  };
  return { service, clock, received, deliver, live };
}

const silent: Troubles = (id, index) => {
  const until = FROM + (id === 'client-3' ? 9 : 4);
  return index >= FROM && index < until ? { attempts: 0 } : {};
};

describe('many clients silent at once', () => {
  let service: Service;
  let clock: StoppedClock;
  let received: Received[];
  let failed: Received[];
  let deliver: () => Promise<unknown>;
  let storm: StormRow;
  const at = (name: string) => received.filter(({ url }) => url.endsWith(name));

  beforeAll(async () => {
    const all = await beforeStorm(silent);
    ({ service, clock, received } = all);
    ({ deliver } = all);
    for (let index = FROM; index < FROM + 13; index++) {
      await all.live(index);
      if (index === FROM) {
        await all.deliver(() => 503);
        failed = received.splice(0);
        await service.db.run(sql`UPDATE delivery SET next_at = 0 WHERE delivered_at IS NULL`);
        // The same cycle again, as after a crash before anybody knew that it was done.
        await all.live(index);
      }
      await all.deliver();
    }
    storm = (await service.rows<StormRow>('/v1/storms?language=en'))[0] as StormRow;
    return () => service.close();
  });

  test('are one page: the storm, told once when it opens and once when it ends, with its sum folded in', () => {
    const ops = at('ops').map(({ body }) => [body.event, body.storm?.id ?? body.alarm.series]);
    expect(ops.slice(0, 1)).toEqual([['open', storm.id]]);
    expect(ops.filter(([, about]) => about === storm.id)).toEqual([
      ['open', storm.id],
      ['close', storm.id],
    ]);
    expect(new Set(received.map(({ key }) => key)).size).toBe(received.length);
  });

  test('are told after all where the receiver was away and the service began anew, with the same keys', () => {
    expect(failed).toHaveLength(3);
    expect(
      received
        .slice(0, 3)
        .map(({ key }) => key)
        .sort(),
    ).toEqual(failed.map(({ key }) => key).sort());
  });

  test('but for the one that outlasts the storm, which is then told of by itself', () => {
    const ops = at('ops').filter(({ body }) => body.alarm);
    expect(ops.map(({ body }) => `${body.event} ${body.alarm.series}`)).toEqual(['open client-3', 'close client-3']);
    const [close] = at('ops').filter(({ body }) => body.storm && body.event === 'close');
    const still = close?.body.members.filter(({ status }: { status: string }) => status === 'open');
    expect(still.map(({ series }: { series: string }) => series)).toEqual(['client-3']);
  });

  test('with its members, their money summed to the cent, the cause, a sentence and a link, in the words of the receiver', () => {
    const { body } = at('ops')[0] as Received;
    expect(body.storm).toMatchObject({ cause: 'attempts', severity: 'critical', members: 8, watched: 8 });
    const cents = (money: number) => Math.round(100 * money);
    const sum = body.members.reduce((total: number, { volume }: { volume: number }) => total + cents(volume), 0);
    expect(cents(body.storm.volume)).toBe(sum);
    expect(body.storm.largest.split('; ')).toHaveLength(5);
    expect(body.storm.sentence).toMatch(/^No sale at 8 of 8 clients for 2 h; [\d,]+ expected$/);
    const [most] = body.members;
    expect(body.link).toBe(`https://tidemark.example/incidents/${most.incident}`);
    expect(at('chat')[0]?.body.text).toMatch(
      /^CRÍTICO: Ninguna venta en 8 de 8 clientes durante 2 h; se esperaban \d+; desde .+, perdido [\d.]+, sobre todo en client-\d+ [\d.,]+, .+\nhttps:/,
    );
    const card = at('team')[0]?.body.attachments[0].content;
    expect(card.body[0].inlines[0].text).toMatch(/^CRÍTICO: Nenhuma venda em 8 de 8 clientes/);
    expect(card.actions[0].url).toBe(body.link);
  });

  test('lead to the page of whom they cost most, which names the others', async () => {
    const { body } = at('ops')[0] as Received;
    const path = body.link.slice('https://tidemark.example'.length);
    const page = await (await service.get(`${path}?language=en`)).text();
    // As it is now, not as it was told first.
    expect(page).toMatch(/Part of a storm: [\d,]+ attempts at 8 of 8 clients in \d+\sh; [\d,]+ expected\./);
    const section = page.slice(page.indexOf('Others in the same storm'), page.indexOf('Other incidents in'));
    const linked = [...section.matchAll(/href="\/incidents\/([^?"]+)\?language=en"/g)].map(([, id]) => id);
    expect(linked.sort()).toEqual(
      body.members
        .slice(1)
        .map(({ incident }: { incident: string }) => incident)
        .sort(),
    );
  });

  test('are one line of /v1/storms, which leads to their incidents', async () => {
    expect(await service.rows('/v1/storms')).toHaveLength(1);
    expect(storm).toMatchObject({ status: 'closed', members: 8, cause: 'attempts' });
    const members = await service.rows<AlarmRow>(`/v1/alarms?storm=${storm.id}`);
    expect(new Set(members.map(({ series }) => series))).toEqual(new Set([...IDS, 'all']));
    const lost = members.filter(({ series }) => series !== 'all').reduce((sum, { volume }) => sum + volume, 0);
    expect(storm.volume).toBeCloseTo(lost, 2);
    expect(await service.rows(`/v1/storms?to=${storm.start}`)).toEqual([]);
    expect(await service.rows('/v1/storms?severity=critical&status=closed')).toHaveLength(1);
    expect((await service.get('/v1/storms?status=over')).status).toBe(400);
    expect(clock.wall()).toBeGreaterThan(Date.parse(storm.end));
  });

  test('that turn out to have been well are withdrawn, and whoever was told is told so, once', async () => {
    received.length = 0;
    const well = countedClients(IDS, WEEKS, () => ({}));
    await service.send('PUT', '/v1/actuals', well.body(FROM, FROM + 13, 'all'));
    await service.cycle.run('schedule');
    await deliver();
    await service.cycle.run('schedule');
    await deliver();
    const told = at('ops').map(({ body }) => `${body.event} ${body.storm?.id ?? body.alarm.series}`);
    expect(told.sort()).toEqual(['withdraw client-3', `withdraw ${storm.id}`].sort());
    expect(at('chat').some(({ body }) => /^CRÍTICO: .+; retirado/.test(body.text))).toBe(true);
    expect(await service.rows('/v1/storms')).toEqual([]);
    const [gone] = await service.rows<StormRow>('/v1/storms?status=withdrawn&language=en');
    expect(gone).toMatchObject({
      id: storm.id,
      raised_at: storm.raised_at,
      withdrawn_because: 'Corrected figures show no trouble',
    });
    expect(gone?.withdrawn_at).not.toBe(null);
    expect(await service.rows(`/v1/alarms?storm=${storm.id}`)).toEqual([]);
  });
});

describe('a storm of which some turn out to have been well', () => {
  const among = (ids: readonly string[]) =>
    countedClients(IDS, WEEKS, (id, index) => (ids.includes(id) ? silent(id, index) : {}));

  test('is withdrawn where few stay, and those that stay are told of by themselves at once', async () => {
    const { service, received, deliver, live } = await beforeStorm(silent);
    for (let index = FROM; index < FROM + 3; index++) await live(index);
    await deliver();
    received.length = 0;
    await service.send('PUT', '/v1/actuals', among(['client-3', 'client-4']).body(FROM, FROM + 3, 'all'));
    await service.cycle.run('schedule');
    await deliver();
    const ops = received.filter(({ url }) => url.endsWith('ops')).map(({ body }) => body);
    const told = ops.map((body) => `${body.event} ${body.storm ? 'storm' : body.alarm.series}`);
    expect(told.sort()).toEqual(['open all', 'open client-3', 'open client-4', 'withdraw storm']);
    const open = await service.rows<AlarmRow>('/v1/alarms?status=open');
    expect(open.map(({ storm }) => storm)).toEqual([null, null, null]);
    service.close();
  });

  test('goes on without them, its counts too, and does not take them in again', async () => {
    const { service, clock, live } = await beforeStorm(silent);
    for (let index = FROM; index < FROM + 3; index++) await live(index);
    const stormNow = async () => (await service.rows<StormRow>('/v1/storms'))[0] as StormRow;
    const before = await stormNow();
    const others = among(IDS.slice(3));
    await service.send('PUT', '/v1/actuals', others.body(FROM, FROM + 3, 'all'));
    await service.cycle.run('schedule');
    const after = await stormNow();
    expect(after).toMatchObject({ status: 'open', members: 5, observed: 0 });
    expect(after.expected as number).toBeLessThan(0.8 * (before.expected as number));
    clock.endOf(FROM + 3);
    await service.send('PUT', '/v1/actuals', others.body(FROM + 3, FROM + 4, 'all'));
    await service.cycle.run('schedule');
    expect(await stormNow()).toMatchObject({ status: 'open', members: 5, observed: 0 });
    service.close();
  });

  test('has the counts of those that stay once it is over, too', async () => {
    const { service, live } = await beforeStorm(silent);
    for (let index = FROM; index < FROM + 13; index++) await live(index);
    const stormNow = async () => (await service.rows<StormRow>('/v1/storms'))[0] as StormRow;
    const before = await stormNow();
    await service.send('PUT', '/v1/actuals', among(IDS.slice(3)).body(FROM, FROM + 13, 'all'));
    await service.cycle.run('schedule');
    const after = await stormNow();
    expect(after).toMatchObject({ status: 'closed', members: 5 });
    expect(after.expected as number).toBeLessThan(0.8 * (before.expected as number));
    service.close();
  });
});

test('only what the rules watch is wanted: the side and the money of the storm as a whole, whatever its members lost', () => {
  const rules = { ...DEFAULT_RULES, minimumAbsolute: 1_000 };
  const storm = { money: 1_200 } as Storm;
  const member = { side: 'low', money: 300, storm: 'storm/7' } as SeriesIncident;
  expect([isWantedStorm(storm, rules), isWanted(member, rules)]).toEqual([true, true]);
  expect(isWanted({ ...member, storm: null }, rules)).toBe(false);
  expect(isWantedStorm({ ...storm, money: 900 }, rules)).toBe(false);
  const high = { ...rules, direction: 'high' } as const;
  expect([isWantedStorm(storm, high), isWanted(member, high)]).toEqual([false, false]);
});
