import { join } from 'node:path';
import { HOUR_MS } from '@tidemark/shared/forecasting';
import Table from 'cli-table3';
import { Command } from 'commander';
import { prepareHistory, type QualityReport } from '../history/prepare.ts';
import { writePrepared } from '../history/prepared.ts';
import { qualityPage } from '../history/quality-page.ts';
import { setAsideLines } from '../history/set-aside-lines.ts';
import { utcDaysNote } from '../history/utc-days.ts';
import { workConfig } from '../history/work-config.ts';
import { whileHolding } from '../work-lock.ts';
import { writeJson, writeText } from '../write-file.ts';
import { configOption, jsonOption, workOption } from './options.ts';
import { print } from './series-option.ts';

interface PrepareOptions {
  readonly work: string;
  readonly config?: string;
  readonly json?: boolean;
}

/** `trainer prepare`: fetched buckets into hole-free series. */
export function prepareCommand(): Command {
  return new Command('prepare')
    .description('Make hole-free series of the fetched buckets and report on their quality.')
    .addOption(workOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options: PrepareOptions) =>
      whileHolding(options.work, ['history', 'series'], () => prepareSeries(options)),
    );
}

async function prepareSeries({ work, config, json }: PrepareOptions): Promise<void> {
  const settings = await workConfig(work, config);
  const prepared = await prepareHistory(work, settings);
  const { all, report } = prepared;
  await writePrepared(work, all);
  await writeJson(join(work, 'series', 'quality.json'), report);
  await writeText(join(work, 'series', 'quality.html'), qualityPage(prepared));
  const unlessTheirs = report.timeZone === 'UTC' ? '; if the merchants live by another clock, set "timeZone"' : '';
  print(json, `hours and days by the clock of ${report.timeZone}${unlessTheirs}\n`);
  const days = utcDaysNote(settings, Date.parse(report.watermark));
  if (days !== null) print(json, `${days}\n`);
  if (!json) {
    printQuality(report);
    process.stdout.write(`${join(work, 'series', 'quality.html')} shows it in pictures\n`);
    return;
  }
  const buckets = report.series.reduce(
    (sum, series) => sum + Object.values(series.buckets).reduce((a, b) => a + b, 0),
    0,
  );
  const modelable = report.series.filter((series) => series.modelable).length;
  process.stdout.write(
    `${JSON.stringify({ stage: 'prepare', series: all.length, modelable, buckets, ...report.totals })}\n`,
  );
}

function printQuality(report: QualityReport): void {
  const table = new Table({
    head: ['series', 'transactions', 'observed', 'zero', 'missing', 'open', 'negative', 'outliers', 'late', 'note'],
    colAligns: ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [] },
  });
  for (const series of report.series) {
    const { observed, zero, missing, open } = series.buckets;
    const counts = [series.transactions, observed, zero, missing, open, series.negative, series.outliers];
    table.push([
      series.id,
      ...counts.map((count) => count.toLocaleString('en-US')),
      `${(100 * series.lateShare).toFixed(1)} %`,
      series.reason ?? '',
    ]);
  }
  process.stdout.write(`${table.toString()}\n`);
  process.stdout.write(
    `${report.from} to ${report.watermark}, ${report.stepMs / HOUR_MS}-hour buckets of ${report.measure} volume\n`,
  );
  for (const { name, values } of report.counted.dimensions) process.stdout.write(`${name}: ${values.join(', ')}\n`);
  for (const why of report.counted.unseen) process.stdout.write(`${why}\n`);
  for (const gap of report.feedGaps) process.stdout.write(`feed gap: ${gap.from} to ${gap.to}\n`);
  if (report.totals.unmatched > 0) {
    process.stdout.write(
      `without a client: ${report.totals.unmatched} transactions, ${(100 * report.unmatchedShare).toFixed(2)} % of gross\n`,
    );
  }
  for (const line of setAsideLines(report.totals.setAside)) process.stdout.write(`${line}\n`);
}
