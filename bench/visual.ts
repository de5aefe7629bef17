import { readFile, stat } from 'node:fs/promises';
import { artifactFiles, encodeModel } from '@tidemark/shared/contract/model-file';
import { type Series, untrainedArtifact } from '@tidemark/shared/forecasting';
import { launchChrome } from '@tidemark/tools/power-bi-host/chrome';
import { dataViewOf, type PlainDataView } from '@tidemark/tools/power-bi-host/data-view';
import { readPackage } from '@tidemark/tools/power-bi-host/package-file';
import { siteOf } from '@tidemark/tools/power-bi-host/site';
import { bandRows } from '@tidemark/tools/scenes/rows';
import { packageVisual } from '@tidemark/visual/package';
import { build } from 'esbuild';
import type { Page } from 'playwright-core';
import { against, type Figure, median, printFigure, printTable } from './figure.ts';

const ORIGIN = 'https://tidemark.test';
const SIZE = { width: 1200, height: 600 };
const WINDOW_BUCKETS = 28 * 12;

interface Measured {
  readonly drawn: number;
  readonly shown: number;
  readonly longestTask: number;
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
const measure = (page: Page, view: PlainDataView) =>
  page.evaluate((update) => (globalThis as unknown as FramePage).tidemarkHost.measure(update), { ...SIZE, view });

const figures: Figure[] = [];
const note = (figure: Figure) => figures.push(printFigure(figure));

try {
  const many = bandRows({ buckets: 30_000, factor: (k) => (k % 97 === 3 ? 0.4 : 1) });
  const manyView = dataViewOf(many);
  const first: number[] = [];
  const uplot: number[] = [];
  for (let round = 0; round < 5; round++) {
    const page = await freshPage();
    await create(page);
    first.push((await measure(page, manyView)).shown);
    await page.close();
    const other = await freshPage();
    const columns = columnsOf(many);
    uplot.push(
      await other.evaluate(
        ([c, w, h]) => (globalThis as unknown as FramePage).peers.uplot(c as number[][], w as number, h as number),
        [columns, SIZE.width, SIZE.height] as const,
      ),
    );
    await other.close();
  }
  note(against('visual/first-render-30000', median(first), median(uplot), 'ms', '≤ 2'));

  const page = await freshPage();
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
  note(against('visual/inference-vs-tfjs', median(ours), median(theirs), 'ms', '≤ 0.1'));
  note({ figure: 'visual/package-kb', ours: (await stat(path)).size / 1024, unit: 'KB', goal: '≤ 200' });
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
    'Inference: a 28-day window of one series, from the model’s text to the last fan. Peer: the network alone in tfjs on its CPU backend, all windows in one batch.',
  ],
  process.argv.includes('--write'),
);
