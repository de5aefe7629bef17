import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startNode } from '@tidemark/api';
import { openStage } from '../host-page/harness.ts';
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
  environment: { TIDEMARK_OPEN: 'true', TIDEMARK_CLOCK: 'newest' },
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
  const tables = await refresh(model, engine, ['Model']);
  process.stdout.write(
    `${Object.entries(tables)
      .map(([name, rows]) => `${name} ${rows.length}`)
      .join(
        ', ',
      )}; newest ${new Date(Math.max(...(tables.Bands ?? []).map((row) => msOf(row['Bucket start'])))).toISOString()}\n`,
  );
  await mkdir(out, { recursive: true });
  for (const page of ['now', 'history', 'model-health']) {
    const { png, complaints } = await previewPage(page, tables, nowMs, stage);
    if (complaints.length > 0) throw new Error(complaints.join('\n'));
    const target = join(out, `dashboard-${page}.png`);
    await writeFile(`${target}.part`, png);
    await rm(target, { force: true });
    await (await import('node:fs/promises')).rename(`${target}.part`, target);
    process.stdout.write(`${target}\n`);
  }
} finally {
  await stage.close();
  await server.stop();
}
