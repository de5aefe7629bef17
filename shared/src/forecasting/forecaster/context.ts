import { UserError } from '../../errors.ts';
import type { Artifact, ColdStart, SeriesModel } from '../artifact.ts';
import { type Calendar, createCalendar } from '../features/calendar.ts';
import { SEQUENCE_FEATURES, targetFeatures } from '../features/inputs.ts';
import { type TradeSizes, UNKNOWN_SIZES } from '../hurdle/trade-size.ts';
import { createNetwork, type Network } from '../network/forward.ts';
import { DAY_MS, HOUR_MS } from '../time/duration.ts';
import { createGrid } from '../time/grid.ts';
import { coldModel } from './cold-start.ts';
import type { ForecasterState } from './state.ts';

/** How a forecaster treats what it sees. */
export interface ForecasterOptions {
  /**
   * Whether actuals outside the 99 % band enter the context capped at its edge, so that one incident does not
   * bend the next days' bands. Default true.
   */
  readonly cleanContext?: boolean;
  /**
   * Whether the candidate that lost least in the last weeks serves. Default true; if not, who was chosen when the model
   * was trained serves for good.
   */
  readonly followLosses?: boolean;
}

/** How long actuals are cleaned in a row; what lasts longer is the new normal. Three buckets at least. */
const CLEANED_FOR_MS = DAY_MS;
/** Thresholds are computed again this often. */
const RECALIBRATE_EVERY_MS = 8 * HOUR_MS;

/** What all series of one artifact share while they are forecast: parameters, network and its input buffers. */
export interface ForecasterContext {
  readonly modelVersion: string;
  readonly horizons: number;
  readonly lookback: number;
  readonly calendar: Calendar;
  /** The same without special days. */
  readonly plainCalendar: Calendar;
  readonly network: Network;
  /** [lookback, SEQUENCE_FEATURES] and [horizons, targetFeatures]: written anew before each run of the network. */
  readonly sequence: Float32Array;
  readonly target: Float32Array;
  readonly byId: ReadonlyMap<string, SeriesModel>;
  readonly coldStart: ColdStart | undefined;
  /** Trade sizes assumed of a merchant before its own are known. */
  readonly tradeSizes: TradeSizes;
  readonly mayBeNegative: boolean;
  readonly cleanContext: boolean;
  readonly followLosses: boolean;
  /** Buckets in a row that may be cleaned. */
  readonly cleanedInARow: number;
  /** Buckets between two computations of the thresholds. */
  readonly recalibrateEvery: number;
}

/** @throws UserError `invalid-model` or `unsupported-layer` when the artifact cannot be served. */
export function createContext(artifact: Artifact, options: ForecasterOptions): ForecasterContext {
  const { modelVersion, stepMs, timeZone, lookback, horizons, specialDays, measure, coldStart } = artifact.metadata;
  const grid = createGrid(stepMs);
  const calendar = createCalendar(stepMs, timeZone, specialDays);
  const network = createNetwork(artifact);
  const target = new Float32Array(horizons * targetFeatures(calendar.perDay, horizons));
  checkInputs(network, lookback, target.length);
  return {
    modelVersion,
    horizons,
    lookback,
    calendar,
    plainCalendar: createCalendar(stepMs, timeZone),
    network,
    sequence: new Float32Array(lookback * SEQUENCE_FEATURES),
    target,
    byId: new Map(artifact.metadata.series.map((series) => [series.id, series])),
    coldStart,
    tradeSizes: coldStart?.tradeSizes ?? UNKNOWN_SIZES,
    mayBeNegative: measure === 'net',
    cleanContext: options.cleanContext ?? true,
    followLosses: options.followLosses ?? true,
    cleanedInARow: Math.max(3, grid.buckets(CLEANED_FOR_MS)),
    recalibrateEvery: grid.buckets(RECALIBRATE_EVERY_MS),
  };
}

/**
 * The parameters of a state's series: its own, or on cold start what all series have in common.
 * @throws UserError `unknown-series` when there are neither.
 */
export function modelOf({ byId, coldStart }: ForecasterContext, { seriesId, base }: ForecasterState): SeriesModel {
  const found = byId.get(seriesId);
  if (found && found.servedBy !== 'cold-start') return found;
  if (coldStart) return coldModel(seriesId, base, coldStart);
  throw new UserError('unknown-series', `unknown series: "${seriesId}"; the model serves ${someOf([...byId.keys()])}`);
}

/** The calendar that a series is forecast by: without special days where they did it harm. */
export function calendarOf(
  { calendar, plainCalendar }: Pick<ForecasterContext, 'calendar' | 'plainCalendar'>,
  { usesSpecialDays = true }: Pick<SeriesModel, 'usesSpecialDays'>,
): Calendar {
  return usesSpecialDays ? calendar : plainCalendar;
}

/** Smallest volume forecast: zero for sums of one sign, and for a net series until its first bucket below zero. */
export function lowestOf({ mayBeNegative }: ForecasterContext, { negativeSeen }: ForecasterState): number {
  return mayBeNegative && negativeSeen ? Number.NEGATIVE_INFINITY : 0;
}

function checkInputs(network: Network, lookback: number, targetSize: number): void {
  const sizeOf = (name: string) => network.inputs.find((one) => one.name === name)?.shape.reduce((a, b) => a * b, 1);
  const fits = sizeOf('sequence') === lookback * SEQUENCE_FEATURES && sizeOf('target') === targetSize;
  if (!fits) throw new UserError('invalid-model', 'invalid model: its inputs are not those its metadata describes');
}

function someOf(ids: readonly string[]): string {
  const shown = ids.slice(0, 5).map((id) => `"${id}"`);
  return ids.length > 5 ? `${shown.join(', ')} and ${ids.length - 5} more` : shown.join(', ');
}
