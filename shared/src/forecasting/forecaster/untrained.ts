import type { ServedBy } from '../../vocabulary.ts';
import type { Artifact } from '../artifact.ts';
import { fitBase } from '../base/fit.ts';
import { NO_CALIBRATION } from '../calibration/score-summary.ts';
import { createCalendar } from '../features/calendar.ts';
import { SEQUENCE_FEATURES, targetFeatures } from '../features/inputs.ts';
import type { SpecialDays } from '../features/special-days.ts';
import { QUANTILES } from '../network/quantiles.ts';
import { initialWeights, type NetworkShape, networkTopology, networkWeights } from '../network/topology.ts';
import type { Series } from '../series/series.ts';

/** Lookback of the network, in buckets. */
export const STEPS = 36;

/**
 * Networks that an artifact averages. Each costs as much to serve as the first, and the third brought less than half
 * of what the second did.
 */
export const MEMBERS = 2;

/** How wide the network's layers are. */
export type NetworkSize = Pick<NetworkShape, 'units' | 'hidden'>;

/** What is trained and served. */
const NETWORK_SIZE: NetworkSize = { units: 48, hidden: [64, 64] };

/** For tests of what surrounds the network: a forward pass takes a fiftieth of the usual one. */
export const SMALL_NETWORK: NetworkSize = { units: 4, hidden: [8, 8] };

/**
 * The network's sizes for a length of day. Horizons are one day.
 * @param perDay buckets a day.
 * @param size widths of the layers; those that are trained unless given.
 * @example
 * networkShape(12).horizons; // 12
 */
export function networkShape(perDay: number, size = NETWORK_SIZE): NetworkShape {
  return {
    steps: STEPS,
    sequenceFeatures: SEQUENCE_FEATURES,
    ...size,
    horizons: perDay,
    targetFeatures: targetFeatures(perDay, perDay),
    outputs: QUANTILES,
  };
}

/**
 * An artifact with fitted base forecasts and a network that has not learned yet: its bands are base forecast ±
 * spread. Where training starts, and a real artifact within milliseconds for whoever needs one.
 * @example
 * const forecaster = createForecaster(untrainedArtifact([series], { timeZone: 'America/Lima' }));
 * @param series of one measure and step; `trainShare` of each is fitted to, the rest may calibrate.
 */
export function untrainedArtifact(
  series: readonly Series[],
  options: {
    seed?: number;
    timeZone?: string;
    trainShare?: number;
    servedBy?: ServedBy;
    specialDays?: SpecialDays;
    network?: NetworkSize;
  } = {},
): Artifact {
  const { seed = 1, timeZone = 'UTC', trainShare = 0.65, servedBy = 'lstm', specialDays, network } = options;
  const first = series[0];
  if (!first) throw new RangeError('no series');
  const calendar = createCalendar(first.stepMs, timeZone, specialDays);
  const shape = networkShape(calendar.perDay, network);
  const { horizons } = shape;
  return {
    topology: networkTopology(shape, MEMBERS),
    weightEntries: networkWeights(shape, MEMBERS),
    weights: Array.from({ length: MEMBERS }, (_, k) => initialWeights(shape, seed + k)).flat(),
    metadata: {
      modelVersion: `untrained-${seed}`,
      createdAt: '1970-01-01T00:00:00Z',
      stepMs: first.stepMs,
      timeZone,
      measure: first.measure,
      lookback: shape.steps,
      horizons,
      ...(specialDays ? { specialDays } : {}),
      series: series.map(({ id, values, firstBucket }) => {
        const trained = Math.floor(values.length * trainShare);
        const base = fitBase(values.subarray(0, trained), { firstBucket, calendar, horizons }, seed);
        return {
          id,
          reason: 'not trained yet',
          ...base,
          servedBy: base.base === 'nothing' ? 'hurdle' : servedBy,
          trainedThrough: firstBucket + trained - 1,
          scoredThrough: firstBucket + trained - 1,
          ...NO_CALIBRATION,
        };
      }),
      provenance: { seed },
    },
  };
}
