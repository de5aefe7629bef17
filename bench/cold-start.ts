import { UserError } from '@tidemark/shared/errors';
import {
  type Artifact,
  createCalendar,
  createForecaster,
  createTally,
  fitBase,
  type HorizonFigures,
  NO_CALIBRATION,
  type Series,
  type SeriesModel,
  type Tally,
} from '@tidemark/shared/forecasting';
import { readPrepared, workConfig } from '@tidemark/trainer/testing/history';
import { completeLength, train } from '@tidemark/trainer/testing/training';
import { Command } from 'commander';
import { runBenchmark } from './commands.ts';
import { against, type Figure, printFigure, printTable, single } from './figure.ts';
import { readOptions, share, wholeNumber } from './options.ts';

/**
 * How good bands are in the first weeks of series the model was not trained on: half of a prepared history's series
 * teach, the other half open anew every twelve weeks, and the other way round. Beside them the mean of the same slots,
 * with online conformal calibration and, in its favour, a scale known beforehand.
 */
const WEEK = 84;
const WEEKS = 16;
const EVERY = 12;
/** Weeks that are told apart, from the start of a series: `[from, to)`. */
const SPANS: readonly (readonly [number, number])[] = [
  [2, 3],
  [3, 4],
  [4, 8],
  [8, 16],
];
const AT_95 = 2;
const AT_99 = 4;

const flags = readOptions<{ work: string; steps: number; trade: number; write: boolean }>(
  new Command('bench:cold-start')
    .description('The first weeks of series that the network has never seen.')
    .requiredOption('--work <folder>', 'a folder that trainer prepare has filled')
    .option('--steps <n>', 'steps of training', wholeNumber, 800)
    .option('--trade <share>', 'series with trade in a smaller share of their buckets are left out', share, 0.03)
    .option('--write', 'put the figures into docs/benchmarks.md', false),
);

await runBenchmark(measure);

async function measure(): Promise<void> {
  const { timeZone, groups } = await workConfig(flags.work, undefined);
  const all = (await readPrepared(flags.work)).filter(
    ({ id, states }) =>
      !(id in groups.named) && states.filter((state) => state === 'observed').length >= flags.trade * states.length,
  );
  if (all.length < 2) throw new UserError('too-few-series', `${all.length} series trade often enough; two are needed`);
  const ours = new Map<string, HorizonFigures[]>();
  const peers = new Map<string, HorizonFigures[]>();
  let openings = 0;
  for (const fold of [0, 1]) {
    const teaching = all.filter((_, k) => k % 2 !== fold);
    const { artifacts } = await train([{ name: 'teaching', series: teaching }], {
      steps: flags.steps,
      timeZone,
    });
    const artifact = artifacts[0] as Artifact;
    for (const series of all.filter((_, k) => k % 2 === fold)) {
      for (let from = 0; from + WEEKS * WEEK <= completeLength(series); from += EVERY * WEEK) {
        const part = opened(series, from);
        const scale = weeklyChange(part.values);
        if (!(scale > 0)) continue;
        openings++;
        collect(ours, artifact, part, scale);
        collect(peers, sameSlotMean(artifact, part, scale, timeZone), part, scale);
      }
    }
  }
  printTable(
    'cold-start',
    figuresOf(ours, peers),
    [
      `${all.length} series of ${flags.work}, half of them taught; the others opened ${openings} times, weeks counted from the opening.`,
      'The peer is the same-slot mean with online conformal calibration; coverage at the next bucket is ours.',
    ],
    flags.write,
  );
}

function figuresOf(
  ours: ReadonlyMap<string, HorizonFigures[]>,
  peers: ReadonlyMap<string, HorizonFigures[]>,
): Figure[] {
  return SPANS.flatMap(([from, to]) => {
    const weeks = to - from === 1 ? `week-${to}` : `weeks-${from + 1}-${to}`;
    const mean = (of: ReadonlyMap<string, HorizonFigures[]>, h: number, figure: (one: HorizonFigures) => number) => {
      const rows = of.get(`${from} ${h}`) ?? [];
      return rows.reduce((sum, one) => sum + figure(one) / rows.length, 0);
    };
    const msis = (one: HorizonFigures) => one.bands[AT_95]?.msis ?? Number.NaN;
    return [
      against(`${weeks}/msis95-h1`, { ours: mean(ours, 1, msis), peer: mean(peers, 1, msis) }, 'scales'),
      against(`${weeks}/msis95-h12`, { ours: mean(ours, 12, msis), peer: mean(peers, 12, msis) }, 'scales'),
      against(
        `${weeks}/mase-h1`,
        { ours: mean(ours, 1, ({ mase }) => mase), peer: mean(peers, 1, ({ mase }) => mase) },
        'scales',
      ),
      single(
        `${weeks}/cov95-h1`,
        mean(ours, 1, (one) => one.bands[AT_95]?.inside ?? Number.NaN),
        'share',
      ),
      single(
        `${weeks}/cov99-h1`,
        mean(ours, 1, (one) => one.bands[AT_99]?.inside ?? Number.NaN),
        'share',
      ),
    ].map(printFigure);
  });
}

/** Sixteen weeks of a series as if it had opened then. */
function opened(series: Series, from: number): Series {
  const to = from + WEEKS * WEEK;
  return {
    ...series,
    firstBucket: series.firstBucket + from,
    values: series.values.slice(from, to),
    states: series.states.slice(from, to),
  };
}

/** Mean |y_t − y_{t−week}|. */
function weeklyChange(values: Float64Array): number {
  let sum = 0;
  let n = 0;
  for (let i = WEEK; i < values.length; i++) {
    const change = Math.abs((values[i] as number) - (values[i - WEEK] as number));
    if (!Number.isFinite(change)) continue;
    sum += change;
    n++;
  }
  return sum / n;
}

function sameSlotMean(artifact: Artifact, series: Series, scale: number, timeZone: string): Artifact {
  const calendar = createCalendar(series.stepMs, timeZone);
  const before = series.firstBucket - 1;
  const entry: SeriesModel = {
    id: series.id,
    reason: '',
    ...fitBase(series.values, { firstBucket: series.firstBucket, calendar, horizons: 12 }, 1),
    ...NO_CALIBRATION,
    base: 'same-slot mean',
    servedBy: 'base',
    scale,
    trainedThrough: before,
    scoredThrough: before,
  };
  return { ...artifact, metadata: { ...artifact.metadata, series: [entry] } };
}

function collect(into: Map<string, HorizonFigures[]>, artifact: Artifact, series: Series, scale: number): void {
  const forecaster = createForecaster(artifact);
  const state = forecaster.start(series.id, series.firstBucket);
  const horizons = [1, 12];
  const tallies = SPANS.map(() => horizons.map((): Tally => createTally(scale)));
  const issued: ReturnType<typeof forecaster.forecast>['fans'][] = [];
  series.values.forEach((value, i) => {
    const known = Number.isFinite(value);
    const span = SPANS.findIndex(([from, to]) => i >= from * WEEK && i < to * WEEK);
    horizons.forEach((h, k) => {
      const fan = issued[i - h]?.[h - 1];
      if (known && fan) tallies[span]?.[k]?.add(value, fan);
    });
    forecaster.observe(state, series.firstBucket + i, known ? value : null);
    issued[i] = forecaster.forecast(state).fans;
  });
  tallies.forEach((pair, span) => {
    pair.forEach((tally, k) => {
      const figures = tally.figures();
      // A week mostly missing, as a closed one, says nothing.
      if (figures.buckets < WEEK / 2) return;
      const key = `${SPANS[span]?.[0]} ${horizons[k]}`;
      into.set(key, [...(into.get(key) ?? []), figures]);
    });
  });
}
