import { createGrid } from '@tidemark/shared/forecasting';
import type { CycleDeps } from '../scoring/deps.ts';
import type { LiveModel } from '../scoring/live-forecaster.ts';
import { pauses } from '../scoring/pauses.ts';
import { readSeries } from '../store/actuals.ts';
import { unexplained, writeExplanations } from '../store/explanations.ts';
import { findIncidentsById } from '../store/incidents.ts';
import { type Explained, explainStored } from './explain-incidents.ts';

/** Incidents that one cycle explains at most, and how many are written at once. */
const MOST = 2_000;
const AT_ONCE = 50;
/** Weeks for which corrected counts change an explanation. */
const CORRECTED_WEEKS = 5;

/**
 * Explains the incidents that are new, went on, or whose counts were corrected, newest first.
 * @returns their number.
 * @throws the reason of `outOfTime` once it is aborted: the next cycle goes on.
 */
export async function explainChanged(
  { db, clock, outOfTime }: Pick<CycleDeps, 'db' | 'clock' | 'outOfTime'>,
  model: LiveModel,
): Promise<number> {
  const { stepMs } = model.forecaster;
  const ids = await unexplained(db, CORRECTED_WEEKS * createGrid(stepMs).perWeek, MOST);
  if (ids.length === 0) return 0;
  const setting = { stepMs, timeZone: model.artifact.metadata.timeZone, all: await readSeries(db) };
  const pause = pauses(outOfTime);
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const explained: ({ readonly incident: string } & Explained)[] = [];
    for (const incident of await findIncidentsById(db, ids.slice(at, at + AT_ONCE))) {
      explained.push({ incident: incident.id, ...(await explainStored(db, incident, setting)) });
      await pause();
    }
    await writeExplanations(db, explained, clock.wall());
  }
  return ids.length;
}
