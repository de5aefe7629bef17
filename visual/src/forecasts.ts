import { createForecaster, decodeArtifact, type Fan, type Forecaster, UserError } from '@tidemark/shared';
import { parseFan } from './fan-text.ts';
import type { Row, RowSeries, Rows } from './rows.ts';
import type { Forecasts, LimitSource } from './view-model.ts';
import type { Phrase } from './words.ts';

/** Weeks of bound rows that give the full forecast. */
const FULL_WEEKS = 6;
const WEEK_MS = 7 * 86_400_000;

/** Turns rows into fans; keeps the last model read and the last series computed. */
export interface ForecastSource {
  /** @param needFans whether bound fans will be looked at: reading them costs more than drawing */
  forecastsFor(rows: Rows, needFans: boolean): Forecasts;
}

/**
 * Where limits come from, best first: limits or fans bound as columns; a bound model, run here; the model
 * packaged with the visual; nothing.
 */
export function createForecastSource(packagedModel: string | null): ForecastSource {
  const models = new ModelCache();
  const computed = new Map<string, { key: string; result: Computed }>();
  return {
    forecastsFor(rows, needFans) {
      if (rows.series.length === 0) return bare(rows, 'none');
      const boundLimits = rows.bound.has('lower') || rows.bound.has('upper');
      if (rows.bound.has('fan') && boundLimits && !needFans) return bare(rows, 'fans');
      if (rows.bound.has('fan')) {
        const fans = rows.series.map((series) => series.rows.map((row) => parseFan(row.fan)));
        if (boundLimits || fans.some((own) => own.some((fan) => fan !== null))) {
          return { source: 'fans', fans, series: rows.series, notices: [] };
        }
      }
      if (boundLimits) return bare(rows, 'rows');
      const text = rows.modelText ?? packagedModel;
      if (text === null) {
        const hint = rows.bound.has('actual') ? [{ key: 'Hint_BindLimits' }] : [{ key: 'Hint_BindActual' }];
        return { ...bare(rows, 'none'), notices: hint };
      }
      const source = rows.modelText === null ? 'packaged-model' : 'model';
      let forecaster: Forecaster;
      try {
        forecaster = models.read(text);
      } catch (error) {
        // A packaged model that does not fit is no mistake of the author's, but still to be told.
        return { ...bare(rows, 'none'), notices: [problem(error)] };
      }
      const results = rows.series.map((series) => {
        const key = keyOf(series, forecaster);
        const known = computed.get(series.name);
        const result = known?.key === key ? known.result : computedOrProblem(series, forecaster);
        computed.set(series.name, { key, result });
        return result;
      });
      return {
        source: results.some((result) => result.fans.length > 0) ? source : 'none',
        fans: results.map((result) => result.fans),
        series: results.map((result) => result.series),
        notices: distinct(results.flatMap((result) => result.notices)),
      };
    },
  };
}

class ModelCache {
  private text: string | null = null;
  private forecaster: Forecaster | null = null;

  read(text: string): Forecaster {
    if (this.forecaster === null || this.text !== text) {
      this.forecaster = createForecaster(decodeArtifact(text));
      this.text = text;
    }
    return this.forecaster;
  }
}

interface Computed {
  readonly series: RowSeries;
  readonly fans: readonly (Fan | null)[];
  readonly notices: readonly Phrase[];
}

function computedOrProblem(series: RowSeries, forecaster: Forecaster): Computed {
  try {
    return computeSeries(series, forecaster);
  } catch (error) {
    return { series, fans: [], notices: [problem(error)] };
  }
}

/** One step ahead for every row, as the bands were issued at the time, and all horizons beyond the last. */
function computeSeries(series: RowSeries, forecaster: Forecaster): Computed {
  const { stepMs } = forecaster;
  const unfit = misfit(series, forecaster);
  if (unfit !== null) return { series, fans: [], notices: [unfit] };
  const seriesId = idOf(series, forecaster);
  const known = series.rows.filter((row) => row.state !== 'future');
  const first = known[0] as Row;
  const fans: (Fan | null)[] = [];
  const state = forecaster.start(seriesId, Math.round(first.time / stepMs));
  let next = Math.round(first.time / stepMs);
  for (const row of known) {
    const bucket = Math.round(row.time / stepMs);
    while (next < bucket) forecaster.observe(state, { bucket: next++, value: 0, state: 'missing' });
    fans.push(forecaster.forecast(state).fans[0] ?? null);
    if (row.state === 'open') continue;
    const missing = row.actual === null || row.state === 'missing' || row.state === 'maintenance';
    const value = missing ? 0 : (row.actual as number);
    forecaster.observe(state, { bucket, value, state: missing ? 'missing' : value === 0 ? 'zero' : 'observed' });
    next = bucket + 1;
  }
  const ahead = forecaster.forecast(state).fans;
  const open = known.at(-1)?.state === 'open';
  const future = ahead.slice(open ? 1 : 0).map((_, k) => futureRow(next + k + (open ? 1 : 0), stepMs));
  const short = known.length * stepMs < FULL_WEEKS * WEEK_MS;
  return {
    series: { ...series, rows: [...known, ...future] },
    fans: [...fans, ...ahead.slice(open ? 1 : 0)],
    notices: short
      ? [{ key: 'Notice_ShortHistory', values: [String(Math.floor((known.length * stepMs) / 86_400_000))] }]
      : [],
  };
}

function misfit(series: RowSeries, forecaster: Forecaster): Phrase | null {
  const hours = (ms: number) => String(Math.round((ms / 3_600_000) * 100) / 100);
  if (series.stepMs === null) return { key: 'Problem_TooLittleHistory', values: [String(series.rows.length)] };
  const offGrid = series.rows.some((row) => row.time % forecaster.stepMs !== 0);
  if (series.stepMs !== forecaster.stepMs || offGrid) {
    return { key: 'Problem_WrongStep', values: [hours(series.stepMs), hours(forecaster.stepMs)] };
  }
  if (!forecaster.seriesIds.includes(idOf(series, forecaster))) {
    const some = forecaster.seriesIds.slice(0, 3).join(', ') + (forecaster.seriesIds.length > 3 ? ' …' : '');
    return { key: 'Problem_UnknownSeries', values: [series.name, some] };
  }
  return null;
}

/** Without a bound series, a model of one series can only mean that one. */
function idOf(series: RowSeries, forecaster: Forecaster): string {
  return series.name === '' && forecaster.seriesIds.length === 1 ? (forecaster.seriesIds[0] as string) : series.name;
}

function futureRow(bucket: number, stepMs: number): Row {
  return {
    time: bucket * stepMs,
    actual: null,
    forecast: null,
    lower: null,
    upper: null,
    severity: null,
    direction: null,
    state: 'future',
    fan: null,
    highlighted: true,
    index: -1,
  };
}

function problem(error: unknown): Phrase {
  if (!(error instanceof UserError)) throw error;
  return { key: 'Problem_Model', values: [error.message] };
}

/** What a computed series depends on, cheap to compare. */
function keyOf(series: RowSeries, forecaster: Forecaster): string {
  let sum = 0;
  for (const row of series.rows) sum = (sum * 31 + (row.actual ?? -1) + row.time / 1e6) % 1e15;
  return `${forecaster.modelVersion}|${series.rows.length}|${series.rows[0]?.time}|${sum}`;
}

function bare(rows: Rows, source: LimitSource): Forecasts {
  return { source, fans: [], series: rows.series, notices: [] };
}

function distinct(phrases: readonly Phrase[]): Phrase[] {
  return [...new Map(phrases.map((phrase) => [JSON.stringify(phrase), phrase])).values()];
}
