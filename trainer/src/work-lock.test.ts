import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SMALL_NETWORK, untrainedArtifact } from '@tidemark/shared/forecasting';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelFolder, readArtifact, writeArtifact } from './artifact/artifact-files.ts';
import { parseConfig } from './config.ts';
import { duckdbSource } from './history/duckdb-source.ts';
import { writePrepared } from './history/prepared.ts';
import { runTrainer } from './testing/command-line.ts';
import { type WorkPart, whileHolding } from './work-lock.ts';

let root: string;
let work: string;
const shop = {
  id: 'shop',
  measure: 'net' as const,
  stepMs: 7_200_000,
  firstBucket: 240_000,
  values: Float64Array.from({ length: 20 * 84 }, (_, k) => 1000 * (1.5 + Math.sin((2 * Math.PI * k) / 12))),
  states: Array.from({ length: 20 * 84 }, () => 'observed' as const),
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tidemark-lock-'));
  work = join(root, 'work');
  await mkdir(join(root, 'tables'));
  await writeArtifact(work, untrainedArtifact([shop], { servedBy: 'base', network: SMALL_NETWORK }));
  await writePrepared(work, [{ series: shop, transactions: Array.from(shop.values, () => 1) }]);
  await writeFile(
    join(root, 'tables', 'transactions.csv'),
    'txn_date,id_merchant,tpv,txn_type,estatus\n2026-01-05 10:00:00,1,5.25,venta,aprobada\n',
  );
  await writeFile(join(root, 'tables', 'merchants.csv'), 'id_merchant,client\n1,Shop\n');
});
afterAll(() => rm(root, { recursive: true, force: true }));

describe('while one command writes a part of a work folder', () => {
  test.each<[WorkPart, string[]]>([
    ['history', ['fetch', '--history', 'tables']],
    ['history', ['prepare']],
    ['series', ['prepare']],
    ['model', ['train', '--steps', '1']],
  ])('the %s, %j is told so in one sentence and does nothing', async (part, words) => {
    await whileHolding(work, [part], async () => {
      const { code, errors } = await runTrainer([...words, '--work', work], { cwd: root });
      expect(code).toBe(2);
      expect(errors.trim().split('\n').at(-1)).toBe(
        `trainer: another command (process ${process.pid}) is writing the ${part} in ${work}; run this one when it has ended, or give it a folder of its own with --work`,
      );
    });
  });

  test('other parts are free, and the part itself once it is done', async () => {
    const fetching = () => runTrainer(['fetch', '--history', 'tables', '--work', work, '--json'], { cwd: root });
    await whileHolding(work, ['series', 'model'], async () => expect((await fetching()).code).toBe(0));
    await whileHolding(work, ['history'], async () => undefined);
    expect((await fetching()).code).toBe(0);
  });

  test('what it runs itself may write it too', async () => {
    const done = await whileHolding(work, ['model'], () => whileHolding(work, ['model'], async () => 'done'));
    expect(done).toBe('done');
  });
});

test('a model is read while its folder is being exchanged, and after a run that was killed there', async () => {
  await rename(modelFolder(work), `${modelFolder(work)}.old`);
  expect((await readArtifact(work)).metadata.series.map(({ id }) => id)).toEqual(['shop']);
});

test('a question to files is not asked once Ctrl-C has come', async () => {
  const source = await duckdbSource(join(root, 'tables'), parseConfig({}, 'defaults'));
  const reason = new Error('interrupted');
  const asking = source.ask({ sql: 'SELECT 1', parameters: [] }, AbortSignal.abort(reason));
  await expect(asking).rejects.toBe(reason);
  await source.close();
});
