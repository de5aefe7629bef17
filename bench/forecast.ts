import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { UserError } from '@tidemark/shared/errors';
import {
  bucketAt,
  createForecaster,
  createGrid,
  DEFAULT_STEP_MS,
  RARE_TRADE,
  type Series,
} from '@tidemark/shared/forecasting';
import type { CalendarTrial } from '@tidemark/trainer/testing/calendar';
import { listSpecialDays, spanOf } from '@tidemark/trainer/testing/calendar';
import { evaluate, type Means, meansOf, unscored } from '@tidemark/trainer/testing/evaluation';
import { readPrepared } from '@tidemark/trainer/testing/history';
import { splitOf, train } from '@tidemark/trainer/testing/training';
import { Command } from 'commander';
import { type Figure, type Measured, printFigure, printTable } from './figure.ts';
import { injectedAlarms, labelledAlarms, perWeek, readInjected, readWindows } from './forecast/alarms.ts';
import { FIGURES, GOALS, UNITS } from './forecast/goals.ts';
import { readSets, wallTime } from './forecast/sets.ts';
import { createSides } from './forecast/sides.ts';
import { simulatedFigures } from './forecast/simulated.ts';
import { readOptions, wholeNumber } from './options.ts';

/** What follows in this set is kept for its labelled incidents. */
const HELD_BACK: Readonly<Record<string, string>> = { nyc_taxi: '2014-10-29T00:00:00' };

const ALARM_GOALS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  nyc_taxi: { recall: '≥ 0.95' },
  flights: { recall: '≥ 0.8' },
  bikeshare: { recall: '≥ 0.42' },
};

const collect = (value: string, before: string[]) => [...before, value];

const BUCKETS_A_DAY = createGrid(DEFAULT_STEP_MS).perDay;

const flags = readOptions<{
  data: string;
  sets?: string;
  alarms: boolean;
  seed: number;
  country: string[];
  write: boolean;
  simulated: boolean;
  steps: number;
  work?: string;
  python: string;
}>(
  new Command('bench:forecast')
    .description('The bands of a network trained on several sets together, beside simple forecasts and LightGBM.')
    .option('--data <folder>', 'the sets', resolve(import.meta.dirname, '../../shared/bench/data'))
    .option('--sets <names>', 'of them only these, between commas')
    .option('--alarms', 'also the alarms on known troubles of the sets', false)
    .option('--simulated', 'rare trade and openings instead, made by a script', false)
    .option('--work <folder>', 'with --simulated: a prepared history whose rare series are measured too')
    .option('--steps <n>', 'with --simulated: steps of training', wholeNumber, 600)
    .option('--seed <n>', 'of the training', wholeNumber, 1)
    .option('--country <set=code>', 'holidays of a set; may be given more than once', collect, [])
    .option('--python <path>', 'with --simulated: a Python with LightGBM', 'python3')
    .option('--write', 'put the figures into docs/benchmarks.md', false),
);

const startedAt = performance.now();
if (flags.simulated) {
  await measureSimulated();
  process.exit();
}
const whole = setsOrExit();
const sets = whole.map(({ name, series }) => ({
  name,
  series: series.map((one) => before(one, HELD_BACK[name])),
  ...holidaysOf(name, series),
}));
const figures: Figure[] = [];
const note = (figure: Figure) => figures.push(printFigure(figure));

const trained = await train(sets, {
  seed: flags.seed,
  onProgress: (phase, { step, steps, validation }) => {
    if (step % 500 === 0) process.stderr.write(`${phase}: ${step}/${steps}, held-out loss ${validation.toFixed(3)}\n`);
  },
});
process.stderr.write(`trained by ${trained.backend} in ${trained.seconds.toFixed(1)} s\n`);

const sidesOfAll = createSides(BUCKETS_A_DAY);
for (const [k, { name, series }] of sets.entries()) {
  const artifact = trained.artifacts[k] as (typeof trained.artifacts)[number];
  const sides = createSides(BUCKETS_A_DAY);
  const ours = await evaluate(artifact, series, 'served', { keepJudged: true });
  for (const { id, judged } of ours) {
    for (const { bucket, actual, fan } of judged) {
      sides.add(id, bucket, actual, fan);
      sidesOfAll.add(`${name}/${id}`, bucket, actual, fan);
    }
  }
  const peer = await evaluate(artifact, series, 'same-slot mean');
  for (const [figure, of, when] of FIGURES) {
    const horizon = when === 'first' ? 1 : artifact.metadata.horizons;
    const value = (means: Means) => means[of];
    note(
      compared(
        `forecast/${name}/${figure}`,
        { ours: value(meansOf(ours, horizon)), peer: value(meansOf(peer, horizon)) },
        UNITS[of],
        GOALS[name]?.[figure],
      ),
    );
  }
  sides.figures(name).forEach(note);
  const trial = artifact.metadata.provenance.calendar as CalendarTrial | undefined;
  if (trial) process.stderr.write(`${name}, calendar: ${trial.reason}\n`);
  const served = artifact.metadata.series.map(({ servedBy }) => servedBy);
  process.stderr.write(
    `${name}: ${served.filter((by) => by === 'lstm').length} of ${served.length} series by the network\n`,
  );
}

const against = geometricMeans();
for (const [figure, ratio] of against) note({ figure, ours: ratio, unit: 'ratio', goal: '≤ 0.9' });
sidesOfAll.figures('all').forEach(note);

if (flags.alarms) {
  const folder = resolve(flags.data, '..');
  const injected = readInjected(join(folder, 'injected.csv'));
  sets.forEach(({ name, series }, k) => {
    const artifact = trained.artifacts[k] as (typeof trained.artifacts)[number];
    const events = injected.filter(({ set }) => set === name);
    if (events.length === 0) return;
    const testFrom = ({ values }: Series) => splitOf(values.length).calibrationEnd;
    const [cleaned, raw] = [true, false].map((cleanContext) =>
      injectedAlarms(createForecaster(unscored(artifact), { cleanContext }), series, testFrom, events),
    );
    if (!cleaned || !raw) return;
    const goals = ALARM_GOALS[name] ?? {};
    note(
      compared(
        `alarms/${name}/recall`,
        { ours: cleaned.hits / cleaned.events, peer: raw.hits / raw.events },
        'share',
        goals.recall,
      ),
    );
    note({
      figure: `alarms/${name}/recall-with-day-ahead`,
      ours: cleaned.hitsOfEither / cleaned.events,
      unit: 'share',
      goal: `≥ ${Number((cleaned.hits / cleaned.events).toPrecision(3))}`,
    });
    // Only what is flagged has a delay.
    if (cleaned.hits > 0 && raw.hits > 0) {
      const delay = { ours: cleaned.delay / cleaned.hits, peer: raw.delay / raw.hits };
      note(compared(`alarms/${name}/delay`, delay, 'buckets', '≤ 0.5'));
    }
    note(
      compared(
        `alarms/${name}/false-per-week`,
        { ours: perWeek(cleaned.falseFlags, cleaned.quietBuckets), peer: perWeek(raw.falseFlags, raw.quietBuckets) },
        'a series-week',
        '≤ 1.2',
      ),
    );
    note({
      figure: `alarms/${name}/false-per-week-with-day-ahead`,
      ours: perWeek(cleaned.falseOfEither, cleaned.quietBuckets),
      unit: 'a series-week',
    });
  });
  const labelled = join(folder, 'nab_windows.json');
  const k = sets.findIndex(({ name }) => name === 'nyc_taxi');
  const artifact = trained.artifacts[k];
  const taxi = whole[k]?.series[0];
  if (existsSync(labelled) && artifact && taxi) {
    const { windows } = readWindows(labelled);
    const from = bucketAt(wallTime(HELD_BACK.nyc_taxi as string), DEFAULT_STEP_MS);
    const [cleaned, raw] = [true, false].map((cleanContext) =>
      labelledAlarms(createForecaster(unscored(artifact), { cleanContext }), taxi, from, windows),
    );
    if (cleaned && raw) {
      note(compared('alarms/nab/windows', { ours: cleaned.hit, peer: raw.hit }, `of ${cleaned.windows}`, '≥ 5'));
      note(
        compared(
          'alarms/nab/false-per-week',
          { ours: cleaned.falsePerWeek, peer: raw.falsePerWeek },
          'a week',
          '≤ 0.5',
        ),
      );
    }
  }
}

const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
printTable(
  'forecast',
  figures,
  [
    'Peer of `forecast/…`: the mean of the last four same slots of the week with the same online calibration.',
    '`worst-slot-cov95`: the slot of the day, of those with at least 100 buckets, whose next-bucket 95 % bands hold least; `above95`, `below95`, `above-below`: misses above, misses below, and their ratio, of bands whose lower limit is above zero; `after-incident`: the day after a bucket outside its 99 % band.',
    'Peer of `alarms/…`: the same model with its context not cleaned.',
    `One seed (${flags.seed}), ${trained.steps} pooled steps in ${trained.seconds.toFixed(0)} s of training; ${seconds} s in all.`,
  ],
  flags.write,
);

/**
 * With `--country bikeshare=US-DC --country …` a set heeds the holidays of a country, whatever the held-out weeks say;
 * without, as by default, none are known.
 */
function holidaysOf(name: string, series: readonly Series[]) {
  const place = flags.country.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  if (place === undefined) return {};
  const [country, region] = place.split('-');
  const { from, through } = spanOf(series);
  const specialDays = listSpecialDays({ country, region, paydays: [], events: [] }, from, through);
  return specialDays ? { specialDays } : {};
}

/**
 * With `--simulated`: sets of rare trade and of openings made from the seed, and, with `--work <prepared folder>`, its
 * series that trade in under 3 % of their buckets, against LightGBM (`--python <one that has it>`, else its committed rows).
 */
async function measureSimulated(): Promise<void> {
  const real = flags.work === undefined ? [] : (await readPrepared(flags.work)).filter(tradesRarely);
  const simulated = await simulatedFigures(flags.seed, flags.steps, real, flags.python);
  printTable(
    'forecast --simulated',
    simulated.map(printFigure),
    [
      'LightGBM: quantile regression per series with online conformal calibration, `bench/forecast/lightgbm-peer.py`; ratios are of means over series, each in units of its mean traded bucket.',
      `One seed (${flags.seed}), ${flags.steps} pooled steps.`,
    ],
    flags.write,
  );
}

function tradesRarely({ states }: Series): boolean {
  const trading = states.filter((state) => state === 'observed').length;
  return trading >= 10 && trading < RARE_TRADE * states.length;
}

/** A mistake in the flags ends with one sentence; anything else is a bug. */
function setsOrExit() {
  try {
    return readSets(flags.data, flags.sets?.split(','));
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    process.stderr.write(`bench:forecast: ${error.message}\n`);
    process.exit(2);
  }
}

function compared(figure: string, { ours, peer }: Measured, unit: string, goal?: string): Figure {
  return {
    figure,
    ours,
    peer,
    // Nothing against nothing has no ratio.
    ...(peer > 0 ? { ratio: ours / peer } : {}),
    unit,
    ...(goal === undefined ? {} : { goal, goalOf: 'ours' as const }),
  };
}

/** MSIS at 95 % against LightGBM's published row, over the sets both know. */
function geometricMeans(): [string, number][] {
  const file = resolve(flags.data, '../reference.json');
  if (!existsSync(file)) return [];
  const reference = JSON.parse(readFileSync(file, 'utf8'));
  return (['h1', 'h12'] as const).flatMap((horizon): [string, number][] => {
    const logs = sets.flatMap(({ name }) => {
      const theirs = reference[name]?.['LightGBM quantile + conformal, online']?.MSIS95?.[horizon];
      const ours = figures.find(({ figure }) => figure === `forecast/${name}/msis95-${horizon}`)?.ours;
      return theirs && ours ? [Math.log(ours / theirs)] : [];
    });
    if (logs.length === 0) return [];
    return [[`forecast/all/msis95-${horizon}-vs-lightgbm`, Math.exp(logs.reduce((a, b) => a + b, 0) / logs.length)]];
  });
}

function before(series: Series, wall: string | undefined): Series {
  if (wall === undefined) return series;
  const buckets = bucketAt(wallTime(wall), DEFAULT_STEP_MS) - series.firstBucket;
  return { ...series, values: series.values.subarray(0, buckets), states: series.states.slice(0, buckets) };
}
