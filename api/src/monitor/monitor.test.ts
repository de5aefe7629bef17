import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LANGUAGES, SERVICE_INCIDENT_KINDS } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { sameFile } from '../store/same-file.ts';
import { madeUpArtifact, madeUpSeries, STEP_MS, temporaryDatabase, WEEK } from '../testing/service.ts';
import {
  layDown,
  MINUTE_MS,
  type Receiver,
  type Simulation,
  type SimulationOptions,
  simulate,
  startReceiver,
} from '../testing/simulation.ts';
import { KINDS, TIME_FACTS } from './kinds.ts';
import { wordsOf } from './service-rows.ts';

const series = ['north', 'south', 'east'].map((id) => madeUpSeries(id, 8));
const FROM = (series[0]?.firstBucket ?? 0) * STEP_MS + 4 * WEEK * STEP_MS + 6 * MINUTE_MS;

let current: Simulation | null = null;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ now: () => current?.now() ?? 0 });
});
afterAll(() => receiver.close());
afterEach(async () => {
  await current?.close();
  current = null;
  receiver.told.length = 0;
  receiver.pings.length = 0;
  receiver.answers.clear();
});

/** A service that has been well for some minutes. */
async function well(platform: SimulationOptions['platform'] = {}): Promise<Simulation> {
  current = simulate({ series, receiver, from: FROM, file: await temporaryDatabase(), platform });
  await layDown(current, series, madeUpArtifact(series));
  await current.pass(5);
  expect(receiver.told).toEqual([]);
  return current;
}

const told = (hook = '/ops') =>
  receiver.told.filter((one) => one.hook === hook).map(({ event, service }) => `${event} ${service.kind}`);
const healthOf = async (simulation: Simulation, language = 'en') => {
  const answer = await simulation.service.app.request('/v1/health', { headers: { 'accept-language': language } });
  expect(answer.status).toBe(200);
  return (await answer.json()) as { status: string; incidents: { kind: string; subject: string | null; id: string }[] };
};

describe('an incident of the service', () => {
  test('is told once when it begins and once when it has been over for a while, and is in health meanwhile', async () => {
    const simulation = await well();
    simulation.world.disk = { free: 3e9, total: 100e9 };
    await simulation.pass(20);
    expect(told()).toEqual(['open disk-filling']);
    expect((await healthOf(simulation)).incidents).toMatchObject([{ kind: 'disk-filling', subject: null }]);
    simulation.world.disk = { free: 0.1e9, total: 100e9 };
    await simulation.pass(5);
    simulation.world.disk = { free: 50e9, total: 100e9 };
    await simulation.pass(5);
    expect((await healthOf(simulation)).incidents).toEqual([]);
    expect(told()).toEqual(['open disk-filling', 'escalate disk-filling']);
    await simulation.pass(10);
    expect(told()).toEqual(['open disk-filling', 'escalate disk-filling', 'close disk-filling']);
    expect(told('/second')).toEqual(told());
    // The database of a process that has ended is closed: nobody is to hear of it.
    await simulation.close();
    current = null;
    await simulation.service.check();
    expect(told().length).toBe(3);
  });

  test('is neither a cycle nor a message that was due while the machine stood still, once it has just gone on', async () => {
    const simulation = await well();
    const { db } = simulation.file;
    const due = sql`INSERT INTO delivery (id, webhook, event, incident, next_at)
      VALUES ('late', 'ops', 'open', 'an incident', ${simulation.now() + MINUTE_MS})`;
    await db.transact([due, sql`UPDATE cycle SET finished_at = NULL`]);
    simulation.skip(180);
    await simulation.service.check();
    await db.run(sql`UPDATE cycle SET finished_at = started_at`);
    await simulation.service.check();
    await simulation.pass(1);
    for (const hook of ['/ops', '/second']) {
      expect(told(hook).sort()).toEqual(['open clock-jumped', 'open feed-late']);
    }
    simulation.world.isScheduled = false;
    simulation.skip(180);
    await simulation.pass(5);
    expect(told()).toContain('open cycle-overdue');
  });

  test('of a clock that is ahead costs no history: what is kept is counted from the newest data', async () => {
    const simulation = await well();
    const kept = () =>
      simulation.file.db.all(
        sql`SELECT (SELECT COUNT(*) FROM actual) AS actuals, (SELECT COUNT(*) FROM cycle) AS cycles`,
      );
    const before = await kept();
    simulation.skip(3_000 * 24 * 60);
    await simulation.service.runRetention();
    expect(await kept()).toEqual(before);
  });

  test('outlives its process: what was told is not told again, and its end is', async () => {
    const simulation = await well();
    simulation.world.disk = { free: 3e9, total: 100e9 };
    await simulation.pass(2);
    const { file } = simulation;
    current = simulate({ series, receiver, from: simulation.now(), file });
    current.world.disk = { free: 3e9, total: 100e9 };
    await current.pass(5);
    expect(told()).toEqual(['open disk-filling']);
    current.world.disk = null;
    await current.pass(12);
    expect(told()).toEqual(['open disk-filling', 'close disk-filling']);
  });

  test('found by two processes on one database at the same moment is told once', async () => {
    const simulation = await well();
    const other = simulate({ series, receiver, from: simulation.now(), file: simulation.file });
    for (const one of [simulation, other]) one.world.disk = { free: 3e9, total: 100e9 };
    // Minute by minute: the clocks of processes differ by seconds at most.
    for (let minute = 0; minute < 3; minute++) await Promise.all([simulation.pass(1), other.pass(1)]);
    expect(told()).toEqual(['open disk-filling']);
  });

  test('is told by the heartbeat at once where it is critical, and no cycle counts as good until it is over', async () => {
    const simulation = await well();
    await simulation.service.settled();
    receiver.pings.length = 0;
    await simulation.file.db.run(sql`DELETE FROM go_live`);
    await simulation.pass(1);
    await simulation.service.settled();
    expect(receiver.pings.map(({ path }) => path)).toEqual(['/beat/fail']);
    expect(told()).toEqual(['open model-missing']);
    receiver.pings.length = 0;
    await simulation.pass(120);
    await simulation.service.settled();
    expect(receiver.pings.map(({ path }) => path)).toEqual(['/beat/fail']);
  });
});

test('a database that fails is told without it to each webhook once, whoever could not be reached again, and its end', async () => {
  const simulation = await well();
  receiver.answers.set('/second', 500);
  await simulation.file.db.run(sql`ALTER TABLE series RENAME TO lost`);
  await simulation.pass(3);
  expect([told(), told('/second')]).toEqual([['open database-failing'], []]);
  expect(await healthOf(simulation)).toMatchObject({ status: 'failing' });
  receiver.answers.clear();
  await simulation.pass(2);
  expect([told(), told('/second')]).toEqual([['open database-failing'], ['open database-failing']]);
  await simulation.file.db.run(sql`ALTER TABLE lost RENAME TO series`);
  await simulation.pass(2);
  expect(told('/second')).toEqual(['open database-failing', 'close database-failing']);
  expect(await healthOf(simulation)).toMatchObject({ status: 'ok', incidents: [] });
});

test('a database file that is removed or replaced under the service is told, though the database gives no error', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-file-'));
  const file = join(folder, 'tidemark.db');
  writeFileSync(file, '');
  const simulation = await well({ databaseIsThere: sameFile(file) });
  renameSync(file, `${file}.away`);
  await simulation.pass(1);
  expect(told()).toEqual(['open database-failing']);
  writeFileSync(file, '');
  await simulation.pass(1);
  expect(await healthOf(simulation)).toMatchObject({ status: 'failing', incidents: [{ kind: 'database-failing' }] });
  renameSync(`${file}.away`, file);
  await simulation.pass(1);
  expect(told()).toEqual(['open database-failing', 'close database-failing']);
  rmSync(folder, { recursive: true });
});

test('counts that stop while money goes on are told, those of a quiet client and those a little late are not', async () => {
  const simulation = await well();
  const counts = (length: number, each: number) => {
    const list = (value: number) => new Array<number>(length).fill(value * each);
    return { attempts: list(60), approved: list(55), sales: list(55), log_sum: list(187), log_squares: list(640) };
  };
  const late: (string | undefined)[] = [];
  simulation.world.feed = (body) => ({
    series: body.series.map((one) => {
      const each = one.series === 'east' ? 0 : 1;
      return late.includes(one.series) ? one : { ...one, counts: counts(one.values.length, each) };
    }),
  });
  await simulation.pass(12 * 60);
  late.push('south');
  await simulation.pass(5 * 60);
  expect(told()).toEqual([]);
  await simulation.pass(2 * 60);
  expect(told()).toEqual(['open counts-late']);
  expect((await healthOf(simulation)).incidents).toMatchObject([
    {
      sentence: expect.stringMatching(/^Of 1 of 3 series no counts have come since those up to .+ \(America\/Lima\), /),
    },
  ]);
  late.length = 0;
  await simulation.pass(3 * 60);
  expect(told()).toEqual(['open counts-late', 'close counts-late']);
});

test('a database that takes no writes is critical for whoever watches, and ready for whoever reads', async () => {
  const simulation = await well();
  const ready = async () => (await simulation.service.app.request('/v1/ready')).status;
  await simulation.file.db.run(sql`PRAGMA query_only = 1`);
  await simulation.pass(2);
  expect(await healthOf(simulation)).toMatchObject({ status: 'failing', incidents: [{ kind: 'database-failing' }] });
  expect([told(), await ready()]).toEqual([['open database-failing'], 200]);
  await simulation.file.db.run(sql`PRAGMA query_only = 0`);
  await simulation.pass(2);
  expect(await healthOf(simulation)).toMatchObject({ status: 'ok', incidents: [] });
});

test('more messages than one round of sending takes all go out at once', async () => {
  const simulation = await well();
  const { db } = simulation.file;
  for (let i = 0; i < 120; i++) {
    await db.run(
      sql`INSERT INTO delivery (id, webhook, event, incident, next_at) VALUES (${`m${i}`}, 'nobody', 'open', 'x', ${simulation.now()})`,
    );
  }
  simulation.skip(0);
  await simulation.service.deliver();
  await simulation.pass(1);
  expect(await db.all(sql`SELECT COUNT(*) AS waiting FROM delivery WHERE next_at IS NOT NULL`)).toEqual([
    { waiting: 0 },
  ]);
});

describe('words', () => {
  test('every kind is said in every language, with the same facts in each, and stands in the guide', () => {
    const guide = readFileSync(new URL('../../../docs/deploy.md', import.meta.url), 'utf8');
    const placeholders = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const kind of SERVICE_INCIDENT_KINDS) {
      const { en } = KINDS[kind];
      expect(guide).toContain(`\`${kind}\``);
      for (const language of LANGUAGES) {
        const { sentence, action } = KINDS[kind][language];
        expect(placeholders(sentence)).toEqual(placeholders(en.sentence));
        expect([sentence, action].every((text) => /^\S.+[.:]$/.test(text))).toBe(true);
        if (language !== 'en') expect(sentence).not.toBe(en.sentence);
      }
    }
  });

  test('instants are told on the clock of the merchants, whose zone is named once', () => {
    expect(TIME_FACTS.has('since')).toBe(true);
    const finding = { kind: 'feed-late', subject: '', facts: { since: Date.UTC(2026, 2, 1, 14) } } as const;
    expect(wordsOf(finding, { timeZone: 'America/Lima', language: 'en' }).sentence).toContain(
      '2026-03-01 09:00 (America/Lima)',
    );
    const down = { kind: 'service-was-down', subject: '', facts: { since: 0, until: 3_600_000 } } as const;
    expect(wordsOf(down, { timeZone: 'UTC', language: 'es' }).sentence).toContain(
      'desde 1970-01-01 00:00 hasta 1970-01-01 01:00 (UTC).',
    );
  });
});
