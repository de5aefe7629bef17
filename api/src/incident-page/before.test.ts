import type { AlarmRow } from '@tidemark/shared/contract';
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FIRST, madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';
import { bucketsBack } from './page-data.ts';

const DOWN = 6 * WEEK + 3;
const shop = madeUpSeries('shop', 7);
shop.values.fill(0, DOWN, DOWN + 2);

let service: Service;
let id: string;
beforeAll(async () => {
  const clock = stoppedClock();
  clock.endOf(DOWN);
  const environment = { TIDEMARK_BACKFILL_DAYS: '7' };
  service = await publishedService({ clock, series: [shop], until: DOWN + 1, environment });
  await service.cycle.run('refresh');
  id = (await service.rows<AlarmRow>('/v1/alarms')).at(-1)?.id ?? '';
});
afterAll(() => service.close());

/** The page of the incident as if it had begun at this index of the series. */
async function pageFrom(from: number) {
  await service.db.run(sql`UPDATE incident SET start = ${FIRST + from}, "end" = ${FIRST + DOWN} WHERE id = ${id}`);
  return (await service.get(`/incidents/${id}?language=en`)).text();
}
const money = (from: number, to: number) =>
  shop.values
    .subarray(from, to)
    .reduce((sum, value) => sum + value, 0)
    .toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 2 });

test.each([
  ['of two hours', 0, 1, 'Same time a week before'],
  ['of two weeks and a bit, all of it and none of it twice', 2 * WEEK, 3, 'Same time 3 weeks before'],
])('an incident %s is compared with the newest same hours before it', async (_, length, weeks, heading) => {
  const text = await pageFrom(DOWN - length);
  const [then, now] = [weeks * WEEK, 0].map((back) => money(DOWN - length - back, DOWN + 1 - back));
  expect(text).toContain(`<h2>${heading}</h2><p>${then} then, ${now} in this incident.</p>`);
});

test('the same hours are those of the clock on the wall, as near as the grid comes to them', () => {
  const back = (at: string, hours: number) => {
    const stepMs = hours * 3_600_000;
    return bucketsBack(Math.floor(Date.parse(at) / stepMs), 1, { stepMs, timeZone: 'Europe/Madrid' }) * hours;
  };
  // The clocks went forward on 29 March and back on 25 October 2026.
  expect(['2026-03-20', '2026-03-30', '2026-10-26'].map((day) => back(`${day}T12:00Z`, 1))).toEqual([168, 167, 169]);
  expect(back('2026-03-30T12:00Z', 2)).toBe(168);
});

test('one whose hours before are not all known is compared with none', async () => {
  expect(await pageFrom(DOWN - 4 * WEEK)).toContain('Not known for all of these hours.');
});

test('an incident that there is not is a page too, in words for people', async () => {
  const answer = await service.get('/incidents/c9-1-low?language=es');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8']);
  expect(await answer.text()).toContain('No existe este incidente, o ya no se conserva.');
});
