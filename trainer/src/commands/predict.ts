import { DEFAULT_RULES, judge, type Verdict } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import {
  bandAt,
  bucketStart,
  createForecaster,
  DAY_MS,
  type Forecast,
  knownValue,
  type Series,
  WEEK_MS,
} from '@tidemark/shared/forecasting';
import Table from 'cli-table3';
import { Command } from 'commander';
import { readModelAndSeries } from '../artifact/model-and-series.ts';
import { servedSeries } from '../training/served-series.ts';
import { completeLength } from '../training/split.ts';
import { jsonOption, numberWithin, workOption } from './options.ts';
import { print, seriesOption } from './series-option.ts';

/** Weeks of history a state is rebuilt from. */
const REBUILD_WEEKS = 12;

interface PredictOptions {
  readonly work: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly series?: string[];
  readonly coverage: number;
}

/** Series in the table for people; `--csv` and `--json` have them all. */
const MOST_SHOWN = 10;

/** What is expected of one series, and what was wrong with it on its last day. */
interface Prediction {
  readonly series: string;
  readonly forecast: Forecast;
  readonly alarms: readonly Verdict[];
}

/** `trainer predict`: the next day, and the alarms of the last one. */
export function predictCommand(): Command {
  return new Command('predict')
    .description('Forecast the next 24 hours with minimum and maximum, and judge the last 24.')
    .addOption(workOption())
    .addOption(seriesOption('forecast'))
    .option('--coverage <share>', 'coverage of the band, 0.8 to 0.999', numberWithin(0.8, 0.999), 0.99)
    .option('--csv', 'rows of series, bucket_start, forecast, lower and upper, and nothing else')
    .addOption(jsonOption())
    .action(predictSeries);
}

async function predictSeries(options: PredictOptions): Promise<void> {
  const { artifact, all } = await readModelAndSeries(options.work);
  const forecaster = createForecaster(artifact);
  const { stepMs } = forecaster;
  const wanted = options.series ?? servedSeries(artifact, all).map(({ id }) => id);
  const predictions = wanted.map((id): Prediction => {
    const series = all.find((one) => one.id === id);
    if (!series) throw new UserError('unknown-series', `unknown series: "${id}"; not among the prepared ones`);
    return predict(series);
  });

  function predict(series: Series): Prediction {
    const end = completeLength(series);
    const from = Math.max(0, end - (REBUILD_WEEKS * WEEK_MS) / stepMs);
    const lastDay = end - DAY_MS / stepMs;
    const state = forecaster.start(series.id, series.firstBucket + from);
    const alarms: Verdict[] = [];
    for (let i = from; i < end; i++) {
      const bucket = series.firstBucket + i;
      const seen = series.states[i];
      const value = knownValue(series, i);
      if (seen === undefined || seen === 'open') break;
      if (i >= lastDay && i > from && value !== null) {
        const [fan] = forecaster.forecast(state).fans;
        const verdict = fan && judge(fan, bucket, value, { ...DEFAULT_RULES, coverage: options.coverage });
        if (verdict?.severity) alarms.push(verdict);
      }
      forecaster.observe(state, bucket, value);
    }
    return { series: series.id, forecast: forecaster.forecast(state), alarms };
  }

  const rows = predictions.flatMap(({ series, forecast }) =>
    forecast.fans.map((fan, k) => {
      const { lower, upper } = bandAt(fan, options.coverage);
      const start = new Date(bucketStart(forecast.origin + k + 1, stepMs)).toISOString().replace('.000', '');
      return { series, bucket_start: start, forecast: cents(fan.median), lower: cents(lower), upper: cents(upper) };
    }),
  );
  if (options.csv) {
    process.stdout.write(`series,bucket_start,forecast,lower,upper,coverage,model_version\n`);
    for (const row of rows) {
      process.stdout.write(
        `${[csvCell(row.series), row.bucket_start, row.forecast, row.lower, row.upper, options.coverage, forecaster.modelVersion].join(',')}\n`,
      );
    }
    return;
  }
  const left = predictions.length - shown(predictions).length;
  const more = left > 0 ? `${left} smaller series without alarms are in --csv and --json\n` : '';
  print(options.json, `${table(predictions, stepMs, options.coverage)}\n${more}${alarmLines(predictions, stepMs)}\n`);
  if (options.json) {
    const alarms = predictions.flatMap(({ series, alarms: found }) =>
      found.map((verdict) => ({
        series,
        bucket_start: new Date(bucketStart(verdict.bucket, stepMs)).toISOString(),
        actual: cents(verdict.actual),
        forecast: cents(verdict.median),
        lower: cents(verdict.band.lower),
        upper: cents(verdict.band.upper),
        direction: verdict.direction,
        severity: verdict.severity,
      })),
    );
    const result = {
      stage: 'predict',
      series: predictions.length,
      modelVersion: forecaster.modelVersion,
      coverage: options.coverage,
      alarms,
      forecasts: rows,
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
  }
}

function table(predictions: readonly Prediction[], stepMs: number, coverage: number): string {
  const grid = new Table({
    head: ['series', 'bucket (UTC)', 'forecast', 'min', 'max', 'served by'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  });
  for (const { series, forecast } of shown(predictions)) {
    forecast.fans.forEach((fan, k) => {
      const { lower, upper } = bandAt(fan, coverage);
      // The whole day for a few series, else its next and its last bucket.
      if (predictions.length > 4 && k > 0 && k < forecast.fans.length - 1) return;
      const when = clockText(forecast.origin + k + 1, stepMs);
      grid.push([series, when, amount(fan.median), amount(lower), amount(upper), forecast.servedBy]);
    });
  }
  return grid.toString();
}

/** All of a few; of many those with alarms and the largest ones. */
function shown(predictions: readonly Prediction[]): readonly Prediction[] {
  if (predictions.length <= MOST_SHOWN) return predictions;
  const volume = ({ forecast }: Prediction) => forecast.fans.reduce((sum, { median }) => sum + Math.abs(median), 0);
  const largest = new Set([...predictions].sort((a, b) => volume(b) - volume(a)).slice(0, MOST_SHOWN));
  return predictions.filter((one) => largest.has(one) || one.alarms.length > 0);
}

function alarmLines(predictions: readonly Prediction[], stepMs: number): string {
  const lines = predictions.flatMap(({ series, alarms }) =>
    alarms.map(({ bucket, actual, band, direction, severity }) => {
      const side = direction === 'low' ? `below ${amount(band.lower)}` : `above ${amount(band.upper)}`;
      return `${severity?.padEnd(8)} ${series}, ${clockText(bucket, stepMs)}: ${amount(actual)} is ${side}`;
    }),
  );
  return lines.length === 0 ? 'no alarm in the last 24 hours' : lines.join('\n');
}

function clockText(bucket: number, stepMs: number): string {
  return new Date(bucketStart(bucket, stepMs)).toISOString().slice(0, 16).replace('T', ' ');
}

function amount(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 100 ? 2 : 0 });
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

function csvCell(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
