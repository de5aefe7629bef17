import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NodeServer, startNode } from '@tidemark/api';
import { pushOf } from '@tidemark/api/testing/service';
import { type BandRow, localClock, utcText } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import {
  createRandom,
  DAY_MS,
  HOUR_MS,
  SMALL_NETWORK,
  untrainedArtifact,
  zoneClock,
} from '@tidemark/shared/forecasting';
import { config, fetchInto } from '@tidemark/tools/payments/fetching';
import { BAND_BINDINGS, dataViewOf } from '@tidemark/tools/power-bi-host/data-view';
import { openStage, type Stage } from '@tidemark/tools/power-bi-host/harness';
import { duckdbSource, prepareHistory } from '@tidemark/trainer/testing/history';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

// A night in which the clocks change, from the files to the picture: transactions → history → model → API → visual.
let root: string;
let stage: Stage;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-zones-'));
  stage = await openStage();
});
afterAll(async () => {
  await stage?.close();
  await rm(root, { recursive: true, force: true });
});

const SALES_EVERY_MS = 30 * 60_000;
const WEEKS_BEFORE = 6;
const DAYS_AFTER = 3;

/** A shop that opens at nine of its own clock, and hardly sells before. */
function centsAt(clock: ReturnType<typeof zoneClock>, atMs: number, random: ReturnType<typeof createRandom>): number {
  const hour = Math.floor((atMs + clock.offsetMs(atMs)) / HOUR_MS) % 24;
  return (hour >= 9 && hour < 21 ? 100_000 : 2_000) + random.below(1_000);
}

describe.each([
  { zone: 'Europe/Madrid', change: '2025-10-26T01:00:00Z', movesMinutes: -60, stepHours: 1 },
  { zone: 'Europe/Madrid', change: '2025-03-30T01:00:00Z', movesMinutes: 60, stepHours: 2 },
  { zone: 'America/Sao_Paulo', change: '2018-02-18T02:00:00Z', movesMinutes: -60, stepHours: 1 },
  { zone: 'Australia/Lord_Howe', change: '2025-04-05T15:00:00Z', movesMinutes: -30, stepHours: 0.5 },
])('$zone when its clocks move by $movesMinutes minutes, buckets of $stepHours h', (given) => {
  const { zone, movesMinutes, stepHours } = given;
  const changeMs = Date.parse(given.change);
  const stepMs = stepHours * HOUR_MS;
  const clock = zoneClock(zone);
  const local = localClock(zone);
  const paid = new Map<number, number>();
  let server: NodeServer;
  let rows: BandRow[];

  beforeAll(async () => {
    const random = createRandom(5);
    const dayStart = Math.floor(changeMs / DAY_MS) * DAY_MS;
    const lines = ['txn_id,txn_date,id_merchant,tpv,txn_type,estatus'];
    const endMs = dayStart + DAYS_AFTER * DAY_MS;
    for (let atMs = dayStart - WEEKS_BEFORE * 7 * DAY_MS + 60_000; atMs < endMs; atMs += SALES_EVERY_MS) {
      const cents = centsAt(clock, atMs, random);
      const bucket = Math.floor(atMs / stepMs);
      paid.set(bucket, (paid.get(bucket) ?? 0) + cents);
      // As the shop's clock shows it, with the offset that tells the two passes of an hour apart.
      lines.push(
        `${lines.length},${local(atMs)}${offsetText(clock.offsetMs(atMs))},m1,${(cents / 100).toFixed(2)},venta,aprobada`,
      );
    }
    const folder = join(root, zone.replace('/', '-') + given.change.slice(0, 10));
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'transactions.csv'), `${lines.join('\n')}\n`);
    await writeFile(join(folder, 'merchants.csv'), 'id_merchant,client\nm1,Corner Shop\n');
    const settings = config({ timeZone: zone, stepHours, transactions: { time: { type: 'timestamptz' } } });
    const work = join(folder, 'work');
    await fetchInto(work, await duckdbSource(folder, settings));
    const all = (await prepareHistory(work, settings)).all
      .map(({ series }) => series)
      .filter(({ id }) => id === 'Corner Shop');
    const artifact = untrainedArtifact(all, {
      timeZone: zone,
      servedBy: 'base',
      trainShare: 0.9,
      network: SMALL_NETWORK,
    });
    server = await startNode({
      environment: {
        TIDEMARK_OPEN: 'true',
        TIDEMARK_CLOCK: 'newest',
        TIDEMARK_READ_WAIT_SECONDS: '60',
        TIDEMARK_THREADS: '0',
        TIDEMARK_BACKFILL_DAYS: '7',
      },
      port: 0,
      databaseFile: join(folder, 'api.db'),
      log: () => {},
    });
    const put = async (path: string, body: unknown) => {
      const response = await fetch(server.url + path, {
        method: 'PUT',
        headers: { 'content-type': typeof body === 'string' ? 'text/plain' : 'application/json' },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      expect(response.status, await response.text()).toBe(200);
    };
    await put('/v1/model', encodeModel(artifact));
    const complete = all[0]?.states.filter((state) => state !== 'open').length ?? 0;
    await put('/v1/actuals', { ...pushOf(all, 0, complete), step_minutes: stepHours * 60 });
    await fetch(`${server.url}/v1/refresh`, { method: 'POST' });
    const from = utcText(dayStart - 2 * DAY_MS);
    const answer = await fetch(`${server.url}/v1/bands?series=Corner%20Shop&from=${from}&limit=10000`);
    rows = ((await answer.json()) as { rows: BandRow[] }).rows;
  });
  afterAll(() => server?.stop());

  test('buckets follow each other by the step, each with the money paid in it, to the cent', () => {
    const observed = rows.filter(({ state }) => state === 'observed');
    expect(observed.length).toBeGreaterThan((3 * DAY_MS) / stepMs);
    for (const [k, { bucket_start }] of rows.slice(1).entries()) {
      expect(Date.parse(bucket_start) - Date.parse(rows[k]?.bucket_start as string)).toBe(stepMs);
    }
    for (const { bucket_start, actual } of observed) {
      expect(Math.round(100 * (actual as number))).toBe(paid.get(Date.parse(bucket_start) / stepMs));
    }
  });

  test('the day of the change is longer or shorter by as much on the shop’s clock', () => {
    const day = local(changeMs).slice(0, 10);
    const ofDay = rows.filter(({ bucket_start_local }) => bucket_start_local.startsWith(day));
    const expected = (DAY_MS - movesMinutes * 60_000) / stepMs;
    expect(Math.abs(ofDay.length - expected)).toBeLessThan(1);
  });

  test('what is expected opens at nine of the shop’s clock, on the first day after the change too', () => {
    const after = rows.filter(({ bucket_start, forecast }) => {
      const atMs = Date.parse(bucket_start);
      return forecast !== null && atMs >= changeMs && atMs < changeMs + DAY_MS;
    });
    const hourOf = (atMs: number) => Number(local(atMs).slice(11, 13));
    const whole = after.map(({ bucket_start, forecast }) => {
      const atMs = Date.parse(bucket_start);
      const hours = [hourOf(atMs), hourOf(atMs + stepMs - 1)];
      return {
        open: hours.every((hour) => hour >= 9 && hour < 21),
        shut: hours.every((hour) => hour < 9),
        forecast: (forecast as number) / stepHours,
      };
    });
    const open = whole.filter((one) => one.open).map(({ forecast }) => forecast);
    const shut = whole.filter((one) => one.shut).map(({ forecast }) => forecast);
    expect(open.length).toBeGreaterThan(3);
    expect(shut.length).toBeGreaterThan(2);
    expect(Math.min(...open)).toBeGreaterThan(5 * Math.max(...shut));
  });

  test('the visual draws every bucket once, and complains of nothing', async () => {
    const visual = await stage.open();
    const shown = rows.map((row) => ({ ...row })) as unknown as Parameters<typeof dataViewOf>[0];
    const bindings = { ...BAND_BINDINGS, time: 'bucket_start' };
    const ended = await visual.update({ width: 1280, height: 480, view: dataViewOf(shown, { bindings }) });
    expect(ended.name).toBe('rendering-finished');
    const line = await visual.frame.locator('.actual path.whole').getAttribute('d');
    expect(line?.match(/[ML]/g)).toHaveLength(rows.filter(({ actual }) => actual !== null).length);
    expect(visual.complaints).toEqual([]);
    await visual.close();
  });
});

/** `+02:00`, `-10:30`. */
function offsetText(offsetMs: number): string {
  const minutes = Math.abs(offsetMs) / 60_000;
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  return `${offsetMs < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
