import { Buffer } from 'node:buffer';
import {
  createService,
  FIRST,
  madeUpArtifact,
  madeUpSeries,
  type Service,
  STEP_MS,
  stoppedClock,
  WEEK,
} from '@tidemark/api/testing/service';
import { commit, openDatabaseFile } from '@tidemark/api/testing/store';
import { encodeFan } from '@tidemark/shared/contract/fan-text';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import {
  type Artifact,
  createForecaster,
  decodeState,
  encodeState,
  type Forecaster,
  type SeriesState,
} from '@tidemark/shared/forecasting';
import { type SQL, sql } from 'drizzle-orm';
import { countsAt, layCounts } from './cycle-counts.ts';
import { measureFloor } from './cycle-floor.ts';

/**
 * One full cycle over many series, alone in its process so that its memory is its own. Arguments: `lay` (the history) or
 * `run` (the cycle), the database file, the number of series, the weeks stored, and `counted` for all detectors and eight
 * parts a client. `run` prints
 * `{"seconds": …, "cpuSeconds": …, "warmCpuSeconds": …, "peakMb": …, "floor": {"forward": …, "write": …}}`: of the first cycle of
 * the process, which reads all states back, and of the second; the floor in seconds of processor time.
 *
 * The history is laid down by SQL; actuals, bands and verdicts are there for every bucket of it, and a state per series
 * as cycles leave them. The cycle reads a source (three days of every series), takes it in, judges the newest bucket,
 * runs the network, issues 12 bands per series, and writes it all.
 */
const [phase, file = '', count = '', weeks = '', counted = ''] = process.argv.slice(2);
const SERIES = Number(count);
const BUCKETS = Number(weeks) * WEEK;
const newest = FIRST + BUCKETS - 1;
/** Buckets between two kept states of a series, see `score-series.ts`. */
const KEPT_EVERY = 6;
/** Buckets that the source has, up to that of the second cycle: three days and those two. */
const BUCKETS_READ = 38;

const template = madeUpSeries('series-0', 14);
const one = madeUpArtifact([template]);
const model = one.metadata.series[0];
if (!model) throw new Error('no series in the artifact');
const ids = Array.from({ length: SERIES }, (_, index) => `series-${index}`);
const artifact: Artifact = {
  ...one,
  metadata: { ...one.metadata, series: ids.map((id) => ({ ...model, id, servedBy: 'lstm' as const })) },
};
const valueAt = (bucket: number) => template.values[(((bucket - FIRST) % WEEK) + WEEK) % WEEK] as number;

const database = await openDatabaseFile(file);
const { db } = database;
const clock = stoppedClock();
clock.endOf(BUCKETS);
if (phase === 'lay') await lay();
else await run();
database.close();

async function run(): Promise<void> {
  // Made before: what a source's rows cost is the source's.
  const given = new Map(
    Array.from({ length: BUCKETS_READ }, (_, back) => {
      const bucket = newest + 2 - back;
      const counts = counted ? { counts: countsAt(bucket) } : {};
      return [bucket, { bucket, value: valueAt(bucket), state: 'observed' as const, ...counts }];
    }),
  );
  const givenAt = (bucket: number) => {
    const one = given.get(bucket);
    if (!one) throw new Error(`the source was asked for bucket ${bucket - newest} after the newest`);
    return one;
  };
  const source = {
    stepMs: STEP_MS,
    read: async ({ from, to }: { from: number; to: number }) =>
      ids.map((id) => ({
        id,
        measure: 'gross' as const,
        scoreFrom: null,
        members: null,
        buckets: Array.from({ length: to - from + 1 }, (_, index) => givenAt(from + index)),
      })),
  };
  const service = await createService({ clock, db, cycle: { source } });
  const published = await service.send('PUT', '/v1/model', encodeModel(artifact));
  if (published.status !== 200) throw new Error(await published.text());

  const cold = await measured(service);
  const peakMb = process.resourceUsage().maxRSS / 1_024;
  clock.endOf(BUCKETS + 1);
  const warm = await measured(service);
  const state = warmState(createForecaster(artifact), newest + 1);
  const floor = await measureFloor(db, { artifact, state, value: valueAt(newest + 2), file: `${file}.floor` });
  process.stdout.write(`${JSON.stringify({ ...cold, warmCpuSeconds: warm.cpuSeconds, peakMb, floor })}\n`);
}

/** Runs one cycle. */
async function measured({ cycle }: Service): Promise<{ seconds: number; cpuSeconds: number }> {
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const report = await cycle.run('schedule');
  const seconds = (performance.now() - started) / 1_000;
  const cpu = process.cpuUsage(cpuBefore);
  if (report.bands !== SERIES || report.verdicts !== SERIES)
    throw new Error(`the cycle scored ${report.bands} of ${SERIES} series`);
  return { seconds, cpuSeconds: (cpu.user + cpu.system) / 1e6 };
}

function warmState(forecaster: Forecaster, until: number): SeriesState {
  const from = until - 13 * WEEK;
  const state = forecaster.start('series-0', from);
  for (let bucket = from; bucket <= until; bucket++) forecaster.observe(state, bucket, valueAt(bucket));
  return state;
}

async function lay(): Promise<void> {
  // As cycles leave them: each sixth bucket of a series, so that none is older than that.
  const kept = Array.from({ length: KEPT_EVERY }, (_, age) =>
    encodeState(warmState(createForecaster(artifact), newest - age)),
  );
  const ageOf = (key: number) => (newest + key) % KEPT_EVERY;
  const begun = decodeState(kept[0] as Uint8Array);
  const firstHorizon = encodeFan(createForecaster(artifact).forecast(begun).fans[0] as Parameters<typeof encodeFan>[0]);
  const week = JSON.stringify(Array.from({ length: WEEK }, (_, index) => valueAt(FIRST + index)));
  for (let at = 0; at < SERIES; at += 50) {
    const keys = JSON.stringify(Array.from({ length: Math.min(50, SERIES - at) }, (_, index) => at + index + 1));
    const buckets = sql`WITH RECURSIVE step (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM step WHERE i + 1 < ${BUCKETS})`;
    const value = sql`CAST(json_extract(${week}, '$[' || CAST(i % ${WEEK} AS INTEGER) || ']') AS REAL)`;
    const statements: SQL[] = [
      sql`INSERT INTO series (key, id, measure, first_bucket, newest_bucket, origin)
          SELECT value, 'series-' || (value - 1), 'gross', ${FIRST}, ${newest}, ${newest} FROM json_each(${keys})`,
      sql`${buckets} INSERT INTO actual (series, bucket, value, state, known_at)
          SELECT k.value, ${FIRST} + i, ${value}, 'observed', 0 FROM json_each(${keys}) k CROSS JOIN step`,
      sql`${buckets} INSERT INTO issue (series, origin, model, served_by, issued_at, first_horizon, later_horizons)
          SELECT k.value, ${FIRST} + i, 1, 'lstm', 0, ${firstHorizon}, '' FROM json_each(${keys}) k CROSS JOIN step`,
      sql`${buckets} INSERT INTO verdict (series, bucket, detector, origin, observed, expected, lower, upper, coverage, score, judged_at)
          SELECT k.value, ${FIRST} + i + 1, 'band', ${FIRST} + i, ${value}, ${value}, 0, 9999, 0.99, 0, 0
          FROM json_each(${keys}) k CROSS JOIN step WHERE i < ${BUCKETS} - 1`,
    ];
    for (let index = at; index < Math.min(SERIES, at + 50); index++) {
      const age = ageOf(index + 1);
      const state = decodeState(kept[age] as Uint8Array) as { seriesId: string } & SeriesState;
      Object.defineProperty(state, 'seriesId', { value: `series-${index}` });
      const text = Buffer.from(encodeState(state)).toString('base64');
      statements.push(
        sql`INSERT INTO snapshot (series, origin, model, state) VALUES (${index + 1}, ${newest - age}, 1, ${text})`,
      );
    }
    await commit(db, statements);
  }
  if (counted) await layCounts(db, newest);
}
