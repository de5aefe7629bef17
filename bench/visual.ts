import { readFile, stat } from 'node:fs/promises';
import { artifactFiles, encodeModel } from '@tidemark/shared/contract/model-file';
import { type Series, untrainedArtifact } from '@tidemark/shared/forecasting';
import { launchChrome } from '@tidemark/tools/power-bi-host/chrome';
import { BAND_BINDINGS, type Bindings, dataViewOf, type PlainDataView } from '@tidemark/tools/power-bi-host/data-view';
import { readPackage } from '@tidemark/tools/power-bi-host/package-file';
import { siteOf } from '@tidemark/tools/power-bi-host/site';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { packageVisual } from '@tidemark/visual/package';
import { Command } from 'commander';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { against, type Figure, median, printFigure, printTable } from './figure.ts';
import { readOptions } from './options.ts';

const ORIGIN = 'https://tidemark.test';
const SIZE = { width: 1200, height: 600 };
/** All rows at first. */
const WHOLE = { zoom: { days: 0 } };
/** VisualUpdateType.Resize. */
const RESIZE = 4;
const WINDOW_BUCKETS = 28 * 12;

interface Measured {
  readonly drawn: number;
  readonly shown: number;
  readonly longestTask: number;
  readonly firstBand: number;
  readonly longestTurn: number;
}

interface FramePage {
  readonly tidemarkHost: { create(host: object): void; measure(update: object): Promise<Measured> };
  readonly peers: {
    uplot(columns: number[][], width: number, height: number): Promise<number>;
    infer(modelText: string, values: number[]): number;
    tfjs(modelJson: string, weights: number[], windows: number): Promise<number>;
  };
}

/** Rows turned into columns as uPlot takes them: time, actual, forecast, lower, upper. */
function columnsOf(rows: ReturnType<typeof bandRows>): number[][] {
  const numbers = (name: string) =>
    rows.map((row) => (row[name] === null ? (null as unknown as number) : Number(row[name])));
  return [
    rows.map((row) => Date.parse(String(row.bucket_start)) / 1000),
    ...['actual', 'forecast', 'lower', 'upper'].map(numbers),
  ];
}

const { write } = readOptions<{ write: boolean }>(
  new Command('bench:visual')
    .description('The packaged visual in Chrome, beside uPlot and tfjs.')
    .option('--write', 'put the figures into docs/benchmarks.md', false),
);
const { path } = await packageVisual();
const visual = await readPackage(path);
const site = await siteOf(visual);
const browser = await launchChrome();

/** The frame as a page of its own, with the peers beside it; nothing of an earlier measurement is in it. */
async function freshPage(): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
  await page.route('**/*', async (route) => {
    const response = await site.request(route.request().url());
    const body = Buffer.from(await response.arrayBuffer());
    await route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body });
  });
  await page.goto(`${ORIGIN}/preview/frame.html`);
  await page.evaluate(peers);
  return page;
}

const peers = (
  await build({
    entryPoints: [new URL('visual-peers.ts', import.meta.url).pathname],
    bundle: true,
    write: false,
    format: 'iife',
    target: 'es2022',
    minify: true,
  })
).outputFiles[0]?.text as string;

const create = (page: Page) =>
  page.evaluate(() => (globalThis as unknown as FramePage).tidemarkHost.create({ locale: 'en-US' }));
const measure = (page: Page, view: PlainDataView, more: object = {}) =>
  page.evaluate((update) => (globalThis as unknown as FramePage).tidemarkHost.measure(update), {
    ...SIZE,
    view,
    ...more,
  });

/** First renderings of some rows, each on a fresh page, and those of uPlot; ms. */
async function firstRenderings(buckets: number, rounds: number, bindings: Bindings): Promise<[number[], number[]]> {
  const rows = bandRows({ buckets, factor: (k) => (k % 97 === 3 ? 0.4 : 1) });
  const view = dataViewOf(rows, { bindings, objects: WHOLE });
  const columns = columnsOf(rows);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const page = await freshPage();
    await create(page);
    ours.push((await measure(page, view)).shown);
    await page.close();
    const other = await freshPage();
    theirs.push(
      await other.evaluate(
        ([c, w, h]) => (globalThis as unknown as FramePage).peers.uplot(c as number[][], w as number, h as number),
        [columns, SIZE.width, SIZE.height] as const,
      ),
    );
    await other.close();
  }
  return [ours, theirs];
}

/** Seven weeks of seven clients and the model fitted to ten, which one cell carries. */
function modelView(): PlainDataView {
  const names = Array.from({ length: 7 }, (_, n) => `Client ${n + 1}`);
  const from = '2026-01-05T00:00:00';
  const histories = names.map((series, n) => bandRows({ series, seed: n + 1, from, buckets: 12 * 70, future: 0 }));
  const model = encodeModel(
    untrainedArtifact(
      histories.map((rows, n) => ({
        id: names[n] as string,
        measure: 'net' as const,
        stepMs: 7_200_000,
        firstBucket: Date.parse(`${from}Z`) / 7_200_000,
        values: Float64Array.from(rows, (row) => Number(row.actual)),
        states: rows.map(() => 'observed' as const),
      })),
      { timeZone: 'UTC' },
    ),
  );
  const rows = histories.flatMap((own, n) =>
    own.slice(-12 * 49).map(({ series, bucket_start, actual }, k) => ({
      series,
      bucket_start,
      actual,
      model: n === 0 && k === 0 ? model : null,
    })),
  );
  return dataViewOf(rows, { bindings: { time: 'bucket_start', actual: 'actual', series: 'series', model: 'model' } });
}

const figures: Figure[] = [];
const note = (figure: Figure) => figures.push(printFigure(figure));

try {
  const [first, uplot] = await firstRenderings(30_000, 5, BAND_BINDINGS);
  note(against('visual/first-render-30000', { ours: median(first), peer: median(uplot) }, 'ms', '≤ 2'));
  // A report of so many rows has no room for a fan in each: 100 MB is all that Power BI hands over.
  const { fan: _fan, tooltips: _tooltips, ...lean } = BAND_BINDINGS;
  const [most, uplotMost] = await firstRenderings(120_000, 3, lean);
  note(against('visual/first-render-120000', { ours: median(most), peer: median(uplotMost) }, 'ms', '≤ 2'));

  const page = await freshPage();
  await create(page);
  const twoYears = dataViewOf(bandRows({ buckets: 8_760, factor: (k) => (k % 97 === 3 ? 0.4 : 1) }), {
    objects: WHOLE,
  });
  await measure(page, twoYears);
  const resizes: number[] = [];
  for (let k = 0; k < 40; k++) {
    resizes.push((await measure(page, twoYears, { type: RESIZE, width: SIZE.width - 10 * (k % 7) })).drawn);
  }
  note({ figure: 'visual/resize-8760-ms', ours: median(resizes.slice(5)), unit: 'ms', goal: '≤ 50' });

  const seven = modelView();
  const modelRuns: Measured[] = [];
  for (let round = 0; round < 5; round++) {
    await create(page);
    modelRuns.push(await measure(page, seven));
  }
  const runs = (value: (run: Measured) => number) => median(modelRuns.map(value));
  note({ figure: 'visual/model-first-band-ms', ours: runs((run) => run.firstBand), unit: 'ms', goal: '≤ 1000' });
  note({ figure: 'visual/model-longest-task-ms', ours: runs((run) => run.longestTurn), unit: 'ms', goal: '≤ 50' });

  await create(page);
  const views = [1, 2, 3].map((seed) =>
    dataViewOf(bandRows({ buckets: 2_000, seed, factor: (k) => (k % 61 === seed ? 0.4 : 1) })),
  );
  const updates: Measured[] = [];
  for (let k = 0; k < 50; k++) updates.push(await measure(page, views[k % 3] as PlainDataView));
  const warm = updates.slice(10);
  note({ figure: 'visual/update-2000-ms', ours: median(warm.map((one) => one.drawn)), unit: 'ms', goal: '≤ 16' });
  note({
    figure: 'visual/longest-task-2000-ms',
    ours: Math.max(...warm.map((one) => one.longestTask)),
    unit: 'ms',
    goal: '≤ 50',
  });

  const heap = await page.context().newCDPSession(page);
  const used = async () => {
    await heap.send('HeapProfiler.collectGarbage');
    const { usedSize } = (await heap.send('Runtime.getHeapUsage')) as { usedSize: number };
    return usedSize / 2 ** 20;
  };
  const before = await used();
  for (let k = 0; k < 1000; k++) await measure(page, views[k % 3] as PlainDataView);
  note({ figure: 'visual/heap-growth-mb', ours: (await used()) - before, unit: 'MB', goal: '≤ 5' });

  const values = bandRows({ buckets: WINDOW_BUCKETS, future: 0 }).map((row) => Number(row.actual));
  const states = Array.from({ length: values.length }, () => 'observed' as const);
  const series: Series = {
    id: 'Acme',
    measure: 'net',
    stepMs: 7_200_000,
    firstBucket: 240_000,
    values: Float64Array.from(values),
    states,
  };
  const artifact = untrainedArtifact([series]);
  const text = encodeModel(artifact);
  const { modelJson, weights } = artifactFiles(artifact);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < 5; round++) {
    ours.push(
      await page.evaluate(([t, v]) => (globalThis as unknown as FramePage).peers.infer(t as string, v as number[]), [
        text,
        values,
      ] as const),
    );
    theirs.push(
      await page.evaluate(
        ([json, bytes, count]) =>
          (globalThis as unknown as FramePage).peers.tfjs(json as string, bytes as number[], count as number),
        [modelJson, [...weights], WINDOW_BUCKETS] as const,
      ),
    );
  }
  note({ figure: 'visual/inference-ms', ours: median(ours), unit: 'ms', goal: '≤ 100' });
  note(against('visual/inference-vs-tfjs', { ours: median(ours), peer: median(theirs) }, 'ms', '≤ 0.1'));
  note({ figure: 'visual/package-kb', ours: (await stat(path)).size / 1024, unit: 'KB', goal: '≤ 220' });
} finally {
  await browser.close();
}

const version = JSON.parse(
  await readFile(new URL('./node_modules/uplot/package.json', import.meta.url), 'utf8'),
).version;
printTable(
  'visual',
  figures,
  [
    `Peer of the first render: uPlot ${version}, the same actual, forecast and band on a canvas of the same size; both from the call until the picture is handed to the screen.`,
    'An update is measured from the host’s call to the end of its rendering, layout included, after ten to warm up.',
    'A resize brings 8,760 buckets at another width, measured like an update. A model: seven weeks of seven clients from a new visual to the first range, and the longest time the page had no turn until all were drawn.',
    'Inference: a 28-day window of one series, from the model’s text to the last fan. Peer: the network alone in tfjs on its CPU backend, all windows in one batch.',
  ],
  write,
);
