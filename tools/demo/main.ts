import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { styleText } from 'node:util';
import { type NodeServer, startNode } from '@tidemark/api';
import { wholeNumber } from '@tidemark/trainer/testing/options';
import { Command } from 'commander';
import { exitCodeFor } from '../exit-code.ts';
import { screenshot } from '../power-bi-host/harness.ts';
import { previewApp } from '../power-bi-host/site.ts';
import { heading, run, StageFailed, trainer } from './stage.ts';
import { printSummary, readAlarms } from './summary.ts';
import { DEFAULT_WORK, emptyWorkFolder } from './work-folder.ts';

const root = resolve(import.meta.dirname, '../..');

interface DemoOptions {
  readonly history?: string;
  readonly work: string;
  readonly port: number;
  readonly once?: boolean;
  readonly screenshot?: string;
  readonly show?: string;
}

const program = new Command('demo')
  .description('The whole of Tidemark in one go: history in, model trained, bands scored, and a picture of them.')
  .option('--history <folder>', 'transactions and merchants as Parquet or CSV (default: a simulated payment company)')
  .option('--work <folder>', 'folder for what the demo makes; it is emptied', DEFAULT_WORK)
  .option('--port <number>', 'where to serve; 0 takes any free port', wholeNumber(0, 65_535), 8787)
  .option('--once', 'stop after the summary instead of serving')
  .option('--screenshot <file>', 'also take a picture of the preview page (needs a Chrome or Chromium)')
  .option('--show <series>', 'the series in that picture (default: the one that has most to tell)')
  .showHelpAfterError('(add --help for what is accepted)')
  .exitOverride();

try {
  program.parse();
  await demo(program.opts<DemoOptions>());
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

async function demo(options: DemoOptions): Promise<void> {
  const began = performance.now();
  // The trainer runs in the repository's root; a folder is named from where the person stands.
  const work = resolve(options.work);
  const shown = relative(root, work) || '.';
  await emptyWorkFolder(work, options.history === undefined ? null : resolve(options.history));
  const history = options.history ? resolve(options.history) : join(work, 'sample');
  if (!options.history) {
    heading('Sample', 'no --history given: a simulated payment company, with incidents of known place and kind');
    process.stderr.write(await run('simulate', '--out', join(shown, 'sample')));
  }
  heading('1 · fetch', 'transactions into two-hour buckets per client');
  const fetched = await trainer('fetch', '--source', 'duckdb', '--history', history, '--work', shown);
  heading('2 · prepare', 'buckets into series without holes');
  await trainer('prepare', '--work', shown);
  heading('3 · train', `a quantile LSTM, pooled over all series, on ${availableParallelism()} cores`);
  const trained = await trainer('train', '--work', shown);
  heading('4 · evaluate', 'against simple forecasts, on time the model has not seen');
  const evaluated = await trainer('evaluate', '--work', shown);
  heading('5 · predict', 'the next 24 hours, and what was wrong in the last');
  await trainer('predict', '--work', shown);

  heading('6 · serve', 'bands issued bucket by bucket, each with only what was known then');
  const server = await startNode({
    // The log is history: its newest complete bucket is "now".
    environment: { TIDEMARK_OPEN: 'true', TIDEMARK_CLOCK: 'newest' },
    port: options.once ? 0 : options.port,
    databaseFile: join(work, 'tidemark.db'),
    extraRoutes: await previewApp(),
    log: () => undefined,
  });
  try {
    await trainer('publish', '--work', shown, '--api', server.url);
    const alarms = await readAlarms(server.url);
    heading('7 · picture', 'the packaged visual, hosted the way Power BI does');
    if (options.screenshot) {
      const query = options.show ? `?series=${encodeURIComponent(options.show)}` : '';
      await screenshot({ url: `${server.url}/${query}`, file: resolve(options.screenshot), width: 1280, height: 720 });
      process.stderr.write(`picture in ${options.screenshot}\n`);
    }
    await servesPreview(server);
    printSummary({ alarms, evaluated, history: options.history, work: shown });
    if (!options.once) await serveUntilInterrupted(server);
    const summary = {
      stage: 'done',
      series: trained.series,
      buckets: trained.buckets,
      trainSeconds: trained.trainSeconds,
      backend: trained.backend,
      mase: evaluated.mase,
      maseBaseline: evaluated.maseBaseline,
      coverage: evaluated.coverage,
      alarms: alarms.length,
      netTotal: fetched.netTotal,
      totalSeconds: Math.round((performance.now() - began) / 100) / 10,
    };
    if (options.once) process.stdout.write(`${JSON.stringify(summary)}\n`);
  } finally {
    await server.stop();
  }
}

/** The page and the code it hosts can be had; the browser tests hold what they draw. */
async function servesPreview({ url }: NodeServer): Promise<void> {
  for (const path of ['/', '/preview/visual.js', '/v1/bands?limit=1']) {
    const response = await fetch(url + path);
    if (!response.ok) throw new Error(`${path} answers ${response.status}: ${await response.text()}`);
    await response.arrayBuffer();
  }
}

async function serveUntilInterrupted({ url }: NodeServer): Promise<void> {
  process.stderr.write(`\n${styleText(['bold', 'green'], '▶')} ${styleText('bold', url)}  — Ctrl-C stops\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
}

/** What a stage has ended with is the demo's own end; see `exitCodeFor` for all else. */
function exitCodeOf(error: unknown): number {
  if (!(error instanceof StageFailed)) return exitCodeFor('demo', error);
  process.stderr.write(`demo: ${error.message}\n`);
  return error.exitCode;
}
