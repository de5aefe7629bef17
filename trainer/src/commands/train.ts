import { DEFAULT_STEP_MS, type Series, UserError } from '@tidemark/shared';
import Table from 'cli-table3';
import { Command, InvalidArgumentError, Option } from 'commander';
import { loadConfig } from '../config.ts';
import { readPrepared } from '../history/prepared.ts';
import { writeArtifact } from '../model/artifact-files.ts';
import { BACKENDS } from '../model/create-fitter.ts';
import { completeLength } from '../model/split.ts';
import { train } from '../model/train.ts';
import { type Progress, showProgress } from '../progress.ts';
import { configOption, jsonOption, workOption } from './options.ts';
import { print, seriesOption } from './series-option.ts';

interface TrainCommandOptions {
  readonly work: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly series?: string[];
  readonly seed: number;
  readonly seconds: number;
  readonly steps?: number;
  readonly fromScratch?: boolean;
  readonly backend: string;
  readonly dryRun?: boolean;
}

/** `trainer train`: prepared series into a model. */
export function trainCommand(): Command {
  return new Command('train')
    .description('Learn a forecast model from the prepared series; Ctrl-C keeps the best so far.')
    .addOption(workOption())
    .addOption(configOption())
    .addOption(seriesOption('learn from'))
    .option('--seed <number>', 'the same seed, series and machine kind give the same weights', number, 1)
    .option('--seconds <number>', 'most seconds of learning', number, 45)
    .option('--steps <number>', 'most steps of learning; together with the seed it fixes the weights', number)
    .option('--from-scratch', 'begin with random weights even where there is little to learn from')
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('auto'))
    .option('--dry-run', 'say what would be learned from, and stop')
    .addOption(jsonOption())
    .action(trainModel);
}

async function trainModel(options: TrainCommandOptions): Promise<void> {
  const config = loadConfig(options.config);
  const series = chosen(await readPrepared(options.work), options.series);
  const buckets = series.reduce((sum, one) => sum + completeLength(one), 0);
  print(options.json, `${series.length} series, ${buckets.toLocaleString('en-US')} complete buckets\n`);
  if (options.dryRun) {
    print(options.json, `would learn for at most ${options.seconds} s with seed ${options.seed}\n`);
    return;
  }
  const stop = new AbortController();
  const interrupt = () => stop.abort();
  process.once('SIGINT', interrupt);
  let progress: Progress | undefined;
  try {
    const trained = await train([{ name: 'all', series }], {
      seed: options.seed,
      ...(options.steps === undefined ? { seconds: options.seconds } : { steps: options.steps }),
      ...(options.fromScratch ? { start: 'random' as const } : {}),
      backend: options.backend,
      timeZone: config.timeZone,
      signal: stop.signal,
      onProgress: (_phase, { step, steps, loss, validation, secondsLeft }) => {
        progress ??= showProgress('learn', steps);
        progress.update(
          step,
          `loss ${loss.toFixed(3)}, held-out loss ${(100 * validation).toFixed(1)} % of the untrained, ${Math.ceil(secondsLeft)} s left`,
        );
      },
      onScored: (done, of) => {
        if (done === 1) {
          progress?.stop();
          progress = showProgress('calibrate', of);
        }
        progress?.update(done, 'series');
      },
    });
    progress?.stop();
    const [artifact] = trained.artifacts;
    if (!artifact) throw new Error('training made no artifact');
    const folder = await writeArtifact(options.work, artifact);
    const { metadata } = artifact;
    const table = new Table({ head: ['series', 'served by', 'why'], style: { head: [], border: [] } });
    for (const { id, servedBy, reason } of metadata.series) table.push([id, servedBy, reason]);
    print(options.json, `${table.toString()}\n`);
    print(
      options.json,
      `model ${metadata.modelVersion} in ${folder}: ${trained.steps} steps by ${trained.backend} in ${trained.seconds.toFixed(1)} s\n`,
    );
    if (options.json) {
      const served = Object.fromEntries(
        (['lstm', 'base', 'seasonal-naive', 'trade-size'] as const).map((by) => [
          by,
          metadata.series.filter(({ servedBy }) => servedBy === by).length,
        ]),
      );
      const result = {
        stage: 'train',
        series: series.length,
        buckets,
        trainSeconds: Math.round(trained.seconds * 10) / 10,
        backend: trained.backend,
        steps: trained.steps,
        modelVersion: metadata.modelVersion,
        served,
      };
      process.stdout.write(`${JSON.stringify(result)}\n`);
    }
  } finally {
    process.off('SIGINT', interrupt);
  }
}

/** @throws UserError `unknown-series` naming it, `no-series` when nothing is left, `invalid-series` for mixed steps. */
function chosen(all: readonly Series[], ids: readonly string[] | undefined): readonly Series[] {
  const absent = ids?.find((id) => !all.some((series) => series.id === id));
  if (absent !== undefined) {
    throw new UserError(
      'unknown-series',
      `unknown series: "${absent}"; prepared are ${all.map(({ id }) => `"${id}"`).join(', ')}`,
    );
  }
  const series = ids === undefined ? all : all.filter(({ id }) => ids.includes(id));
  if (series.length === 0) throw new UserError('no-series', 'no prepared series to learn from');
  const stepMs = series[0]?.stepMs ?? DEFAULT_STEP_MS;
  const other = series.find((one) => one.stepMs !== stepMs || one.measure !== series[0]?.measure);
  if (other)
    throw new UserError('invalid-series', `series "${other.id}" has another bucket length or measure than the first`);
  return series;
}

function number(text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new InvalidArgumentError('not a number of 0 or more.');
  return value;
}
