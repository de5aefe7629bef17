import {
  type BucketObservation,
  createWatch,
  decodeWatchState,
  defaultBudget,
  encodeWatchState,
  type Watch,
  type WatchState,
} from '@tidemark/shared/detection';
import { createGrid, type Series, type SeriesCounts, zoneClock } from '@tidemark/shared/forecasting';
import { completeLength, readPrepared, readPreparedCounts, workConfig } from '@tidemark/trainer/testing/history';
import type { AlarmFigure } from './figures.ts';

/** Countries, shops … that are tried: the largest, and those after it. */
const LARGEST = 1;
const NEXT = 4;
/** Share of the history, its last, into which silences are put. */
const TESTED = 0.2;
/** Weeks after which a silence that is not noticed is given up. */
const GIVES_UP_WEEKS = 8;
/** Weeks in which the Poisson floor allows one false alarm. */
const FLOOR_WEEKS = 26;

/** A client of a log with what it sold, bucket by bucket. */
interface Client {
  readonly id: string;
  readonly observations: readonly BucketObservation[];
  readonly sales: number;
}

/**
 * How soon silence is noticed in the prepared history of a work folder: of the largest client, the share of trading days of
 * the last fifth that are seen when nothing is sold on them; of the next four, the median time to notice that nothing is
 * sold any more, in units of the Poisson floor at one false alarm in 26 weeks, ln(sales in 26 weeks) ÷ rate.
 */
export async function silenceFigures(work: string): Promise<AlarmFigure[]> {
  const all = await readPrepared(work);
  const counts = await readPreparedCounts(work, all);
  const { timeZone, groups } = await workConfig(work, undefined);
  const stepMs = all[0]?.stepMs ?? 7_200_000;
  const budget = defaultBudget(counts.size) / Math.max(1, counts.size);
  const watch = createWatch({ stepMs, clock: zoneClock(timeZone), dimensions: [], falsePerSeriesWeek: budget });
  const clients = all
    .filter(({ id }) => counts.has(id) && !(id in groups.named))
    .map((series) => clientOf(series, counts.get(series.id) as SeriesCounts))
    .sort((one, other) => other.sales - one.sales);
  const largest = clients.slice(0, LARGEST).map((client) => daySilence(watch, client, stepMs));
  return [...largest, ...clients.slice(LARGEST, LARGEST + NEXT).map((client) => toNotice(watch, client, stepMs))];
}

function clientOf(series: Series, counts: SeriesCounts): Client {
  const { id, firstBucket } = series;
  const observations: BucketObservation[] = [];
  for (const [k, attempts] of counts.attempts.subarray(0, completeLength(series)).entries()) {
    if (Number.isNaN(attempts) || (observations.length === 0 && attempts === 0)) continue;
    const at = (of: Float64Array) => of[k] as number;
    const { approved, sales, logSum, logSquares } = counts;
    const told = { attempts, approved: at(approved), sales: at(sales), logSum: at(logSum), logSquares: at(logSquares) };
    observations.push({ bucket: firstBucket + k, counts: told });
  }
  return { id, observations, sales: observations.reduce((sum, { counts }) => sum + (counts?.attempts ?? 0), 0) };
}

const NOTHING = { attempts: 0, approved: 0, sales: 0, logSum: 0, logSquares: 0 };

/** Calls back with a copy of the state before each day of the last fifth at which nothing stands against the client. */
function eachDay(
  watch: Watch,
  { observations }: Client,
  perDay: number,
  visit: (state: WatchState, from: number) => void,
): void {
  const state = watch.start();
  const first = Math.floor((1 - TESTED) * observations.length);
  for (const [k, observation] of observations.entries()) {
    if (k >= first && observation.bucket % perDay === 0 && !isLow(watch, state)) {
      visit(decodeWatchState(encodeWatchState(state)), k);
    }
    watch.observe(state, observation);
  }
}

function isLow(watch: Watch, state: WatchState): boolean {
  return watch.evidence(state).some(({ side }) => side === 'low');
}

function daySilence(watch: Watch, client: Client, stepMs: number): AlarmFigure {
  const { perDay } = createGrid(stepMs);
  let days = 0;
  let seen = 0;
  eachDay(watch, client, perDay, (state, from) => {
    const day = client.observations.slice(from, from + perDay);
    if (!day.some(({ counts }) => counts !== null && counts.attempts > 0)) return;
    days++;
    // The day without sales, and what follows it for as long as one that was noticed would be put down to it.
    const noticed = client.observations.slice(from, from + perDay + 2).some((observation, k) => {
      watch.observe(state, k < perDay ? { ...observation, counts: NOTHING } : observation);
      return isLow(watch, state);
    });
    if (noticed) seen++;
  });
  const figure = `real/${client.id}/day-silence-recall`;
  return { figure, ours: days === 0 ? null : seen / days, of: days, goal: '≥ 0.8' };
}

function toNotice(watch: Watch, client: Client, stepMs: number): AlarmFigure {
  const { perDay, perWeek } = createGrid(stepMs);
  const rate = client.sales / client.observations.length;
  const floor = Math.log(rate * FLOOR_WEEKS * perWeek) / rate;
  const buckets: number[] = [];
  eachDay(watch, client, perDay, (state, from) => {
    const start = client.observations[from]?.bucket ?? 0;
    let k = 0;
    for (; k < GIVES_UP_WEEKS * perWeek; k++) {
      watch.observe(state, { bucket: start + k, counts: NOTHING });
      if (isLow(watch, state)) break;
    }
    buckets.push(k + 1);
  });
  buckets.sort((one, other) => one - other);
  const median = buckets[buckets.length >> 1];
  const figure = `real/${client.id}/silence-noticed-after-floors`;
  return { figure, ours: median === undefined ? null : median / floor, of: buckets.length, goal: '≤ 1.5' };
}
