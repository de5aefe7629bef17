import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { startNode } from '@tidemark/api';
import { openStage, type Stage } from '../power-bi-host/harness.ts';
import { columnIs } from './dax/context.ts';
import { daxModel } from './dax/model.ts';
import { createQueryEngine } from './m/query-engine.ts';
import type { Look } from './page-preview/look.ts';
import { type PreviewOptions, previewPage } from './page-preview/preview-page.ts';
import { committedModel } from './project-files.ts';
import { lookAt, STATES } from './states.ts';
import { type Cell, refresh } from './tables.ts';

/**
 * `pnpm dashboard:pictures [database file]`: takes pictures of the report's pages into docs/pictures: of page Now in
 * every state that it must tell apart, on the screen and on the phone, and of all pages as they look on what an API's
 * database holds, where one is named.
 */
const out = resolve(import.meta.dirname, '../../docs/pictures');

/** Writes a picture; a reader never sees half of one. */
async function save(name: string, png: Buffer): Promise<void> {
  const target = join(out, `dashboard-${name}.png`);
  await writeFile(`${target}.part`, png);
  await rename(`${target}.part`, target);
  process.stdout.write(`${target}\n`);
}

/** A picture of a page, without a complaint of the visual. */
async function take(page: string, look: Look, stage: Stage, options?: PreviewOptions): Promise<Buffer> {
  const { png, complaints } = await previewPage(page, look, stage, options);
  if (complaints.length > 0) throw new Error(complaints.join('\n'));
  return png;
}

/** What phones show before anybody scrolls, side by side. */
async function phones(pictures: readonly Buffer[], stage: Stage): Promise<Buffer> {
  const [width, height, gap] = [324, 700, 16];
  const frames = pictures.map(
    (png) =>
      `<div style="width:${width}px;height:${height}px;background:url(data:image/png;base64,${png.toString('base64')}) no-repeat"></div>`,
  );
  const page = await stage.browser.newPage({
    viewport: { width: pictures.length * (width + gap) + gap, height: height + 2 * gap },
  });
  await page.setContent(
    `<body style="margin:0;padding:${gap}px;display:flex;gap:${gap}px;background:#fff">${frames.join('')}</body>`,
  );
  const png = await page.screenshot();
  await page.close();
  return png;
}

/** How long into its open bucket the demo's log ends. */
const OPEN_MS = 70 * 60_000;

/** The look at what a database holds, as long after its newest bucket as the demo's log goes on. */
async function lookInto(databaseFile: string): Promise<Look> {
  const server = await startNode({
    environment: { TIDEMARK_OPEN: 'true', TIDEMARK_CLOCK: 'newest', TIDEMARK_READ_WAIT_SECONDS: '60' },
    port: 0,
    databaseFile,
    log: () => {},
  });
  try {
    const health = (await (await fetch(`${server.url}/v1/health`)).json()) as { now: string };
    const nowMs = Date.parse(health.now) + OPEN_MS;
    const model = committedModel();
    const engine = await createQueryEngine({
      queries: model.queries,
      parameters: { BaseUrl: JSON.stringify(server.url) },
      key: 'open',
      get: (url) => fetch(url),
      now: () => nowMs,
    });
    return { model: daxModel(model, await refresh(model, engine)), viewer: { nowMs } };
  } finally {
    await server.stop();
  }
}

/** The looks at the incident that lost most, an open one where there is one, and at its client; `null` without any. */
function drilledThrough(look: Look): { readonly incident: Look; readonly client: Look } | null {
  const all = (look.model.tables.Alarms ?? []).filter(({ Status }) => Status !== 'withdrawn');
  const open = all.filter(({ Status }) => Status === 'open');
  const [most] = (open.length > 0 ? open : all).toSorted((a, b) => Number(a.Volume) - Number(b.Volume));
  if (most === undefined) return null;
  return {
    incident: { ...look, page: [columnIs('Alarms', 'Incident', [most.Incident as Cell])] },
    client: { ...look, page: [columnIs('Series', 'Series', [most.Series as Cell])] },
  };
}

await mkdir(out, { recursive: true });
const stage = await openStage();
try {
  const file = process.argv[2];
  if (file !== undefined) {
    const look = await lookInto(file);
    for (const page of ['now', 'clients', 'history', 'model-health']) await save(page, await take(page, look, stage));
    const drilled = drilledThrough(look);
    if (drilled !== null) {
      await save('incident', await take('incident', drilled.incident, stage));
      await save('client', await take('client', drilled.client, stage));
    }
  }
  const onPhones: Buffer[] = [];
  for (const state of STATES) {
    const look = await lookAt(state);
    await save(`state-${state.name}`, await take('now', look, stage, { scale: 1 }));
    onPhones.push(await take('now', look, stage, { layout: 'phone', scale: 1 }));
  }
  await save('states-phone', await phones(onPhones, stage));
} finally {
  await stage.close();
}
