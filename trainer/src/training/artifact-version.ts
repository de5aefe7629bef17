import { createHash } from 'node:crypto';
import type { Series, SeriesModel, SpecialDays } from '@tidemark/shared/forecasting';
import type { NamedWeight } from '../network/training-backend.ts';

/** A version that changes whenever weights, parameters or special days change. */
export function versionOf(
  weights: readonly NamedWeight[],
  models: readonly SeriesModel[],
  specialDays?: SpecialDays,
): string {
  const hash = createHash('sha256');
  if (specialDays) hash.update(JSON.stringify(specialDays));
  for (const { values } of weights) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  hash.update(
    JSON.stringify(
      models.map(
        ({
          ridge,
          effects,
          scores: _scores,
          logScaleBySlot: _logScaleBySlot,
          residualSums: _residualSums,
          negativeSeen: _negativeSeen,
          hurdle: _hurdle,
          ...rest
        }) => [rest, ...ridge, ...effects],
      ),
    ),
  );
  return hash.digest('hex').slice(0, 12);
}

/** Digest of the names, beginnings and values of the series that a model was trained on. */
export function checksumOf(series: readonly Series[]): string {
  const hash = createHash('sha256');
  for (const { id, firstBucket, values } of series) {
    hash.update(`${id}\n${firstBucket}\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex').slice(0, 16);
}
