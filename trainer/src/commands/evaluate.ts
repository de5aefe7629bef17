import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Artifact, type Series, type SeriesModel, UserError } from '@tidemark/shared';
import Table from 'cli-table3';
import { Command } from 'commander';
import { calendarDecision } from '../calendar/calendar-table.ts';
import { readPrepared } from '../history/prepared.ts';
import { readArtifact } from '../model/artifact-files.ts';
import type { Judged } from '../model/backtest.ts';
import { evaluate, type Means, meansOf, type Rival, type SeriesEvaluation } from '../model/evaluate.ts';
import { completeLength } from '../model/split.ts';
import { reportPage } from '../report/report.ts';
import { jsonOption, workOption } from './options.ts';
import { print } from './series-option.ts';

/** Series with fewer buckets of trade in their test part say nothing about a forecast's errors. */
const ENOUGH_TRADE = 84;

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
 * Judges the work folder's model, prints the comparison and writes `report.html`.
 * @throws UserError `too-little-history` when no series can be judged.
 */
export async function evaluateModel({ work, json = false, inService = null }: EvaluateOptions): Promise<void> {
  const artifact = await readArtifact(work);
  const all = (await readPrepared(work)).filter(({ id }) => artifact.metadata.series.some((one) => one.id === id));
  const judgeable = all.filter((series) => hasTrade(series, artifact.metadata.series));
  if (judgeable.length === 0) {
    throw new UserError('too-little-history', 'no series has a week of trade in its last fifth to be judged by');
  }
  const judged = new Map<string, Judged[]>(judgeable.map(({ id }) => [id, []]));
  const served = evaluate(artifact, judgeable, 'served', { onJudged: (id, one) => judged.get(id)?.push(one) });
  const rivals: [string, SeriesEvaluation[]][] = [['Tidemark', served]];
  for (const rival of ['base forecast', 'same-slot mean', 'last week'] satisfies Rival[]) {
    rivals.push([rival, evaluate(artifact, judgeable, rival)]);
  }
  const known = judgeable.filter(({ id }) => inService?.metadata.series.some((one) => one.id === id));
  if (inService !== null && known.length > 0) {
    const share = known.length < judgeable.length ? ` (${known.length} of ${judgeable.length} series)` : '';
    rivals.push([`in service${share}`, evaluate(inService, known, 'served', { measure: artifact })]);
  }
  const rows = comparison(rivals);
  print(json, `${boxed(rows)}\n`);
  if (judgeable.length > 1) print(json, `${perSeries(served)}\n`);
  const sparse = all.length - judgeable.length;
  if (sparse > 0) {
    print(json, `${sparse} series with under ${ENOUGH_TRADE} buckets of trade in the test part are left out\n`);
  }
  const { modelVersion, stepMs, timeZone } = artifact.metadata;
  const file = join(work, 'report.html');
  const calendar = calendarDecision(artifact.metadata);
  await writeFile(
    `${file}.partial`,
    reportPage({ modelVersion, stepMs, timeZone, judged, comparison: rows, calendar }),
  );
  await rename(`${file}.partial`, file);
  print(json, `pictures in ${file}\n`);
  if (!json) return;
  const ours = meansOf(served, 'all');
  const baseline = meansOf(rivals[3]?.[1] ?? [], 'all');
  const next = meansOf(served, 1);
  const result = {
    stage: 'evaluate',
    series: all.length,
    judged: judgeable.length,
    buckets: all.reduce((sum, series) => sum + completeLength(series), 0),
    modelVersion: artifact.metadata.modelVersion,
    mase: round(ours.mase),
    maseBaseline: round(baseline.mase),
    coverage: round(next.cov99),
    coverageNominal: 0.99,
    coverage95: round(next.cov95),
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

function hasTrade(series: Series, models: readonly SeriesModel[]): boolean {
  const model = models.find(({ id }) => id === series.id) as SeriesModel;
  const trained = model.trainedThrough - series.firstBucket + 1;
  const trade = (from: number, to: number) =>
    series.states.slice(from, to).filter((state) => state === 'observed').length;
  return (
    trade(0, trained) >= ENOUGH_TRADE &&
    trade(Math.floor((trained * 0.8) / 0.65), completeLength(series)) >= ENOUGH_TRADE
  );
}

/** The comparison as rows of text, its head first. */
function comparison(rivals: readonly [string, SeriesEvaluation[]][]): string[][] {
  const head = [
    'next bucket / a day ahead',
    'MASE',
    'MSIS 95 %',
    'MSIS 99 %',
    'inside 95 %',
    'inside 99 %',
    'width 95 %',
  ];
  const rows = rivals.map(([name, evaluations]) => {
    const near = meansOf(evaluations, 1);
    const far = meansOf(evaluations, evaluations[0]?.horizons.length ?? 1);
    const both = (of: (means: Means) => string) => `${of(near)} / ${of(far)}`;
    return [
      name,
      both(({ mase }) => mase.toFixed(2)),
      both(({ msis95 }) => msis95.toFixed(1)),
      both(({ msis99 }) => msis99.toFixed(1)),
      both(({ cov95 }) => percent(cov95)),
      both(({ cov99 }) => percent(cov99)),
      both(({ width95 }) => width95.toFixed(2)),
    ];
  });
  return [head, ...rows];
}

function boxed([head = [], ...rows]: string[][]): string {
  const colAligns = head.map((_, k) => (k === 0 ? 'left' : 'right') as 'left' | 'right');
  const table = new Table({ head, colAligns, style: { head: [], border: [] } });
  table.push(...rows);
  return table.toString();
}

function perSeries(evaluations: readonly SeriesEvaluation[]): string {
  const table = new Table({
    head: ['series', 'served by', 'buckets', 'MASE', 'inside 95 %', 'inside 99 %', 'below 99 %', 'above 99 %'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  for (const { id, servedBy, horizons } of evaluations) {
    const [next] = horizons;
    const at95 = next?.bands.find(({ coverage }) => coverage === 0.95);
    const at99 = next?.bands.find(({ coverage }) => coverage === 0.99);
    if (!next || !at95 || !at99) continue;
    table.push([
      id,
      servedBy,
      next.buckets,
      next.mase.toFixed(2),
      percent(at95.inside),
      percent(at99.inside),
      percent(at99.below),
      percent(at99.above),
    ]);
  }
  return table.toString();
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function round(value: number): number {
  return Math.round(value * 1e4) / 1e4;
}
