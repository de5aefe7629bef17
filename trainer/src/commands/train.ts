import { UserError } from '@tidemark/shared/errors';
import type { Series, SpecialDays } from '@tidemark/shared/forecasting';
import { SERVED_BY } from '@tidemark/shared/vocabulary';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { writeArtifact } from '../artifact/artifact-files.ts';
import { addCalendarOptions, type CalendarOptions, calendarConfig } from '../calendar/calendar-options.ts';
import { calendarLine, calendarTable } from '../calendar/calendar-table.ts';
import { specialDaysFor } from '../calendar/list-special-days.ts';
import type { Config } from '../config.ts';
import { chosenSeries } from '../history/groups.ts';
import { type Remark, readPrepared } from '../history/prepared.ts';
import { workConfig } from '../history/work-config.ts';
import { BACKENDS } from '../network/create-backend.ts';
import { showStages } from '../progress.ts';
import { writeRun } from '../runs.ts';
import { estimateTraining } from '../training/estimate.ts';
import { fitToTrain } from '../training/fitness.ts';
import type { Trained } from '../training/options.ts';
import type { SeriesProvenance } from '../training/served-series.ts';
import { sparsityStatement } from '../training/sparsity.ts';
import { completeLength } from '../training/split.ts';
import { train } from '../training/train.ts';
import { trainerVersion } from '../version.ts';
import { whileHolding } from '../work-lock.ts';
import { configOption, jsonOption, seconds, seed, wholeNumber, workOption } from './options.ts';
import { groupOption, print, seriesOption } from './series-option.ts';

interface TrainCommandOptions extends CalendarOptions {
  readonly work: string;
  readonly config?: string;
  readonly json?: boolean;
  readonly series?: string[];
  readonly group?: string[];
  readonly seed: number;
  readonly seconds: number;
  readonly steps?: number;
  readonly fromScratch?: boolean;
  readonly backend: string;
  readonly dryRun?: boolean;
}

/** `trainer train`: prepared series into a model. */
export function trainCommand(): Command {
  const command = new Command('train')
    .description('Learn a forecast model from the prepared series; Ctrl-C keeps the best so far.')
    .addOption(workOption())
    .addOption(configOption())
    .addOption(seriesOption('learn from'))
    .addOption(groupOption('learn from'))
    .option('--seed <number>', 'the same seed, series and machine kind give the same weights', seed, 1)
    .option(
      '--seconds <number>',
      'most seconds of learning; base forecasts, the decision on the calendar and calibration come on top, and the last line says how long they took',
      seconds,
      45,
    )
    .option(
      '--steps <number>',
      'most steps of learning; together with the seed it fixes the weights',
      wholeNumber(1, 1e6),
    )
    .option('--from-scratch', 'begin with random weights even where there is little to learn from')
    .addOption(new Option('--backend <name>', 'what computes').choices(BACKENDS).default('auto'))
    .option('--dry-run', 'print what would be trained on and how long it would take, and stop')
    .addOption(jsonOption())
    .action(trainModel);
  return addCalendarOptions(command);
}

async function trainModel(options: TrainCommandOptions): Promise<void> {
  const startedMs = Date.now();
  const plan = await planTraining(options);
  printPlan(options, plan);
  if (options.dryRun) return estimate(options, plan.series, plan.config.timeZone, plan.specialDays);
  await whileHolding(options.work, ['model'], () => trainAsPlanned(options, plan, startedMs));
}

async function trainAsPlanned(options: TrainCommandOptions, plan: TrainingPlan, startedMs: number): Promise<void> {
  const interruption = interruptible();
  try {
    const trained = await learn(options, plan, interruption.signal);
    const stopped = interruption.signal.aborted;
    if (stopped) print(options.json, `stopped after ${trained.steps} steps: the best so far is kept\n`);
    const [artifact] = trained.artifacts;
    if (!artifact) throw new Error('training made no artifact');
    const outcome: Outcome = { trained, artifact, stopped, served: servedCounts(artifact) };
    printModel(options, plan, outcome, await writeArtifact(options.work, artifact));
    const run = await recordRun(options, plan, outcome, startedMs);
    print(options.json, `run recorded in ${run}\n`);
    if (options.json) process.stdout.write(`${JSON.stringify(resultOf(plan, outcome, run))}\n`);
  } finally {
    interruption.forget();
  }
}

/** What is trained on, and under which settings. */
interface TrainingPlan {
  readonly config: Config;
  readonly series: readonly Series[];
  /** Complete buckets of all series together. */
  readonly buckets: number;
  readonly leftOut: readonly Remark[];
  readonly remarks: readonly Remark[];
  /** The series and groups named on the command line; `null` where none are. */
  readonly chosen: { readonly series?: string[]; readonly group?: string[] } | null;
  readonly calendar: ReturnType<typeof calendarConfig>;
  readonly specialDays: SpecialDays | undefined;
}

/** What training came to. */
interface Outcome {
  readonly trained: Trained;
  readonly artifact: Trained['artifacts'][number];
  /** Whether Ctrl-C ended it early. */
  readonly stopped: boolean;
  readonly served: Readonly<Record<string, number>>;
}

/** @throws UserError `unreadable-series` for a series asked for by name that cannot be read. */
async function planTraining(options: TrainCommandOptions): Promise<TrainingPlan> {
  const config = await workConfig(options.work, options.config);
  const unreadable: Remark[] = [];
  const all = await readPrepared(options.work, (remark) => unreadable.push(remark));
  const broken = unreadable.find(({ id }) => options.series?.includes(id));
  if (broken) throw new UserError('unreadable-series', `series "${broken.id}": ${broken.why}`);
  const asked = options.series !== undefined || options.group !== undefined;
  const wanted = chosenSeries(all, options, config.groups.named);
  const { fit: series, leftOut, remarks } = fitToTrain(alike(wanted), asked ? [] : unreadable);
  const calendar = calendarConfig(config.calendar, options);
  return {
    config,
    series,
    buckets: series.reduce((sum, one) => sum + completeLength(one), 0),
    leftOut,
    remarks,
    chosen: asked
      ? { ...(options.series && { series: options.series }), ...(options.group && { group: options.group }) }
      : null,
    calendar,
    specialDays: specialDaysFor(series, calendar),
  };
}

function printPlan({ json }: TrainCommandOptions, plan: TrainingPlan): void {
  print(json, `${plan.series.length} series, ${plan.buckets.toLocaleString('en-US')} complete buckets\n`);
  print(json, remarkLines('left out', plan.leftOut));
  print(json, remarkLines('note', plan.remarks));
  if (plan.specialDays) print(json, `${calendarLine(plan.specialDays)}\n`);
}

/** The trained model, its progress shown while it learns and calibrates. */
async function learn(options: TrainCommandOptions, plan: TrainingPlan, signal: AbortSignal): Promise<Trained> {
  const { config, series, specialDays, chosen, leftOut } = plan;
  const taken: SeriesProvenance = { ...(chosen && { chosen }), leftOut };
  const forceSpecialDays = plan.calendar.use === 'always';
  const set = { name: 'all', series, ...(specialDays && { specialDays, forceSpecialDays }) };
  const stages = showStages();
  const trained = await train([set], {
    seed: options.seed,
    ...(options.steps === undefined ? { seconds: options.seconds } : { steps: options.steps }),
    ...(options.fromScratch ? { start: 'random' as const } : {}),
    backend: options.backend,
    timeZone: config.timeZone,
    signal,
    provenance: {
      ...taken,
      trainer: trainerVersion(),
      configuration: config,
      stepsFrom: options.steps === undefined ? `a trial of --seconds ${options.seconds}` : '--steps',
    },
    onProgress: (_phase, { step, steps, loss, validation, secondsLeft }) => {
      stages.update(
        'learn',
        { done: step, of: steps },
        `loss ${loss.toFixed(3)}, held-out loss ${(100 * validation).toFixed(1)} % of the untrained, ${Math.ceil(secondsLeft)} s left`,
      );
    },
    onSeries: (stage, done, of) => stages.update(stage, { done, of }, 'series'),
  });
  stages.stop();
  return trained;
}

/** How many series each way of serving has. */
function servedCounts({ metadata }: Outcome['artifact']): Record<string, number> {
  return Object.fromEntries(
    SERVED_BY.map((by) => [by, metadata.series.filter(({ servedBy }) => servedBy === by).length]),
  );
}

function printModel(
  { json }: TrainCommandOptions,
  { series }: TrainingPlan,
  { trained, artifact: { metadata } }: Outcome,
  folder: string,
): void {
  const table = new Table({ head: ['series', 'served by', 'why'], style: { head: [], border: [] } });
  for (const { id, servedBy, reason } of metadata.series) table.push([id, servedBy, reason]);
  print(json, `${table.toString()}\n`);
  const silence = sparsityStatement(series);
  if (silence !== null) print(json, `${silence}\n`);
  print(json, calendarTable(metadata));
  print(
    json,
    `model ${metadata.modelVersion} in ${folder}: ${trained.steps} steps by ${trained.backend} in ${trained.learningSeconds.toFixed(1)} s; base forecasts, calendar and calibration took ${(trained.seconds - trained.learningSeconds).toFixed(1)} s more\n`,
  );
}

/** The file of the run's record. */
function recordRun(
  options: TrainCommandOptions,
  { series, buckets, leftOut, chosen, calendar }: TrainingPlan,
  { trained, artifact: { metadata }, served }: Outcome,
  startedMs: number,
): Promise<string> {
  const { seed, seriesChecksum, configuration, ...provenance } = metadata.provenance;
  return writeRun(options.work, {
    command: 'train',
    startedMs,
    params: {
      seed,
      seconds: options.seconds,
      steps: trained.steps,
      ...chosen,
      calendar: calendar.use,
      configuration,
    },
    metrics: {
      series: series.length,
      buckets,
      leftOut: leftOut.length,
      trainSeconds: trained.seconds,
      learningSeconds: trained.learningSeconds,
      served,
      ...numbersOf(provenance),
    },
    tags: { seriesChecksum, modelVersion: metadata.modelVersion, backend: trained.backend },
  });
}

/** What `--json` prints. */
function resultOf(plan: TrainingPlan, { trained, artifact: { metadata }, stopped, served }: Outcome, run: string) {
  return {
    stage: 'train',
    series: plan.series.length,
    buckets: plan.buckets,
    trainSeconds: Math.round(trained.seconds * 10) / 10,
    learningSeconds: Math.round(trained.learningSeconds * 10) / 10,
    backend: trained.backend,
    steps: trained.steps,
    stopped,
    modelVersion: metadata.modelVersion,
    served,
    leftOut: plan.leftOut,
    remarks: plan.remarks,
    calendar: metadata.provenance.calendar ?? null,
    run,
  };
}

/** The numbers of a model's provenance, such as its loss on held-out weeks. */
function numbersOf(provenance: Readonly<Record<string, unknown>>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(provenance).filter((entry): entry is [string, number] => typeof entry[1] === 'number'),
  );
}

/** The first Ctrl-C ends learning; a second one ends the program, as usual. */
function interruptible() {
  const stop = new AbortController();
  const interrupt = () => {
    process.stderr.write('\nstopping; the best so far is kept (Ctrl-C again: nothing is)\n');
    stop.abort();
  };
  process.once('SIGINT', interrupt);
  return { signal: stop.signal, forget: () => process.off('SIGINT', interrupt) };
}

async function estimate(
  options: TrainCommandOptions,
  series: readonly Series[],
  timeZone: string,
  specialDays: SpecialDays | undefined,
): Promise<void> {
  const found = await estimateTraining(series, {
    seed: options.seed,
    ...(options.steps === undefined ? { seconds: options.seconds } : { steps: options.steps }),
    backend: options.backend,
    timeZone,
    ...(specialDays && { specialDays }),
  });
  const count = (n: number) => n.toLocaleString('en-US');
  const table = new Table({ style: { head: [], border: [] }, colAligns: ['left', 'right'] });
  table.push(
    ['series the network is trained on', found.teaching],
    ['series that trade too rarely for it', found.rare],
    ['series too short for it, on cold start', found.short],
    ['training windows', count(found.windows)],
    ['validation windows', count(found.validating)],
    ['weights', count(found.weights)],
    ['steps', `${count(found.steps)} of ${found.stepMs.toFixed(1)} ms`],
    ['steps × time', `${found.seconds.toFixed(1)} s`],
  );
  const how = `Estimated from ${found.tried} real steps (${found.backend}); base forecasts, validation and calibration come on top.`;
  print(options.json, `${table.toString()}\n${how}\nDry run: nothing was trained or written.\n`);
  if (options.json) process.stdout.write(`${JSON.stringify({ stage: 'train', dryRun: true, ...found })}\n`);
}

function remarkLines(what: string, remarks: readonly Remark[]): string {
  return remarks.map(({ id, why }) => `${what}: "${id}": ${why}\n`).join('');
}

/** @throws UserError `invalid-series` for mixed steps. */
function alike(series: readonly Series[]): readonly Series[] {
  const [first] = series;
  const other = series.find((one) => one.stepMs !== first?.stepMs || one.measure !== first.measure);
  if (other)
    throw new UserError('invalid-series', `series "${other.id}" has another bucket length or measure than the first`);
  return series;
}
