import { createGrid } from '@tidemark/shared/forecasting';
import { readSeries } from '../store/actuals.ts';
import { writeOutcome } from '../store/outcome/write.ts';
import { readIncidents } from '../store/scoring-reads.ts';
import { newestJudgeable } from './current-plan.ts';
import type { CycleDeps } from './deps.ts';
import type { LiveModel } from './live-forecaster.ts';

/** Weeks after which a series that is judged no more has left, as the detectors have it. */
const LEFT_WEEKS = 4;

/**
 * Ends what the band has raised of series that have left: their figures ended, or the live model no longer serves them,
 * and what nobody judges would go on for ever. Where a series comes back, its incident is continued.
 */
export async function endLeft(deps: CycleDeps, { forecaster: { stepMs } }: LiveModel): Promise<void> {
  const { db, clock, pendingDeliveries = () => [] } = deps;
  const { perDay, perWeek } = createGrid(stepMs);
  const all = await readSeries(db);
  const judgeable = newestJudgeable(deps, all, stepMs);
  const left = all.filter(({ origin }) => origin !== null && origin < judgeable - LEFT_WEEKS * perWeek);
  if (left.length === 0) return;
  const none = { from: Number.MAX_SAFE_INTEGER, to: 0 };
  const open = await readIncidents(
    db,
    left.map(({ key }) => ({ series: key, ...none })),
  );
  const incidents = [...open.values()].flat().map((one) => ({ ...one, status: 'closed' as const }));
  if (incidents.length === 0) return;
  const outcome = {
    ...{ origins: [], issues: [], verdicts: [], settled: [], snapshots: [], faults: [] },
    incidents,
    deliveries: incidents.flatMap((incident) => pendingDeliveries({ kind: 'close', incident }, judgeable, perDay)),
    calendarEdition: 0,
    counted: null,
  };
  await writeOutcome(db, outcome, clock.wall());
}
