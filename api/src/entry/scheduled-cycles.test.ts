import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { madeUpArtifact, madeUpSeries, STEP_MS, temporaryDatabase, WEEK } from '../testing/service.ts';
import { layDown, MINUTE_MS, type Receiver, type Simulation, simulate, startReceiver } from '../testing/simulation.ts';

const series = [madeUpSeries('shop', 6)];
const FROM = (series[0]?.firstBucket ?? 0) * STEP_MS + 4 * WEEK * STEP_MS + 6 * MINUTE_MS;
const PER_BUCKET = STEP_MS / MINUTE_MS;
const CYCLES = sql`SELECT error FROM cycle WHERE "trigger" = 'schedule' ORDER BY id`;

let simulation: Simulation;
let receiver: Receiver;
beforeAll(async () => {
  receiver = await startReceiver({ now: () => simulation?.now() ?? 0 });
});
afterAll(async () => {
  await simulation.close();
  await receiver.close();
});

test('a scheduled cycle that failed is tried again every minute until one goes well, and then not until one is due', async () => {
  const file = await temporaryDatabase();
  let isFull = false;
  const db = {
    ...file.db,
    // As a full disk does it: what is small can still be written.
    async transact(statements: Parameters<typeof file.db.transact>[0]) {
      if (isFull && statements.length > 3) throw new Error('database or disk is full');
      await file.db.transact(statements);
    },
  };
  simulation = simulate({ series, receiver, from: FROM, file: { ...file, db } });
  await layDown(simulation, series, madeUpArtifact(series));
  const ran = async () => (await db.all<{ error: string | null }>(CYCLES)).map(({ error }) => error !== null);
  await simulation.pass(PER_BUCKET);
  const before = (await ran()).length;
  expect(before).toBeGreaterThan(0);
  await simulation.pass(PER_BUCKET - 2);
  isFull = true;
  // It is due in the second of these minutes.
  await simulation.pass(6);
  expect((await ran()).slice(before).filter(Boolean).length).toBeGreaterThanOrEqual(4);
  isFull = false;
  await simulation.pass(10);
  const all = await ran();
  expect(all.filter((failed) => !failed).length).toBe(all.indexOf(true) + 1);
  expect(all.at(-1)).toBe(false);
});
