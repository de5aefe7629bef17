import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Artifact, Series } from '@tidemark/shared/forecasting';
import Table from 'cli-table3';
import { Command } from 'commander';
import { readModelAndSeries } from '../artifact/model-and-series.ts';
import { calendarDecision } from '../calendar/calendar-table.ts';
import { alarmTrade } from '../evaluation/alarm-trade.ts';
import { evaluate, meansOf, modelOf, type Rival, type SeriesEvaluation, testStartOf } from '../evaluation/evaluate.ts';
import {
  lowRecallWarning,
  type SyntheticAnomalyTest,
  syntheticAnomalyTest,
} from '../evaluation/synthetic-anomaly-test.ts';
import { readPreparedCounts } from '../history/prepared-counts.ts';
import { percent } from '../numbers.ts';
import { showProgress } from '../progress.ts';
import { anomalyTable } from '../report/anomaly-table.ts';
import { comparisonTables, type TextTable } from '../report/comparison.ts';
import { coverageBySlot, type WeekSummary, weekSummary } from '../report/hour-of-week.ts';
import { reportPage } from '../report/report.ts';
import { seriesTable } from '../report/series-table.ts';
import { serviceTable } from '../report/service-table.ts';
import { tradeTables } from '../report/trade-table.ts';
import { writeRun } from '../runs.ts';
import { sparsityStatement } from '../training/sparsity.ts';
import { completeLength } from '../training/split.ts';
import { ENOUGH_TRADE, tradesEnough, whyNotJudged } from '../training/trades-enough.ts';
import { writeText } from '../write-file.ts';
import { jsonOption, workOption } from './options.ts';
import { print } from './series-option.ts';

/** `trainer evaluate`: the model against simple forecasts on time it has not seen. */
export function evaluateCommand(): Command {
  return new Command('evaluate')
    .description('Backtest the model on the last fifth of the history against simple forecasts.')
    .addOption(workOption())
    .addOption(jsonOption())
    .action(evaluateModel);
}

interface EvaluateOptions {
  readonly work: string;
  readonly json?: boolean;
  /** The model to stand beside the new one in table and report. */
  readonly inService?: Artifact | null;
}

/**
 * Judges the work folder's model, prints the comparison and writes `report.html`. Where no series can be judged yet, it
 * says so: the model can be served all the same, and the line goes on.
 */
export async function evaluateModel({ work, json = false, inService = null }: EvaluateOptions): Promise<void> {
  const startedMs = Date.now();
  const { artifact, all: prepared } = await readModelAndSeries(work);
  const all = prepared.filter(({ id }) => artifact.metadata.series.some((one) => one.id === id));
  const testFrom = (series: Series) => testStartOf(series, modelOf(artifact, series.id));
  const judgeable = all.filter((series) => tradesEnough(series, testFrom(series)));
  const file = join(work, 'report.html');
  const buckets = all.reduce((sum, series) => sum + completeLength(series), 0);
  const { modelVersion, stepMs, timeZone } = artifact.metadata;
  if (judgeable.length === 0) {
    const nothing = { stage: 'evaluate', series: all.length, judged: 0, buckets, modelVersion };
    await sayNothingJudged({ ...nothing, reason: whyNotJudged(all, testFrom) }, file, json);
    return;
  }
  const { served, rivals } = await judgeAll(artifact, judgeable, inService);
  const comparison = comparisonTables(rivals);
  for (const table of comparison) print(json, `${boxed(table)}\n`);
  if (judgeable.length > 1) print(json, `${boxed(seriesTable(served))}\n`);
  const service = serviceTable(served);
  print(json, `${boxed(service)}\n`);
  const judged = served.flatMap((one) => one.judged);
  const week = weekSummary(coverageBySlot(judged, { stepMs, timeZone }, 0.95), 0.95);
  print(json, `${weekLine(week)}\n`);
  const injected = await syntheticAnomalyTest(artifact, judgeable, testFrom);
  print(json, `${boxed(anomalyTable(injected))}\n${injectedLine(injected)}\n`);
  const silence = sparsityStatement(all);
  for (const line of [lowRecallWarning(injected), silence]) if (line !== null) print(json, `${line}\n`);
  for (const line of leftOut(artifact, all, judgeable)) print(json, `${line}\n`);
  const trade = alarmTrade(artifact, all, await readPreparedCounts(work, all));
  for (const table of trade ? tradeTables(trade) : []) print(json, `${boxed(table)}\n`);
  const calendar = calendarDecision(artifact.metadata);
  const page = reportPage({
    modelVersion,
    stepMs,
    timeZone,
    judged: new Map(served.map((one) => [one.id, one.judged])),
    comparison,
    service,
    injected,
    trade,
    silence,
    calendar,
  });
  await writeText(file, page);
  print(json, `pictures in ${file}\n`);
  const ours = meansOf(served, 'all');
  const baseline = meansOf(rivals[3]?.[1] ?? [], 'all');
  const next = meansOf(served, 1);
  const result = {
    stage: 'evaluate',
    series: all.length,
    judged: judgeable.length,
    buckets,
    modelVersion,
    mase: round(ours.mase),
    maseBaseline: round(baseline.mase),
    coverage: round(next.cov99),
    coverageNominal: 0.99,
    coverage95: round(next.cov95),
    slotsKept: round(week.kept),
    injected: {
      recall: round(injected.recall),
      hoursToAlarm: round(injected.hoursToAlarm),
      falsePerWeek: round(injected.falsePerWeek),
    },
    trade: trade?.budgets.map(({ budget, seen, others }) => ({
      budget: round(budget),
      seen: round(seen),
      others: round(others),
    })),
  };
  const { modelVersion: _version, stage: _, ...metrics } = result;
  const { seed, seriesChecksum } = artifact.metadata.provenance;
  const run = await writeRun(work, {
    command: 'evaluate',
    startedMs,
    params: { seed, coverageNominal: result.coverageNominal },
    metrics,
    tags: { seriesChecksum, modelVersion, report: file },
  });
  print(json, `run recorded in ${run}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ ...result, run })}\n`);
}

/** The model and what it is compared with, each by the name that tables give it, backtested on the same buckets. */
async function judgeAll(
  artifact: Artifact,
  series: readonly Series[],
  inService: Artifact | null,
): Promise<{ served: SeriesEvaluation[]; rivals: [string, SeriesEvaluation[]][] }> {
  const simple = ['base forecast', 'same-slot mean', 'last week'] satisfies Rival[];
  const known = series.filter(({ id }) => inService?.metadata.series.some((one) => one.id === id));
  const progress = showProgress('evaluate', (1 + simple.length) * series.length + known.length);
  let done = 0;
  const shown = (name: string) => ({ onSeries: () => progress.update(++done, name) });
  try {
    const served = await evaluate(artifact, series, 'served', { keepJudged: true, ...shown('Tidemark') });
    const rivals: [string, SeriesEvaluation[]][] = [['Tidemark', served]];
    for (const rival of simple) rivals.push([rival, await evaluate(artifact, series, rival, shown(rival))]);
    if (inService !== null && known.length > 0) {
      const share = known.length < series.length ? ` (${known.length} of ${series.length} series)` : '';
      const theirs = await evaluate(inService, known, 'served', { measure: artifact, ...shown('in service') });
      rivals.push([`in service${share}`, theirs]);
    }
    return { served, rivals };
  } finally {
    progress.stop();
  }
}

/** No backtest, and no report: that of an earlier model would be taken for this one's. */
async function sayNothingJudged(result: { readonly reason: string }, report: string, json: boolean): Promise<void> {
  print(json, `no backtest: ${result.reason}\n`);
  await rm(report, { force: true });
  if (json) process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Says how many series were not judged, and why. */
function leftOut(artifact: Artifact, all: readonly Series[], judged: readonly Series[]): string[] {
  const cold = all.filter((series) => modelOf(artifact, series.id).servedBy === 'cold-start').length;
  const sparse = all.length - judged.length - cold;
  return [
    ...(cold > 0 ? [`${cold} series on cold start are left out: their history is too short to be judged by`] : []),
    ...(sparse > 0
      ? [`${sparse} series with under ${ENOUGH_TRADE} buckets of trade in the test part are left out`]
      : []),
  ];
}

function boxed({ title, head, rows }: TextTable): string {
  const table = new Table({
    head: [title, ...head],
    colAligns: ['left', ...head.map(() => 'right' as const)],
    style: { head: [], border: [] },
  });
  table.push(...rows.map((row) => [...row]));
  return table.toString();
}

function weekLine({ kept, worst }: WeekSummary): string {
  const worse = worst.map(
    ({ name, inside, below, above }) => `${name} ${percent(inside)} (below ${percent(below)}, above ${percent(above)})`,
  );
  const which = worse.length === 0 ? '' : `; worst: ${worse.join(', ')}`;
  return `By hour of the week, ${percent(kept)} of slots keep the 95 % band's promise within five points${which}`;
}

function injectedLine({
  series,
  recall,
  recallOfEither,
  falsePerWeek,
  falsePerWeekUndisturbed,
}: SyntheticAnomalyTest): string {
  return `Injected into the test part of ${series} series: ${percent(recall)} seen by the 99 % band (${percent(recallOfEither)} with the one issued a day ahead); ${falsePerWeek.toFixed(2)} other flags a series-week (${falsePerWeekUndisturbed.toFixed(2)} without any event)`;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
