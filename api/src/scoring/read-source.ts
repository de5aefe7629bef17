import { newestComplete } from '../clock.ts';
import { type IncomingSeries, readSeries, upsertActuals } from '../store/actuals.ts';
import { readSeriesParts } from '../store/counts.ts';
import { lastCycle, lastSourceRead, noteSourceRead } from '../store/cycles.ts';
import type { StoredSeries } from '../store/rows.ts';
import { newestJudgeable } from './current-plan.ts';
import type { CycleDeps, Trigger } from './deps.ts';
import type { LiveModel } from './live-forecaster.ts';
import { nameIndex, refusalOf } from './names.ts';
import { cycleDueAt } from './schedule.ts';
import { sharesCycles } from './shares-cycles.ts';
import type { ActualsSource } from './source.ts';
import { claimGrid } from './stored-grid.ts';

/** How long a read of the API waits for the source. Power Query gives up after 100 s. */
const READ_TIMEOUT_MS = 20_000;
/** After the source failed, reads answer from what is stored for this long before asking it again. */
const PAUSE_MS = 60_000;
/** Weeks before the backfill that a first read of the source covers, to warm states up. */
const WARM_UP_WEEKS = 12;
/** How the error of a cycle begins whose source failed; what was stored was scored all the same. */
export const SOURCE_FAILED = 'source';
/** What it says further where some names were refused, and the rest was taken in. */
export const NAMES_REFUSED = 'names were not taken in';

/**
 * Takes in what the source has of the buckets that are new, or may have been corrected.
 * @throws what the source throws, and an error when a read has waited for it too long or the service is stopping.
 */
async function readSource(deps: CycleDeps, source: ActualsSource, model: LiveModel, trigger: Trigger): Promise<void> {
  const { db, clock, settings } = deps;
  const { stepMs, perDay } = await claimGrid(deps, source.stepMs, 'the source (stepHours of its tables)');
  const parts = await readSeriesParts(db);
  const known = (await readSeries(db)).map((one) => ({ ...one, parts: parts.get(one.key) ?? [] }));
  const to = newestComplete(clock, stepMs, settings.watermarkMs, Number.NEGATIVE_INFINITY);
  const oldest = known.reduce((least, one) => Math.min(least, one.newestBucket), to);
  const days = known.length === 0 ? settings.backfillDays + 7 * WARM_UP_WEEKS : settings.rereadDays;
  const outOfTime = trigger === 'read' ? AbortSignal.timeout(READ_TIMEOUT_MS) : null;
  const question = {
    from: oldest - days * perDay + 1,
    to,
    measure: model.artifact.metadata.measure,
    known,
    signal: AbortSignal.any([outOfTime, deps.stopping].filter((signal) => signal != null)),
  };
  const read = await source.read(question).catch((error: unknown) => {
    if (!outOfTime?.aborted) throw error;
    throw new Error(`a read waits ${READ_TIMEOUT_MS / 1_000} s for the source, not longer`, { cause: error });
  });
  const refused: string[] = [];
  await upsertActuals(db, acceptable(read, known, refused), clock.wall());
  if (refused.length > 0) {
    throw new Error(`${refused.length} ${NAMES_REFUSED}, the rest was: ${refused.slice(0, 5).join('; ')}`);
  }
}

/**
 * Takes in what the source has of the buckets that are new, or may have been corrected; in a scheduled cycle of several
 * processes one of them does. Nothing happens without a source, nor without a model: it says in which measure money is
 * asked for.
 * @throws what the source throws, and an error when a read has waited for it too long or the service is stopping.
 */
export async function readSourceOnce(deps: CycleDeps, trigger: Trigger): Promise<void> {
  const { db, source, clock, settings } = deps;
  const model = source && (await deps.live());
  if (!source || !model) return;
  if (trigger === 'schedule' && sharesCycles(db)) {
    const due = cycleDueAt(clock.wall(), source.stepMs, settings.watermarkMs);
    if ((await lastSourceRead(db)) >= due) return;
  }
  await readSource(deps, source, model, trigger);
  if (sharesCycles(db)) await noteSourceRead(db, clock.wall());
}

/** Series of the stored measure and those whose names can be stored; why others cannot is added to `refused`. */
function* acceptable(
  read: Iterable<IncomingSeries>,
  known: readonly Pick<StoredSeries, 'id' | 'measure'>[],
  refused: string[],
): Generator<IncomingSeries> {
  const stored = new Map(known.map(({ id, measure }) => [id, measure]));
  const names = nameIndex(stored.keys());
  for (const one of read) {
    const measure = stored.get(one.id);
    const isOther = measure !== undefined && measure !== one.measure;
    const other = isOther ? `it holds ${measure}, and the live model forecasts ${one.measure}` : null;
    const refusal = measure === undefined ? refusalOf(one.id, names) : other;
    if (refusal === null) {
      names.add(one.id);
      yield one;
    } else refused.push(`${JSON.stringify(one.id.slice(0, 80))}: ${refusal}`);
  }
}

/** Whether a read of the API should ask the source: something complete is not stored yet, and it has not just failed. */
export async function sourceIsDue(deps: CycleDeps, stepMs: number): Promise<boolean> {
  if (!deps.source) return false;
  const last = await lastCycle(deps.db);
  const failed = last?.error?.startsWith(SOURCE_FAILED) ?? false;
  const since = deps.clock.wall() - (last?.finishedAt ?? 0);
  if (failed && since >= 0 && since < PAUSE_MS) return false;
  const all = await readSeries(deps.db);
  return all.every((one) => one.newestBucket < newestJudgeable(deps, all, stepMs));
}
