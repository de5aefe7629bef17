import type { AlarmExplanation, AlarmRow, PushedActuals, PushedSeries } from '@tidemark/shared/contract';
import type { Explanation } from '@tidemark/shared/detection';
import type { Series } from '@tidemark/shared/forecasting';
import { LANGUAGES } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { countedClients, type Troubles } from '../testing/counted.ts';
import { madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';
import { UNEXPLAINED_WORDS } from './why-unexplained.ts';

const WEEKS = 14;
const NOW = 13 * WEEK;
const IDS = ['bank', 'cafe', 'shop'];
const outage: Troubles = (id, index) => (id === 'shop' && index >= NOW - 20 && index < NOW - 14 ? { attempts: 0 } : {});
const environment = { TIDEMARK_BACKFILL_DAYS: '14' };

/** Every series by channel: of what a bank approves while its web channel is down, none is from there. */
function withParts({ series }: PushedActuals, from: number): PushedActuals {
  const isDown = (id: string, index: number) => id === 'bank' && index >= NOW - 16 && index < NOW - 10;
  const split = (one: PushedSeries): PushedSeries => {
    const counts = one.counts as NonNullable<PushedSeries['counts']>;
    const share = (list: readonly (number | null)[], web: boolean) =>
      list.map((count, k) => {
        const ofWeb = Math.round((count ?? 0) * 0.3);
        if (!web) return (count ?? 0) - ofWeb;
        return isDown(one.series, from + k) ? 0 : ofWeb;
      });
    const web = { attempts: share(counts.attempts, true), approved: share(counts.approved, true) };
    const pos = { attempts: share(counts.attempts, false), approved: share(counts.approved, false) };
    const whole = (name: 'attempts' | 'approved') => pos[name].map((count, k) => count + (web[name][k] as number));
    const approved = whole('approved');
    return {
      ...one,
      values: approved.map((count) => 30 * count - (count > 3 ? 1.37 : 0)),
      counts: {
        ...counts,
        attempts: whole('attempts'),
        approved,
        sales: approved,
        log_sum: approved.map((count) => Math.round(34_000 * count) / 1e4),
        log_squares: approved.map((count) => Math.round((3.4 ** 2 + 0.25) * 1e4 * count) / 1e4),
        refunds: approved.map((count) => (count > 3 ? 1.37 : 0)),
      },
      parts: [
        { dimension: 'channel', value: 'pos', ...pos },
        { dimension: 'channel', value: 'web', ...web },
      ],
    };
  };
  return { series: series.map(split) };
}

let service: Service;
const clock = stoppedClock();
const clients = countedClients(IDS, WEEKS, outage);
beforeAll(async () => {
  clock.endOf(NOW - 1);
  const series = IDS.map((id): Series => ({ ...madeUpSeries(id, WEEKS), measure: 'net' }));
  service = await publishedService({ clock, series, until: 1, environment });
  expect((await service.send('PUT', '/v1/actuals', withParts(clients.body(0, NOW), 0))).status).toBe(200);
  await service.cycle.run('refresh');
});
afterAll(() => service.close());

const alarmOf = async (id: string) => {
  const rows = await service.rows<AlarmRow>('/v1/alarms');
  return rows.find((row) => row.series === id && row.detector !== 'band') as AlarmRow;
};
interface Detail {
  readonly alarm: AlarmRow;
  readonly explanation: AlarmExplanation;
  readonly unexplained: string | null;
}
const detailOf = async (id: string, query = '') =>
  (await (await service.get(`/v1/alarms/${id}${query}`)).json()) as Detail;

describe('an alarm', () => {
  test('comes with its money by cause, which adds up to the cent, and where it lies', async () => {
    const alarm = await alarmOf('shop');
    const cents = (money: number | null) => Math.round(100 * (money as number));
    expect(alarm.money).toBeLessThan(-1_000);
    expect(cents(alarm.money)).toBe(
      cents(alarm.money_attempts) +
        cents(alarm.money_approval) +
        cents(alarm.money_ticket) +
        cents(alarm.money_refunds),
    );
    expect(alarm.money_attempts).toBeLessThan(0);
    expect(alarm.money_refunds).toBeGreaterThan(0);
    expect(alarm.where).toBe('everywhere alike');
  });

  test('names the channel that is down, in the language asked for', async () => {
    const alarm = await alarmOf('bank');
    expect(alarm).toMatchObject({ cause: 'channel', cause_value: 'web', where: expect.stringMatching(/channel web/) });
    const { explanation } = await detailOf(alarm.id);
    expect(explanation.parts[0]?.elements).toEqual([{ dimension: 'channel', value: 'web' }]);
    const spanish = await detailOf(alarm.id, '?language=es');
    expect(spanish.alarm.where).toMatch(/^(el \d+ % es channel web|channel web supone)/);
  });

  test('tells in its detail what was seen and expected, by every dimension', async () => {
    const { explanation, unexplained } = await detailOf((await alarmOf('shop')).id);
    expect(unexplained).toBeNull();
    expect(explanation.seen.attempts).toBe(0);
    expect(explanation.expected.attempts).toBeGreaterThan(100);
    const sum = (list: readonly { money: number }[]) => list.reduce((total, { money }) => total + money, 0);
    expect(sum(explanation.causes)).toBe(explanation.money);
    const [channel] = explanation.dimensions;
    const refunds = explanation.causes.find(({ cause }) => cause === 'refunds')?.money as number;
    expect(sum(channel?.values ?? [])).toBe(explanation.money - refunds);
  });

  test('that does not exist is a problem', async () => {
    const answer = await service.get('/v1/alarms/c9-1-low');
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ type: '/problems/unknown-alarm' });
  });
});

test('corrected counts change the explanation, and what it was first is kept', async () => {
  const alarm = await alarmOf('shop');
  const late = withParts(countedClients(IDS, WEEKS, () => ({})).body(NOW - 20, NOW - 18), NOW - 20);
  await service.send('PUT', '/v1/actuals', { series: late.series.filter(({ series }) => series === 'shop') });
  await service.cycle.run('refresh');
  const corrected = await alarmOf('shop');
  expect(corrected.id).toBe(alarm.id);
  expect(corrected.money as number).toBeGreaterThan(alarm.money as number);
  const { readExplanations } = await import('../store/explanations.ts');
  const stored = (await readExplanations(service.db, [alarm.id])).get(alarm.id);
  expect(stored?.firstMoney).toBe(Math.round(100 * (alarm.money as number)));
  // In whole amounts first, in cents now.
  const first = { ...(stored?.explanation as Explanation), decimals: 0, money: -777 };
  await service.db.run(
    sql`UPDATE explanation SET first_money = -777, body = ${JSON.stringify(first)}, corrections = -1 WHERE incident = ${alarm.id}`,
  );
  await service.send('PUT', '/v1/actuals', { series: late.series.filter(({ series }) => series === 'cafe') });
  await service.cycle.run('refresh');
  const anew = (await readExplanations(service.db, [alarm.id])).get(alarm.id);
  expect(anew).toMatchObject({ firstMoney: -77_700, explanation: { decimals: 2, money: stored?.explanation?.money } });
});

test('an answer raises the threshold of its detector at its hours, from then on, and the page says so', async () => {
  const alarm = await alarmOf('shop');
  const page = async () => (await service.get(`/incidents/${alarm.id}?language=en`)).text();
  expect(await page()).not.toContain('raised the threshold');
  await service.send('POST', `/v1/alarms/${alarm.id}/label`, { label: 'normal' });
  expect(await page()).toContain('Answers have raised the threshold of “attempts” by 15 % at these hours');
  // What was raised before the answer stays.
  await service.cycle.run('refresh');
  expect((await alarmOf('shop')).id).toBe(alarm.id);
  await service.send('POST', `/v1/alarms/${alarm.id}/label`, { label: 'incident' });
  expect(await page()).not.toContain('raised the threshold');
});

test('an answer about money raises its threshold too, one about whom a storm alone has taken along raises none', async () => {
  const alarm = await alarmOf('shop');
  await service.send('POST', `/v1/alarms/${alarm.id}/label`, { label: 'normal' });
  const pageOf = async (detector: string, cause: string) => {
    await service.db.run(sql`UPDATE incident SET detector = ${detector}, cause = ${cause} WHERE id = ${alarm.id}`);
    return (await service.get(`/incidents/${alarm.id}?language=en`)).text();
  };
  expect(await pageOf('band', 'volume')).toContain('raised the threshold of “band” by 15 %');
  expect(await pageOf('storm', 'attempts')).not.toContain('raised the threshold');
});

test('the detail and the page give the same reason, in the language asked for, where nothing is explained', async () => {
  const { id } = await alarmOf('bank');
  await service.db.run(sql`UPDATE explanation SET body = NULL, reason = 'no-history' WHERE incident = ${id}`);
  for (const language of LANGUAGES) {
    const { unexplained } = await detailOf(id, `?language=${language}`);
    expect(unexplained).toBe(UNEXPLAINED_WORDS[language]['no-history']);
    expect(await (await service.get(`/incidents/${id}?language=${language}`)).text()).toContain(unexplained);
  }
});
