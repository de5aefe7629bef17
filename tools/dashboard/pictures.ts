import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startNode } from '@tidemark/api';
import { openStage } from '../power-bi-host/harness.ts';
import { daxModel } from './dax/model.ts';
import { createQueryEngine } from './m/query-engine.ts';
import { previewPage } from './page-preview/preview-page.ts';
import { committedModel } from './project-files.ts';
import { msOf, refresh } from './tables.ts';

/**
 * `pnpm dashboard:pictures <database file>`: takes pictures of the report's pages, as they look on what an API's
 * database holds, into docs/pictures.
 */
const file = process.argv[2];
if (file === undefined) throw new Error('name the database file of an API, for example .tidemark/demo/tidemark.db');
const out = resolve(import.meta.dirname, '../../docs/pictures');
const server = await startNode({
  environment: { TIDEMARK_OPEN: 'true', TIDEMARK_CLOCK: 'newest', TIDEMARK_READ_WAIT_SECONDS: '60' },
  port: 0,
  databaseFile: file,
  log: () => {},
});
const stage = await openStage();
try {
  const health = (await (await fetch(`${server.url}/v1/health`)).json()) as { now: string };
  const nowMs = Date.parse(health.now) + 20 * 60_000;
  const model = committedModel();
  const engine = await createQueryEngine({
    queries: model.queries,
    parameters: { BaseUrl: JSON.stringify(server.url) },
    key: 'open',
    get: (url) => fetch(url),
    now: () => nowMs,
  });
  const tables = await refresh(model, engine);
  const filled = daxModel(model, tables);
  process.stdout.write(
    `${Object.entries(tables)
      .map(([name, rows]) => `${name} ${rows.length}`)
      .join(
        ', ',
      )}; newest ${new Date(Math.max(...(tables.Bands ?? []).map((row) => msOf(row['Bucket start'])))).toISOString()}\n`,
  );
  await mkdir(out, { recursive: true });
  const shots = [
    ['now', 'now', 0],
    ['history', 'history', 0],
    ['model-health', 'model-health', 0],
    ['now', 'no-data', 9],
  ] as const;
  for (const [page, name, hoursLater] of shots) {
    const { png, complaints } = await previewPage(
      page,
      { model: filled, viewer: { nowMs: nowMs + hoursLater * 3_600_000 } },
      stage,
    );
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    const target = join(out, `dashboard-${name}.png`);
    await writeFile(`${target}.part`, png);
    await rename(`${target}.part`, target);
    process.stdout.write(`${target}\n`);
  }
} finally {
  await stage.close();
  await server.stop();
}
