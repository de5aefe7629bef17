import { type AlarmRow, type BandRow, utcText } from '@tidemark/shared/contract';
import { bucketStart, HOUR_MS } from '@tidemark/shared/forecasting';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  FIRST,
  madeUpSeries,
  publishedService,
  pushOf,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '../testing/service.ts';
import { timeText } from '../time-text.ts';

const LIMA_MS = -5 * HOUR_MS;
/** Two buckets of a busy time of the day are empty. */
const DOWN = 6 * WEEK + 3;
const shop = madeUpSeries('shop', 7);
shop.values.fill(0, DOWN, DOWN + 2);

let service: Service;
let clock: ReturnType<typeof stoppedClock>;
beforeEach(async () => {
  clock = stoppedClock();
  clock.endOf(DOWN);
  service = await publishedService({
    clock,
    series: [shop],
    until: DOWN + 1,
    environment: { TIDEMARK_BACKFILL_DAYS: '7' },
  });
  await service.cycle.run('refresh');
});
afterEach(() => service.close());

async function incidentPage() {
  const alarms = await service.rows<AlarmRow>('/v1/alarms');
  const path = `/incidents/${alarms.at(-1)?.id}`;
  return { path, text: await (await service.get(path)).text() };
}

/** Mutes the shop from the page of its incident until some hours after now. */
async function mute(hours: number): Promise<void> {
  const { path, text } = await incidentPage();
  const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const until = new Date(clock.wall() + hours * HOUR_MS + LIMA_MS).toISOString().slice(0, 16);
  const body = new URLSearchParams({ token, do: 'mute', until });
  expect((await service.app.request(path, { method: 'POST', body })).status).toBe(303);
}

/** Brings the buckets up to this one in, at their end. @returns the severities of the outage so far. */
async function pushUntil(index: number) {
  clock.endOf(index);
  expect((await service.send('PUT', '/v1/actuals', pushOf([shop], DOWN + 1, index + 1))).status).toBe(200);
  return severities();
}

async function severities() {
  await service.cycle.run('refresh');
  const from = utcText(bucketStart(FIRST + DOWN, STEP_MS));
  const rows = await service.rows<BandRow>(`/v1/bands?from=${from}`);
  return rows.filter(({ actual }) => actual !== null).map(({ severity }) => severity);
}

test('a mute that is prolonged goes on holding for what it has muted so far', async () => {
  await mute(3);
  expect(await pushUntil(DOWN + 1)).toEqual(['critical', null]);
  await mute(9);
  expect(await severities()).toEqual(['critical', null]);
  expect(await entries()).toHaveLength(1);
});

test('a mute that is shortened begins where it began', async () => {
  await mute(20);
  const [before] = await entries();
  await pushUntil(DOWN + 1);
  await mute(1);
  expect(await entries()).toEqual([{ ...before, to: inHours(1) }]);
});

test('a mute that is over stays as it was beside the next one, with nothing in between', async () => {
  await mute(1);
  const [first] = await entries();
  expect(await pushUntil(DOWN + 1)).toEqual(['critical', null]);
  expect((await incidentPage()).text).not.toContain('Client muted until');
  await mute(3);
  expect((await incidentPage()).text).toContain('Client muted until');
  expect(await entries()).toMatchObject([first, { from: inHours(0), to: inHours(3) }]);
  expect(await severities()).toEqual(['critical', null]);
});

test('a mute that was not set from its page is shown there, and cannot be ended there', async () => {
  const put = async (id: string, series: string | null, [from, to]: readonly [number, number]) => {
    const entry = { id, series, from: inHours(from), to: inHours(to), effect: 'mute' };
    expect((await service.send('PUT', '/v1/maintenance', entry)).status).toBe(200);
  };
  await put('other', 'café', [-1, 9]);
  await put('later', 'shop', [2, 3]);
  expect((await incidentPage()).text).not.toContain('Client muted until');
  await put('works', null, [-1, 2]);
  const { text } = await incidentPage();
  // The two follow each other.
  expect(text).toContain(`Client muted until ${timeText('en', 'America/Lima')(Date.parse(inHours(3)))}.`);
  expect(text).not.toContain('value="unmute"');
  await mute(8);
  expect((await incidentPage()).text).toContain('value="unmute"');
});

const entries = () => service.rows<{ from: string; to: string }>('/v1/maintenance');
const inHours = (hours: number) => utcText(clock.wall() + hours * HOUR_MS);
