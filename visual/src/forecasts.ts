import { parseFan } from '@tidemark/shared/contract/fan-text';
import { decodeModel, rulesInModel } from '@tidemark/shared/contract/model-file';
import { type AlarmRules, DEFAULT_RULES } from '@tidemark/shared/detection';
import { createForecaster, zoneClock } from '@tidemark/shared/forecasting';
import { type Computed, computeSeries, problem, type RowModel, unjudged, zoneOfRows } from './model-rows.ts';
import type { Clock } from './options.ts';
import type { RowSeries, Rows } from './rows.ts';
import type { Forecasts, LimitSource } from './view-model.ts';
import { distinct } from './words.ts';

/** Turns rows into fans; keeps the last model read and the last series computed. */
export interface ForecastSource {
  /** @param needFans whether bound fans will be looked at: reading them costs more than drawing */
  forecastsFor(rows: Rows, needFans: boolean, clock: Clock): Forecasts;
  /** IANA zone in which the model reads the rows' times; `null` without a readable model. */
  zoneOf(rows: Rows, clock: Clock): string | null;
}

/**
 * Where limits come from, best first: limits or fans bound as columns; a bound model, run here; the model
 * packaged with the visual; nothing.
 */
export function createForecastSource(packagedModel: string | null): ForecastSource {
  const models = new ModelCache();
  const computed = new Map<string, { key: string; result: Computed }>();
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
      if (rows.series.length === 0) return bare(rows, 'none');
      const boundLimits = rows.bound.has('lower') || rows.bound.has('upper');
      if (rows.bound.has('fan') && boundLimits && !needFans) return bare(rows, 'fans');
      if (rows.bound.has('fan')) {
        const fans = rows.series.map((series) =>
          series.rows.map((row) => (row.fan === null ? null : parseFan(row.fan))),
        );
        if (boundLimits || fans.some((own) => own.some((fan) => fan !== null))) {
          return { ...bare(rows, 'fans'), fans };
        }
      }
      if (boundLimits) return bare(rows, 'rows');
      const text = rows.modelText ?? packagedModel;
      if (text === null) {
        const hint = rows.bound.has('actual') ? [{ key: 'Hint_BindLimits' }] : [{ key: 'Hint_BindActual' }];
        return { ...bare(rows, 'none'), notices: hint };
      }
      const source = rows.modelText === null ? 'packaged-model' : 'model';
      let model: RowModel;
      try {
        model = models.read(text);
      } catch (error) {
        // A packaged model that does not fit is no mistake of the author's, but still to be told.
        return { ...bare(rows, 'none'), judgements: rows.series.map((series) => unjudged(series, problem(error))) };
      }
      const results = rows.series.map((series) => {
        const key = `${models.reading} ${clock} ${rows.saysUtc} ${keyOf(series)}`;
        const known = computed.get(series.name);
        const result = known?.key === key ? known.result : computedOrProblem(series, model, clock, rows.saysUtc);
        computed.set(series.name, { key, result });
        return result;
      });
      return {
        source: results.some((result) => result.fans.length > 0) ? source : 'none',
        fans: results.map((result) => result.fans),
        series: results.map((result) => result.series),
        rules: model.rules ?? DEFAULT_RULES,
        judgements: results,
        notices: distinct(results.flatMap((result) => result.notices)),
      };
    },
  };
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
  };
}

function computedOrProblem(series: RowSeries, model: RowModel, clock: Clock, saysUtc: boolean): Computed {
  try {
    return computeSeries(series, model, clock, saysUtc);
  } catch (error) {
    return unjudged(series, problem(error));
  }
}

/** What a computed series depends on, cheap to compare. */
function keyOf({ rows }: RowSeries): string {
  let sum = 0;
  for (const row of rows) sum = (sum * 31 + (row.actual ?? -1) + row.time / 1e6) % 1e15;
  return `${rows.length} ${rows[0]?.time} ${rows.at(-1)?.state} ${sum}`;
}

function bare(rows: Rows, source: LimitSource): Forecasts {
  return { source, fans: [], series: rows.series, rules: boundRules(rows), notices: [] };
}

/** What a service judges by whose model is bound beside its limits; the usual rules without one. */
function boundRules({ modelText }: Rows): AlarmRules {
  try {
    return (modelText === null ? null : rulesInModel(modelText)) ?? DEFAULT_RULES;
  } catch {
    return DEFAULT_RULES;
  }
}
