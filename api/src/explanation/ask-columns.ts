import { type ColumnFinding, explainColumns } from '@tidemark/shared/detection';
import { bucketStart, createGrid, WEEK_MS, zoneClock } from '@tidemark/shared/forecasting';
import type { TimeRange } from '@tidemark/shared/warehouse';
import type { CycleDeps } from '../scoring/deps.ts';
import type { LiveModel } from '../scoring/live-forecaster.ts';
import type { ActualsSource } from '../scoring/source.ts';
import { readSeries } from '../store/actuals.ts';
import { claimQuestion, returnQuestion, unaskedIncidents, writeColumnAnswer } from '../store/column-answers.ts';
import { findIncidentsById, type LabelledIncident } from '../store/incidents.ts';

/** Incidents that are asked about after one cycle: a storm of many clients is told by a few of them. */
const MOST = 4;
/** Days after which an incident is no longer news, as those of a backfill are. */
const NEWS_DAYS = 2;
/** Weeks that an incident is compared with. */
const WEEKS = 4;
/** Times that an incident is asked about where whoever asked ended before the answer. */
const ATTEMPTS = 3;
/** What storing an answer may take beside the time that a source has for it, in ms. */
const MARGIN_MS = 60_000;

type Asking = Pick<CycleDeps, 'db' | 'source' | 'clock' | 'log' | 'live' | 'stopping'>;

/** How long a question is waited for, in ms: whoever asked and has no answer after it has ended without one. */
export function questionMs(source: Pick<ActualsSource, 'timeoutMs'>): number {
  return (source.timeoutMs ?? 0) + MARGIN_MS;
}

/**
 * Asks the source about incidents of at least a warning by the columns that are not counted in every cycle: by one
 * statement for each, and once; a few times where the process that asked ended before the answer. A failure is stored
 * with the incident, and nothing else fails for it.
 * @returns the number asked about.
 */
export async function askColumns(deps: Asking): Promise<number> {
  const { db, source, clock, log } = deps;
  const model = await deps.live();
  if (!source?.askColumns || !model) return 0;
  const all = await readSeries(db);
  if (all.length === 0) return 0;
  const newest = Math.max(...all.map(({ newestBucket }) => newestBucket));
  const since = newest - NEWS_DAYS * createGrid(model.forecaster.stepMs).perDay;
  const deadBefore = clock.wall() - questionMs(source);
  let asked = 0;
  for (const incident of await findIncidentsById(db, await unaskedIncidents(db, { since, deadBefore, limit: MOST }))) {
    if (deps.stopping?.aborted) break;
    const attempts = await claimQuestion(db, incident.id, { until: incident.end, now: clock.wall(), deadBefore });
    if (attempts === null) continue;
    const claim = { incident: incident.id, attempts };
    const answer = attempts > ATTEMPTS ? GIVEN_UP : await answered(deps, model, incident);
    // Not waited for because the service stops: the next one asks.
    if (answer.findings === null && deps.stopping?.aborted) {
      await returnQuestion(db, claim);
      break;
    }
    if (answer.failure !== null) log('warn', 'columns-failed', { incident: incident.id, failure: answer.failure });
    await writeColumnAnswer(db, claim, answer);
    asked++;
  }
  return asked;
}

const GIVEN_UP = {
  findings: null,
  failure: `the service ended ${ATTEMPTS} times before the answer came; it is not asked again`,
};

async function answered(
  { source, stopping }: Asking,
  model: LiveModel,
  incident: LabelledIncident,
): Promise<{ findings: ColumnFinding[] | null; failure: string | null }> {
  const members = incident.members === null ? [incident.seriesId] : (JSON.parse(incident.members) as string[]);
  const question = {
    clients: members.length === 0 ? ('all' as const) : members,
    windows: windowsOf(incident, model.forecaster.stepMs, model.artifact.metadata.timeZone),
    signal: stopping ?? new AbortController().signal,
  };
  try {
    const counts = (await source?.askColumns?.(question)) ?? [];
    const findings = explainColumns(counts, incident.direction);
    return { findings, failure: findings === null ? 'nothing is known of the same hours of the weeks before' : null };
  } catch (error) {
    return { findings: null, failure: error instanceof Error ? error.message : String(error) };
  }
}

/** The newest week of an incident at most, and the same local hours of weeks before its start, newest first. */
function windowsOf({ start, end }: LabelledIncident, stepMs: number, timeZone: string): TimeRange[] {
  const clock = zoneClock(timeZone);
  const toMs = bucketStart(end + 1, stepMs);
  const fromMs = Math.max(bucketStart(start, stepMs), toMs - WEEK_MS);
  const first = Math.ceil((toMs - bucketStart(start, stepMs)) / WEEK_MS);
  const before = Array.from({ length: WEEKS }, (_, k) => {
    const then = fromMs - (first + k) * WEEK_MS;
    const moved = Math.round((clock.offsetMs(fromMs) - clock.offsetMs(then)) / stepMs) * stepMs;
    return { fromMs: then + moved, toMs: then + moved + (toMs - fromMs) };
  });
  return [{ fromMs, toMs }, ...before];
}
