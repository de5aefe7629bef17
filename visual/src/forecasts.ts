import { parseFan } from '@tidemark/shared/contract/fan-text';
import { decodeModel, rulesInModel } from '@tidemark/shared/contract/model-file';
import { type AlarmRules, checkedRules, DEFAULT_RULES } from '@tidemark/shared/detection';
import { createForecaster, DAY_MS, type Fan, zoneClock } from '@tidemark/shared/forecasting';
import type { NamedDays } from './events.ts';
import { type Computed, computeSteps, problem, type RowModel, unjudged, zoneOfRows } from './model-rows.ts';
import type { Clock } from './options.ts';
import { type RowSeries, type Rows, STATES } from './rows.ts';
import type { Forecasts, LimitSource } from './view-model.ts';
import { distinct, type Phrase } from './words.ts';

/** Turns rows into fans; keeps the last model read and the last series computed. */
export interface ForecastSource {
  /**
   * What is known now. A model is not run here: what it has not computed yet is said to be pending.
   * @param needFans whether bound fans will be looked at: reading them costs more than drawing
   */
  forecastsFor(rows: Rows, needFans: boolean, clock: Clock): Forecasts;
  /** IANA zone in which the model reads the rows' times; `null` without a readable model. */
  zoneOf(rows: Rows, clock: Clock): string | null;
  /**
   * Runs the model for about so many ms on the rows last asked for. Returns whether a series was finished; what is left
   * `forecastsFor` tells.
   */
  compute(ms: number): boolean;
}

/** A series the model is being run on. */
interface Job {
  readonly name: string;
  readonly key: string;
  readonly series: RowSeries;
  readonly steps: Generator<void, Computed>;
  rowsDone: number;
}

/**
 * Where limits come from, best first: limits or fans bound as columns; a bound model, run here; the model
 * packaged with the visual; nothing.
 */
export function createForecastSource(packagedModel: string | null): ForecastSource {
  const models = new ModelCache();
  const computed = new Map<string, { key: string; result: Computed }>();
  let jobs: Job[] = [];
  return {
    zoneOf(rows, clock) {
      const text = usesModel(rows) ? (rows.modelText ?? packagedModel) : null;
      if (text === null) return null;
      try {
        const [series] = rows.series;
        return series === undefined ? null : zoneOfRows(series, models.read(text), clock, rows.saysUtc);
      } catch (error) {
        problem(error);
        return null;
      }
    },
    forecastsFor(rows, needFans, clock) {
      const earlier = jobs;
      jobs = [];
      if (rows.series.length === 0) return bare(rows, 'none');
      const boundLimits = rows.bound.has('lower') || rows.bound.has('upper');
      if (rows.bound.has('fan') && boundLimits && !needFans) return bare(rows, 'fans');
      if (rows.bound.has('fan')) {
        const fans = fansOf(rows);
        if (boundLimits || fans.some((own) => own.some((fan) => fan !== null))) {
          return { ...bare(rows, 'fans'), fans };
        }
      }
      if (boundLimits) return bare(rows, 'rows');
      const text = rows.modelText ?? packagedModel;
      if (text === null) {
        return { ...bare(rows, 'none'), notices: rows.bound.has('actual') ? [{ key: 'Hint_BindLimits' }] : [] };
      }
      const source = rows.modelText === null ? 'packaged-model' : 'model';
      let model: RowModel;
      try {
        model = models.read(text);
      } catch (error) {
        // A packaged model that does not fit is no mistake of the author's, but still to be told.
        return { ...bare(rows, 'none'), judgements: rows.series.map((series) => unjudged(series, problem(error))) };
      }
      const known = rows.series.map((series) => {
        const key = `${models.reading} ${clock} ${rows.saysUtc} ${keyOf(series)}`;
        const done = computed.get(series.name);
        if (done?.key === key) return onRows(done.result, series);
        const begun = earlier.find((job) => job.name === series.name && job.key === key);
        const steps = begun?.steps ?? computeSteps(series, model, clock, rows.saysUtc);
        jobs.push(begun ?? { name: series.name, key, series, steps, rowsDone: 0 });
        return null;
      });
      const progress = progressOf(rows, jobs);
      const results = known.map((result, k) => result ?? unjudged(rows.series[k] as RowSeries, progress));
      const isSome = jobs.length > 0 || results.some((result) => result.fans.length > 0);
      return {
        source: isSome ? source : 'none',
        fans: results.map((result) => result.fans),
        series: results.map((result) => result.series),
        rules: model.rules ?? DEFAULT_RULES,
        judgements: results,
        days: daysOf(rows, model, clock),
        notices: distinct(results.flatMap((result) => result.notices)),
        pending: jobs.length > 0,
      };
    },
    compute(ms) {
      const end = performance.now() + ms;
      const [job] = jobs;
      if (job === undefined) return true;
      while (performance.now() < end) {
        const result = stepOrProblem(job);
        if (result !== null) {
          computed.set(job.name, { key: job.key, result });
          jobs = jobs.slice(1);
          return true;
        }
      }
      return false;
    },
  };
}

const read = new WeakMap<Rows, (Fan | null)[][]>();

/** The fans bound to rows, read once however often the rows are judged. */
function fansOf(rows: Rows): (Fan | null)[][] {
  const known = read.get(rows);
  if (known !== undefined) return known;
  const fans = rows.series.map((series) => series.rows.map((row) => (row.fan === null ? null : parseFan(row.fan))));
  read.set(rows, fans);
  return fans;
}

const knownDays = new WeakMap<Rows, NamedDays[]>();

/** A model's special days on the clock of the rows, days that follow one another as one; worked out once for the same rows. */
function daysOf(rows: Rows, { specialDays, zone, ...model }: RowModel, clock: Clock): NamedDays[] {
  const known = knownDays.get(rows);
  if (known !== undefined) return known;
  const areUtc = zoneOfRows(rows.series[0] as RowSeries, { zone, ...model }, clock, rows.saysUtc) === 'UTC';
  const found: { name: string; from: number; to: number }[] = [];
  for (const { name, dates } of specialDays?.days ?? []) {
    let last: { from: number; to: number } | undefined;
    for (const date of dates) {
      const midnight = Date.parse(`${date}T00:00:00Z`);
      const from = areUtc ? midnight - zone.offsetMs(midnight) : midnight;
      if (last?.to === from) last.to = from + DAY_MS;
      else {
        last = { from, to: from + DAY_MS };
        found.push(Object.assign(last, { name }));
      }
    }
  }
  knownDays.set(rows, found);
  return found;
}

/** How far the model has come, in a phrase. */
function progressOf({ series }: Rows, jobs: readonly Job[]): Phrase {
  const all = series.reduce((sum, { rows }) => sum + rows.length, 0);
  const left = jobs.reduce((sum, job) => sum + job.series.rows.length - job.rowsDone, 0);
  return { key: 'Progress_Model', values: [String(Math.floor((100 * (all - left)) / Math.max(1, all)))] };
}

/** Is a model looked at for these rows? Not where limits or fans are bound. */
function usesModel({ bound }: Rows): boolean {
  return !bound.has('lower') && !bound.has('upper') && !bound.has('fan');
}

class ModelCache {
  private text: string | null = null;
  private model: RowModel | null = null;
  /** Counts the texts read: another text is another model, whatever version it claims. */
  reading = 0;

  read(text: string): RowModel {
    if (this.model === null || this.text !== text) {
      this.model = readModel(text);
      this.text = text;
      this.reading++;
    }
    return this.model;
  }
}

function readModel(text: string): RowModel {
  const { artifact, states, rules } = decodeModel(text);
  return {
    forecaster: createForecaster(artifact),
    states: new Map(states.map((state) => [state.seriesId, state])),
    rules,
    zone: zoneClock(artifact.metadata.timeZone),
    specialDays: artifact.metadata.specialDays,
  };
}

/** Takes a job one row further; returns its result once there is one. */
function stepOrProblem(job: Job): Computed | null {
  try {
    const { done, value } = job.steps.next();
    job.rowsDone++;
    return done ? value : null;
  } catch (error) {
    return unjudged(job.series, problem(error));
  }
}

/** What a model computed of a series, with the rows as they are now: what it does not read of them may have changed. */
function onRows(result: Computed, series: RowSeries): Computed {
  if (result.fans.length === 0) return { ...result, series };
  const past = series.rows.filter(({ state }) => state !== 'future');
  const future = result.series.rows.filter(({ state }) => state === 'future');
  return { ...result, series: { ...series, rows: [...past, ...future] } };
}

/** What a computed series depends on, cheap to compare: a checksum of what a model reads of its rows, to the last bit. */
function keyOf({ rows }: RowSeries): string {
  const read = new Float64Array(3 * rows.length);
  rows.forEach(({ time, actual, state }, k) => {
    read.set([time, actual ?? Number.NaN, STATES.indexOf(state)], 3 * k);
  });
  let [one, other] = [0, 1];
  for (const word of new Uint32Array(read.buffer)) {
    one = (Math.imul(one, 31) + word) | 0;
    other = (Math.imul(other, 1_000_003) ^ word) | 0;
  }
  return `${rows.length} ${one} ${other}`;
}

function bare(rows: Rows, source: LimitSource): Forecasts {
  return { source, fans: [], series: rows.series, ...boundRules(rows) };
}

/** What a service judges by, as its rules or its model say where either is bound; else the usual rules. */
function boundRules({ rulesText, modelText }: Rows): Pick<Forecasts, 'rules' | 'notices'> {
  try {
    if (rulesText) return { rules: checkedRules(JSON.parse(rulesText) as AlarmRules), notices: [] };
  } catch {
    return { rules: DEFAULT_RULES, notices: [{ key: 'Notice_UnreadRules', values: [rulesText ?? ''] }] };
  }
  try {
    return { rules: (modelText === null ? null : rulesInModel(modelText)) ?? DEFAULT_RULES, notices: [] };
  } catch {
    return { rules: DEFAULT_RULES, notices: [] };
  }
}
