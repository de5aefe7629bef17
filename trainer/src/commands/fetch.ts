import { mkdir } from 'node:fs/promises';
import { UserError } from '@tidemark/shared/errors';
import Table from 'cli-table3';
import { Command } from 'commander';
import { loadConfig, stepMsOf } from '../config.ts';
import { type FetchEvent, planFetch, runFetch } from '../history/fetch.ts';
import { setAsideLines } from '../history/set-aside-lines.ts';
import type { HistorySource } from '../history/source.ts';
import { clientTotals, totalsOf } from '../history/totals.ts';
import { showProgress } from '../progress.ts';
import { whileHolding } from '../work-lock.ts';
import { bucketEdge, configOption, jsonOption, workOption } from './options.ts';
import { historyOptions, openSource, type SourceOptions } from './source-options.ts';

interface FetchOptions extends SourceOptions {
  readonly work: string;
  readonly out?: string;
  readonly config?: string;
  readonly from?: string;
  readonly to?: string;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

/** `trainer fetch`: transactions into monthly files of buckets. */
export function fetchCommand(): Command {
  const command = new Command('fetch').description(
    'Sum transactions into buckets per client, month by month, into the work folder; goes on where it stopped.',
  );
  return historyOptions(command)
    .addOption(workOption())
    .option('--out <folder>', 'the same as --work')
    .addOption(configOption())
    .option('--from <time>', 'first bucket, UTC (default: the first transaction)')
    .option('--to <time>', 'end of the last bucket, UTC (default: the newest transaction)')
    .option('--dry-run', 'print each statement with its parameters and run none of them')
    .addOption(jsonOption())
    .action(fetchHistory);
}

async function fetchHistory(options: FetchOptions): Promise<void> {
  const startedMs = performance.now();
  const config = loadConfig(options.config, options.history);
  const stepMs = stepMsOf(config);
  const workFolder = options.out ?? options.work;
  const asked = { fromMs: bucketEdge('--from', options.from, stepMs), toMs: bucketEdge('--to', options.to, stepMs) };
  const stop = new AbortController();
  const interrupt = () => stop.abort(new UserError('interrupted', 'interrupted; run the same command again to go on'));
  process.once('SIGINT', interrupt);
  process.once('SIGTERM', interrupt);
  const source = await openSource(options, config);
  const fetching = async () => {
    const plan = await planFetch(source, workFolder, asked, stop.signal);
    if (options.dryRun) return printStatements(source.statements(plan.tables, plan.pending), options.json === true);
    for (const remark of plan.remarks) process.stderr.write(`${remark}\n`);
    const tell = options.json ? printJson : followOnTerminal(source.kind, config.athena.pricePerTb);
    const manifest = await runFetch(source, workFolder, plan, { signal: stop.signal, tell });
    const totals = totalsOf(manifest);
    const clients = await clientTotals(workFolder, manifest);
    const result = {
      stage: 'fetch',
      source: source.kind,
      windows: plan.windows.length,
      fetched: plan.pending.length,
      ...totals,
      watermark: manifest.watermark,
      seconds: Math.round(performance.now() - startedMs) / 1000,
      clients: Object.fromEntries(clients.map(({ client, ...sums }) => [client, sums])),
    };
    if (options.json) printJson(result);
    else printSummary(clients, totals, result.seconds);
  };
  try {
    if (options.dryRun) return await fetching();
    await mkdir(workFolder, { recursive: true });
    await whileHolding(workFolder, ['history'], fetching);
  } catch (error) {
    // Whatever the interruption broke, the interruption is the reason.
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
    await source.close();
  }
}

function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function printStatements(statements: readonly { sql: string; parameters: readonly unknown[] }[], json: boolean): void {
  for (const { sql, parameters } of statements) {
    if (json) printJson({ sql, parameters });
    else process.stdout.write(`${sql};\n-- parameters: ${JSON.stringify(parameters)}\n\n`);
  }
}

function followOnTerminal(kind: HistorySource['kind'], pricePerTb: number): (event: FetchEvent) => void {
  let progress: ReturnType<typeof showProgress> | undefined;
  let pending = 0;
  let done = 0;
  let rows = 0;
  let scanned = 0;
  let billed = 0;
  return (event) => {
    if (event.event === 'warning') {
      process.stderr.write(`warning: ${event.check}: ${event.says}\n`);
      return;
    }
    if (event.event === 'planned') {
      pending = event.pending;
      process.stderr.write(`${event.from} to ${event.to}: ${event.windows} windows, ${event.pending} to fetch\n`);
      if (pending > 0) progress = showProgress('fetch', pending);
      return;
    }
    done++;
    rows += event.rows;
    scanned += event.scannedBytes;
    billed += event.billedBytes;
    const cost =
      kind === 'athena'
        ? `, ${(scanned / 1e9).toFixed(2)} GB scanned, cost ${((billed / 1e12) * pricePerTb).toFixed(4)}`
        : '';
    progress?.update(done, `${rows.toLocaleString('en-US')} buckets${cost}`);
    if (done === pending) progress?.stop();
  };
}

function printSummary(
  clients: Awaited<ReturnType<typeof clientTotals>>,
  totals: ReturnType<typeof totalsOf>,
  seconds: number,
): void {
  const table = new Table({
    head: ['client', 'transactions', 'gross', 'refunds', 'net'],
    colAligns: ['left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { client, transactions, gross, refunds, net } of clients) {
    table.push([client, transactions.toLocaleString('en-US'), gross, refunds, net]);
  }
  table.push([
    'all',
    totals.transactions.toLocaleString('en-US'),
    totals.grossTotal,
    totals.refundTotal,
    totals.netTotal,
  ]);
  process.stdout.write(`${table.toString()}\n`);
  const left = totals.unmatched > 0 ? `; ${totals.unmatched} transactions have no client` : '';
  process.stdout.write(`${totals.rows.toLocaleString('en-US')} buckets in ${seconds} s${left}\n`);
  for (const line of setAsideLines(totals.setAside)) process.stdout.write(`${line}\n`);
}
