import { setTimeout as delay } from 'node:timers/promises';
import { FIRST, madeUpArtifact, madeUpSeries, pushOf, STEP_MS } from '@tidemark/api/testing/service';
import { MINUTE_MS, RETENTION_AT_MS, type Simulation, type SimulationOptions } from '@tidemark/api/testing/simulation';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import { type Artifact, bucketAt, DAY_MS, type Series } from '@tidemark/shared/forecasting';
import type { ServiceIncidentKind } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import type { AthenaTables } from './athena-tables.ts';

/** What a fault can reach. */
export interface Scene {
  readonly simulation: Simulation;
  readonly series: readonly Series[];
  /** Starts another process on the same database, in place of the one there is. */
  restart(options?: Partial<SimulationOptions>): Promise<void>;
}

/** A kind of fault, and how it has to be told. */
export interface Fault {
  readonly what: string;
  /** The incident that is told; `silence`: the heartbeat stays away, and who waits for it alarms. */
  readonly tells: ServiceIncidentKind | 'silence';
  /** What it is about. */
  readonly subject?: string;
  /** How it is told where webhooks are what fails; unless given, by a webhook. */
  readonly by?: 'heartbeat';
  /** What the service is started with. */
  readonly start?: (tables: AthenaTables, series: readonly Series[]) => Partial<SimulationOptions>;
  readonly inject: (scene: Scene) => Promise<void> | void;
  /** `cycle`: nothing is wrong before the next cycle begins, and time counts from there. */
  readonly from?: 'cycle';
  /** Ends what would go on for ever. */
  readonly end?: () => void;
  /** Takes real time beyond some milliseconds: not among the default tests. */
  readonly isSlow?: boolean;
}

type Body = ReturnType<typeof pushOf>;

const without = (body: Body, isLeftOut: (id: string, index: number) => boolean): Body => ({
  series: body.series.filter((one, index) => !isLeftOut(one.series, index)),
});

/** A source that does not answer until its fault has ended. */
let answer: () => void = () => undefined;
const never = () =>
  new Promise<never[]>((resolve) => {
    answer = () => resolve([]);
  });

/** The simulated time, for a source that lets some of it pass. */
let now: () => number = () => 0;

/** Every kind of fault that is injected, each on a service that was well until then. */
export const FAULTS: readonly Fault[] = [
  // What feeds it.
  { what: 'the feed stops', tells: 'feed-late', inject: feeding(() => null) },
  {
    what: 'the key of the feed is not known any more (401)',
    tells: 'feed-late',
    inject({ simulation }) {
      simulation.world.feedKey = 'another-key';
    },
  },
  {
    what: 'the feed sends what is no push (400)',
    tells: 'feed-late',
    inject: feeding((body) => ({ series: body.series.map((one) => ({ ...one, values: ['a'] })) })),
  },
  {
    what: 'one client is missing from the feed',
    tells: 'series-silent',
    subject: 'client-7',
    inject: feeding((body) => without(body, (id) => id === 'client-7')),
  },
  {
    what: 'the feed ends early: half of the clients are missing',
    tells: 'feed-partial',
    inject: feeding((body) => without(body, (_, index) => index % 2 === 0)),
  },
  {
    what: 'the feed says that nothing is known of anybody',
    tells: 'feed-down',
    inject: feeding((body) => ({ series: body.series.map((one) => ({ ...one, values: [null] })) })),
  },
  {
    what: 'the feed gives clients the payments of others',
    tells: 'coverage-off',
    inject: feeding((body) => ({
      series: body.series.map((one, index) => ({
        ...one,
        values: body.series[(index + body.series.length / 2) % body.series.length]?.values,
      })),
    })),
  },
  {
    what: 'the feed gives no counts of one client beside its money',
    tells: 'counts-late',
    inject: withoutCounts,
  },
  {
    what: 'the clock was hours ahead while the feed pushed what is to come',
    tells: 'bucket-ahead',
    inject: aheadOfTime,
  },
  {
    what: 'the database holds two clients alike: an earlier version took them in',
    tells: 'names-alike',
    async inject({ simulation }) {
      await simulation.file.db.run(sql`UPDATE series SET id = 'Client-8' WHERE id = 'client-9'`);
      simulation.world.feed = (body) => ({
        series: body.series.map((one) => (one.series === 'client-9' ? { ...one, series: 'Client-8' } : one)),
      });
    },
  },
  // The warehouse it reads.
  athena('the warehouse answers every request by 5xx', 'source-failing', { serverError: 1 }),
  athena('the warehouse never answers', 'source-failing', { hang: 1 }),
  athena('the credentials of the warehouse have expired', 'source-failing', { expireAfter: 0 }),
  {
    what: 'no transaction reaches the table any more',
    tells: 'feed-down',
    isSlow: true,
    start: (tables) => ({ source: tables.ending }),
    inject: () => undefined,
  },
  {
    what: 'the warehouse has a new client whose name is blank',
    tells: 'names-refused',
    start: (_, series) => ({ source: namesFrom(series, '  ') }),
    inject: () => undefined,
  },
  // The model.
  {
    what: 'the text of the live model is damaged in the database',
    tells: 'model-unreadable',
    async inject({ simulation, restart }) {
      await simulation.file.db.run(sql`UPDATE model_part SET text = 'tidemark' || substr(text, 40) WHERE part = 0`);
      await restart();
    },
  },
  {
    what: 'no model is live: the database was restored from before the first',
    tells: 'model-missing',
    inject: async ({ simulation }) => {
      await simulation.file.db.run(sql`DELETE FROM go_live`);
    },
  },
  {
    what: 'the model of other clients is published',
    tells: 'model-without-series',
    inject: ({ simulation, series }) =>
      publish(
        simulation,
        withoutColdStart(
          madeUpArtifact(
            series.map((one) => ({ ...one, id: `x-${one.id}` })),
            'others',
          ),
        ),
      ),
  },
  {
    what: 'a model is published whose list of special days has ended',
    tells: 'calendar-ended',
    inject({ simulation, series }) {
      const one = madeUpArtifact(series, 'ended');
      // Days are local ones: yesterday may not be over yet.
      const through = new Date(simulation.now() - 2 * DAY_MS).toISOString().slice(0, 10);
      return publish(simulation, { ...one, metadata: { ...one.metadata, specialDays: { through, days: [] } } });
    },
  },
  {
    what: 'a model is published that lacks one client',
    tells: 'series-unserved',
    subject: 'client-3',
    inject: ({ simulation, series }) =>
      publish(
        simulation,
        withoutColdStart(
          madeUpArtifact(
            series.filter(({ id }) => id !== 'client-3'),
            'lacking',
          ),
        ),
      ),
  },
  {
    what: 'amounts of one client are beyond what its model can compute',
    tells: 'series-isolated',
    subject: 'client-5',
    inject: feeding((body) => ({
      series: body.series.map((one) => {
        const start = new Date(Date.parse(one.start) - 5 * STEP_MS).toISOString();
        return one.series === 'client-5' ? { ...one, start, values: Array.from({ length: 6 }, () => 1e307) } : one;
      }),
    })),
  },
  // The cycle.
  {
    what: 'every cycle fails at writing its bands',
    tells: 'cycle-failing',
    inject: async ({ simulation }) => {
      await simulation.file.db.run(
        sql`CREATE TRIGGER no_bands BEFORE INSERT ON issue BEGIN SELECT RAISE(ABORT, 'no bands'); END`,
      );
    },
  },
  {
    what: 'a cycle waits for ever for a source that ignores its deadline',
    tells: 'cycle-stuck',
    from: 'cycle',
    start: () => ({ source: { stepMs: STEP_MS, read: never } }),
    inject: () => undefined,
    end: () => answer(),
  },
  {
    what: 'the source takes seventy minutes to answer',
    tells: 'cycle-slow',
    from: 'cycle',
    start: (_, series) => ({ source: slowly(sourceOf(series)) }),
    inject({ simulation }) {
      now = () => simulation.now();
    },
    end() {
      now = () => Number.POSITIVE_INFINITY;
    },
  },
  {
    what: 'the schedule does not fire any more',
    tells: 'cycle-overdue',
    inject({ simulation }) {
      simulation.world.isScheduled = false;
    },
  },
  {
    what: 'the queue swallows the chunks of the cycle',
    tells: 'queue-stuck',
    from: 'cycle',
    start: () => ({ environment: { TIDEMARK_CHUNK_SERIES: '1' }, platform: { fanOut: async () => undefined } }),
    inject: () => undefined,
  },
  // Time and the process.
  {
    what: 'the clock is set back three hours',
    tells: 'clock-jumped',
    inject: ({ simulation }) => simulation.skip(-180),
  },
  {
    what: 'the process is down for three hours and starts again',
    tells: 'service-was-down',
    async inject({ simulation, restart }) {
      simulation.skip(180);
      await restart();
    },
  },
  {
    what: 'the process is killed and nobody starts it again',
    tells: 'silence',
    inject({ simulation }) {
      simulation.world.isRunning = false;
    },
  },
  // Where it stores, and whom it tells.
  {
    what: 'the disk of the database fills',
    tells: 'disk-filling',
    inject({ simulation }) {
      simulation.world.disk = { free: 0.6e9, total: 100e9 };
    },
  },
  {
    what: 'the database has no room left',
    tells: 'database-full',
    async inject({ simulation }) {
      const { db } = simulation.file;
      const [row] = await db.all<{ page_count: number }>(sql`PRAGMA page_count`);
      await db.run(sql.raw(`PRAGMA max_page_count = ${row?.page_count ?? 1}`));
      await fillPages(simulation);
    },
  },
  {
    what: 'a table of the database is gone',
    tells: 'database-failing',
    inject: async ({ simulation }) => {
      await simulation.file.db.run(sql`DROP TABLE series`);
    },
  },
  {
    what: 'what is no longer kept cannot be removed',
    tells: 'retention-failing',
    async inject({ simulation }) {
      const sinceMidnight = simulation.now() % DAY_MS;
      await simulation.pass((RETENTION_AT_MS + DAY_MS - sinceMidnight) / MINUTE_MS - 5);
      await simulation.file.db.run(
        sql`CREATE TRIGGER none_removed BEFORE INSERT ON setting WHEN NEW.name LIKE '% removed before'
            BEGIN SELECT RAISE(ABORT, 'none removed'); END`,
      );
    },
  },
  {
    what: 'nobody sends the messages that are due',
    tells: 'messages-stuck',
    by: 'heartbeat',
    inject({ simulation }) {
      simulation.world.isDelivering = false;
      failing(simulation, []);
    },
  },
  {
    what: 'one receiver of messages answers 500',
    tells: 'webhook-failing',
    subject: 'ops',
    inject: ({ simulation }) => failing(simulation, ['/ops']),
  },
  {
    what: 'no receiver of messages answers 2xx',
    tells: 'webhook-failing',
    by: 'heartbeat',
    inject: ({ simulation }) => failing(simulation, ['/ops', '/second']),
  },
  {
    what: 'the service that waits for the heartbeat answers 500',
    tells: 'heartbeat-failing',
    isSlow: true,
    inject: ({ simulation }) => void simulation.receiver.answers.set('/beat', 500),
  },
];

/** Changes what the feed pushes. */
function feeding(change: (body: Body) => unknown): Fault['inject'] {
  return ({ simulation }) => {
    simulation.world.feed = change;
  };
}

/** A few hours of counts are waited for, see `counts-late`: nothing is wrong before two buckets have come without them. */
async function withoutCounts({ simulation }: Scene): Promise<void> {
  const counts = { attempts: [60], approved: [55], sales: [55], log_sum: [187], log_squares: [640] };
  const counted = (isLeftOut: (id: string) => boolean) => (body: Body) => ({
    series: body.series.map((one) => (isLeftOut(one.series) ? one : { ...one, counts })),
  });
  simulation.world.feed = counted(() => false);
  await simulation.pass(STEP_MS / MINUTE_MS);
  simulation.world.feed = counted((id) => id === 'client-2');
  await simulation.pass((2 * STEP_MS) / MINUTE_MS);
}

function athena(what: string, tells: ServiceIncidentKind, faults: Parameters<AthenaTables['disturb']>[0]): Fault {
  let disturb: AthenaTables['disturb'] = () => undefined;
  return {
    what,
    tells,
    isSlow: true,
    start(tables) {
      disturb = tables.disturb;
      disturb({});
      return { source: tables.source };
    },
    inject: () => disturb(faults),
  };
}

/** A source that has every series and one more, of another name. */
function namesFrom(series: readonly Series[], other: string): Source {
  return sourceOf([...series, { ...(series[0] as Series), id: other }]);
}

type Source = NonNullable<SimulationOptions['source']>;

function sourceOf(series: readonly Series[]): Source {
  return {
    stepMs: STEP_MS,
    read: async ({ from, to }) =>
      series.map(({ id, measure, values, firstBucket }) => ({
        id,
        measure,
        scoreFrom: null,
        members: null,
        buckets: Array.from({ length: to - from + 1 }, (_, index) => ({
          bucket: from + index,
          value: values[from + index - firstBucket] ?? 0,
          state: 'observed' as const,
        })),
      })),
  };
}

/** A source that answers seventy simulated minutes after it was asked. */
function slowly({ stepMs, read }: Source): Source {
  return {
    stepMs,
    async read(question) {
      const until = now() + 70 * MINUTE_MS;
      while (now() < until) await delay(1);
      return read(question);
    },
  };
}

/** Pushes the bucket that is under way and the one after it, by a clock that is set right again before anybody looks. */
async function aheadOfTime({ simulation, series }: Scene): Promise<void> {
  const index = bucketAt(simulation.now(), STEP_MS) - FIRST;
  const minutes = (2 * STEP_MS) / MINUTE_MS;
  simulation.skip(minutes);
  const answer = await simulation.send('PUT', '/v1/actuals', pushOf(series, index, index + 2));
  if (answer.status !== 200) throw new Error(await answer.text());
  simulation.skip(-minutes);
}

function withoutColdStart(artifact: Artifact): Artifact {
  const { coldStart: _, ...metadata } = artifact.metadata;
  return { ...artifact, metadata };
}

async function publish(simulation: Simulation, artifact: Artifact): Promise<void> {
  const answer = await simulation.send('PUT', '/v1/model', encodeModel(artifact));
  if (answer.status !== 200) throw new Error(await answer.text());
}

/** Writes until the last page is full. */
async function fillPages({ file: { db } }: Simulation): Promise<void> {
  for (let size = 100_000; size > 10; ) {
    try {
      await db.run(
        sql`INSERT INTO change (series, bucket, at, subject, before, after) VALUES (1, 1, 1, 'actual', ${'x'.repeat(size)}, '')`,
      );
    } catch {
      size = Math.floor(size / 2);
    }
  }
}

/** Makes receivers fail, if any, and has a client stop trading, which they are to hear of. */
function failing(simulation: Simulation, paths: readonly string[]): void {
  for (const path of paths) simulation.receiver.answers.set(path, 500);
  simulation.world.feed = (body) => ({
    series: body.series.map((one) => (one.series === 'client-1' ? { ...one, values: [0] } : one)),
  });
}

/** Clients of different sizes, so that a mix-up shows. */
export function faultSeries(weeks: number): Series[] {
  return Array.from({ length: 24 }, (_, index) => {
    const one = madeUpSeries(`client-${index}`, weeks);
    const size = index % 24 < 12 ? 1 : 20;
    return { ...one, values: one.values.map((value) => Math.round(100 * size * value) / 100) };
  });
}
