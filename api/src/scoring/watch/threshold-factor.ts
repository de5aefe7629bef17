import { type ThresholdFactor, thresholdFactors } from '@tidemark/shared/detection';
import { bucketAt, createGrid, HOUR_MS, zoneClock } from '@tidemark/shared/forecasting';
import type { Db } from '../../store/db.ts';
import { readLabels } from '../../store/incidents.ts';
import type { LiveModel } from '../live-forecaster.ts';

/** What the answers people have given raise thresholds by, from the bucket after each was given. */
export async function factorOf(db: Db, { artifact, forecaster }: LiveModel): Promise<ThresholdFactor> {
  const { stepMs } = forecaster;
  const { offsetMs } = zoneClock(artifact.metadata.timeZone);
  const hourOf = (bucket: number) => {
    const start = bucket * stepMs;
    return Math.floor((start + offsetMs(start)) / HOUR_MS) % 24;
  };
  const labels = (await readLabels(db)).map((one) => ({ ...one, at: bucketAt(one.at, stepMs) + 1 }));
  return thresholdFactors(labels, createGrid(stepMs), hourOf);
}
