import { countStatement } from '../cycles.ts';
import { commit, type Db } from '../db.ts';
import { deliveryStatements } from './deliveries.ts';
import { faultStatements } from './faults.ts';
import { incidentStatements } from './incidents.ts';
import { issueStatements } from './issues.ts';
import { latecomerStatements, originStatements } from './origins.ts';
import type { Outcome } from './outcome.ts';
import { settledStatements } from './settled.ts';
import { snapshotStatements } from './snapshots.ts';
import { verdictStatements } from './verdicts.ts';

/**
 * Writes what a cycle found, in one transaction. Writing it twice, or after another cycle wrote the same, changes
 * nothing: bands are only ever inserted, verdicts change only with their actual or the calendar (and the change is
 * logged), origins only grow, and a state is kept only if no actual was corrected since it was computed.
 */
export async function writeOutcome(db: Db, outcome: Outcome, now: number): Promise<void> {
  await commit(db, [
    ...originStatements(outcome),
    ...issueStatements(outcome),
    ...verdictStatements(outcome, now),
    ...settledStatements(outcome),
    ...incidentStatements(outcome, now),
    ...deliveryStatements(outcome, now),
    ...snapshotStatements(outcome),
    ...latecomerStatements(outcome),
    ...faultStatements(outcome, now),
    ...(outcome.counted ? [countStatement(outcome.counted)] : []),
  ]);
}
