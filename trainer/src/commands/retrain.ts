import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { type DetectorPrecision, precisionByDetector } from '@tidemark/shared/detection';
import { UserError } from '@tidemark/shared/errors';
import type { Artifact } from '@tidemark/shared/forecasting';
import Table from 'cli-table3';
import { Command, Option } from 'commander';
import { checkAlike, OTHER_BUCKETS, readModelAndSeries } from '../artifact/model-and-series.ts';
import { checkCalendarPlace } from '../calendar/list-special-days.ts';
import { CONFIG_FILE, type Config, loadConfig, stepMsOf } from '../config.ts';
import { type Drift, driftOf } from '../retrain/drift.ts';
import { keepModel, REFUSED } from '../retrain/kept-model.ts';
import { type Decision, decidePromotion, lostSeries, type Trial } from '../retrain/promotion.ts';
import { type Service, serviceAt } from '../retrain/service.ts';
import { whileHolding } from '../work-lock.ts';
import { evaluateModel } from './evaluate.ts';
import { fetchCommand } from './fetch.ts';
import { configOption, jsonOption, seconds, seed, workOption } from './options.ts';
import { prepareCommand } from './prepare.ts';
import { publishCommand } from './publish.ts';
import { print } from './series-option.ts';
import { historyOptions, type SourceOptions } from './source-options.ts';
import { trainCommand } from './train.ts';

interface RetrainOptions extends SourceOptions {
  readonly work: string;
  readonly config?: string;
  readonly api: string;
  readonly key?: string;
  readonly seed: number;
  readonly seconds: number;
  readonly force?: boolean;
  readonly json?: boolean;
}

/** `trainer retrain`: the whole line from history to a model in service, for a schedule. */
export function retrainCommand(): Command {
  const command = new Command('retrain').description(
    'Fetch, prepare, train, evaluate, and publish the new model if it is no worse than the one in service; the old one stays otherwise.',
  );
  return historyOptions(command)
    .addOption(workOption())
    .addOption(configOption())
    .option('--api <url>', 'address of the API', 'http://127.0.0.1:8787')
    .addOption(new Option('--key <key>', 'API key of scope admin').env('TIDEMARK_API_KEY'))
    .option('--seed <number>', 'see trainer train', seed, 1)
    .option('--seconds <number>', 'most seconds of learning', seconds, 45)
    .option('--force', 'publish even a worse model')
    .addOption(jsonOption())
    .action(retrain);
}

async function retrain(options: RetrainOptions): Promise<void> {
  const { work, json } = options;
  const service = serviceAt(options.api, options.key);
  const config = loadConfig(options.config, options.history);
  if (config.calendar.use !== 'never') checkCalendarPlace(config.calendar);
  // Asked first: an hour of work for a service that is not there would be in vain.
  const inService = await service.model();
  await service.checkMayPublish();
  if (inService !== null) checkConfigured(inService, config);
  const drift = await driftInService(service, inService);
  print(json, `${drift.message}\n`);
  const precision = inService === null ? [] : precisionByDetector(await service.alarms());
  print(json, `${precisionText(precision)}\n`);

  await mkdir(work, { recursive: true });
  await whileHolding(work, ['history', 'series', 'model'], () => renew(options, { inService, drift, precision }));
}

/** What is known of the service before anything is fetched. */
interface Served {
  readonly inService: Artifact | null;
  readonly drift: Drift;
  readonly precision: readonly DetectorPrecision[];
}

/** Everything from the fetch to the new model in service, or the old one back in its place. */
async function renew(options: RetrainOptions, { inService, drift, precision }: Served): Promise<void> {
  const { work, json } = options;
  const common = ['--work', work, ...(json ? ['--json'] : [])];
  const configured = [...common, ...configFlags(options)];
  await stage(fetchCommand(), 'fetch', [...sourceFlags(options), ...configured], json);
  await stage(prepareCommand(), 'prepare', configured, json);
  const kept = await keepModel(work, inService?.metadata.modelVersion ?? null);
  const learning = ['--seed', String(options.seed), '--seconds', String(options.seconds)];
  const wasInterrupted = await interrupted(() => stage(trainCommand(), 'train', [...learning, ...configured], json));
  if (wasInterrupted) {
    await kept.putBack();
    throw new UserError(
      'interrupted',
      `interrupted; nothing is published, and the model in service stays; what was trained so far is in ${join(work, REFUSED)}`,
    );
  }
  heading('evaluate', json);
  await evaluateModel({ work, inService, ...(json ? { json } : {}) });

  heading('gate', json);
  const { artifact, all } = await readModelAndSeries(work);
  const decision = await decidePromotion(artifact, inService, all);
  print(json, `${comparison(decision)}\n${decision.reason}\n`);
  const lost = lostSeries(artifact, inService);
  if (lost.length > 0) print(json, `${lostLine(lost)}\n`);
  const published = decision.promoted || options.force === true;
  if (published) {
    // What was decided here need not be decided again.
    const key = options.key === undefined ? [] : ['--key', options.key];
    await stage(publishCommand(), 'publish', ['--api', options.api, '--force', ...key, ...configured], json);
    await kept.forget();
  } else {
    await kept.putBack();
    print(json, `not published: the model in service stays; the new one is in ${join(work, REFUSED)}\n`);
  }
  if (json) process.stdout.write(`${JSON.stringify({ ...resultOf(decision, drift, published), lost, precision })}\n`);
}

/** @throws UserError where the API would refuse the new model, for its series hold other buckets. */
function checkConfigured({ metadata }: Artifact, config: Config): void {
  checkAlike(
    { name: 'the model in service', ...metadata },
    { name: 'the configuration', stepMs: stepMsOf(config), measure: config.measure },
    OTHER_BUCKETS,
  );
}

/** Runs a command of this tool as if it had been typed, in this process; what it throws ends the retraining. */
async function stage(command: Command, name: string, args: readonly string[], json: boolean | undefined) {
  heading(name, json);
  await command.exitOverride().parseAsync([...args], { from: 'user' });
}

/** Whether Ctrl-C came while something was done that ends early at it, as training does. */
async function interrupted(work: () => Promise<void>): Promise<boolean> {
  let came = false;
  const note = () => {
    came = true;
  };
  process.once('SIGINT', note);
  try {
    await work();
  } finally {
    process.off('SIGINT', note);
  }
  return came;
}

function heading(name: string, json: boolean | undefined) {
  print(json, `\n${styleText('bold', name)}\n`);
}

function sourceFlags({ source, history }: RetrainOptions): string[] {
  return [
    ...(source === undefined ? [] : ['--source', source]),
    ...(history === undefined ? [] : ['--history', history]),
  ];
}

/** The configuration beside the history serves every stage, as it serves the fetch. */
function configFlags({ config, history }: RetrainOptions): string[] {
  const beside = history === undefined ? undefined : join(history, CONFIG_FILE);
  const found = config ?? [CONFIG_FILE, beside].find((file) => file !== undefined && existsSync(file));
  return found === undefined ? [] : ['--config', found];
}

async function driftInService(service: Service, inService: Artifact | null): Promise<Drift> {
  return driftOf(inService === null ? [] : await service.recentBands(56));
}

function comparison({ candidate, inService }: Decision): string {
  const table = new Table({
    head: ['last fifth, next bucket', 'model', 'MASE', 'loss', 'inside 99 %', 'width 99 %'],
    colAligns: ['left', 'left', 'right', 'right', 'right', 'right'],
    style: { head: [], border: [] },
  });
  const row = (name: string, { modelVersion, mase, pinball, coverage, width }: Trial) => [
    name,
    modelVersion,
    mase.toFixed(3),
    pinball.toFixed(4),
    `${(100 * coverage).toFixed(1)} %`,
    width.toFixed(2),
  ];
  table.push(row('new', candidate));
  if (inService !== null) table.push(row('in service', inService));
  return table.toString();
}

function lostLine(lost: readonly string[]): string {
  const named = lost.slice(0, 5).map((id) => JSON.stringify(id));
  const more = lost.length > named.length ? ` and ${lost.length - named.length} more` : '';
  return `warning: only the model in service knows ${named.join(', ')}${more}; if they still sell, look for them in the merchant table and in what prepare and train left out`;
}

/** How often each detector was right, by what people answered. */
function precisionText(precision: readonly DetectorPrecision[]): string {
  if (precision.length === 0) return 'no answers to alarms: how often detectors were right is not known';
  const lines = precision.map(({ detector, incidents, normal }) => {
    const all = incidents + normal;
    return `  ${detector}: ${incidents} of ${all} were incidents (${Math.round((100 * incidents) / all)} %)`;
  });
  return `precision of detectors, by people's answers:\n${lines.join('\n')}`;
}

function resultOf({ candidate, inService, reason }: Decision, drift: Drift, published: boolean) {
  return { stage: 'retrain', published, reason, candidate, inService, drift };
}
