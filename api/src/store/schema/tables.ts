import { type SQL, sql } from 'drizzle-orm';

/** A column being described, as drizzle's builders of every engine have it. */
interface Column {
  notNull(): Column;
  default(value: string | number): Column;
  primaryKey(): Column;
}

type Columns = Readonly<Record<string, Column>>;

interface Index {
  on(...columns: Column[]): { where(condition: SQL): unknown };
}

/** What drizzle describes tables with, for one engine. */
export interface Builders {
  table<Own extends Columns>(name: string, columns: Own, more?: (table: Own) => readonly unknown[]): unknown;
  /** Whole numbers to 2^53. */
  integer(name?: string): Column;
  /** A primary key of whole numbers that the engine gives out itself, rising. */
  generatedKey(): Column;
  /** A rising number of the entries of a log, by which SQLite keeps them. */
  entryNumber(): Column;
  /** Double precision. */
  real(name?: string): Column;
  /** Compared by code, not by the rules of a language. */
  text(name?: string): Column;
  primaryKey(options: { columns: Column[] }): unknown;
  /** The key of a log's entries where the number alone is none. */
  entryKey(...columns: Column[]): readonly unknown[];
  index(name: string): Index;
  uniqueIndex(name: string): Index;
}

/**
 * The tables, the same for every engine. Buckets and origins are bucket numbers since the epoch, instants are epoch
 * milliseconds, money is in the currency of its series. What grows with time is keyed by series first and then by time,
 * so that a series lies in one place and an engine that distributes tables can do so by series. On SQLite the migrations
 * make those tables `WITHOUT ROWID`, which drizzle cannot say, but for states: a search in such a table reads each row that
 * it compares, and theirs are long.
 */
export function tables(builders: Builders) {
  return {
    ...knownTables(builders),
    ...bandTables(builders),
    ...stateTables(builders),
    ...watchTables(builders),
    ...incidentTables(builders),
    ...messageTables(builders),
    ...serviceTables(builders),
  };
}

/** Series and what is known of them. */
function knownTables({ table, integer, generatedKey, real, text, primaryKey, uniqueIndex }: Builders) {
  const series = table(
    'series',
    {
      key: generatedKey(),
      id: text().notNull(),
      measure: text().notNull(),
      /** For a group: the ids of its members. */
      members: text(),
      firstBucket: integer('first_bucket').notNull(),
      /** Newest bucket with a complete actual. */
      newestBucket: integer('newest_bucket').notNull(),
      /** First origin that issues bands; `null`: the configured backfill before the newest bucket. */
      scoreFrom: integer('score_from'),
      /** Newest origin that has issued bands; everything up to it is judged. */
      origin: integer(),
      /** Counts corrections of actuals, so that a state computed before one is not kept after it. */
      corrections: integer().notNull().default(0),
      /** First and newest bucket with counts beside its money; `null`: none. */
      countedFrom: integer('counted_from'),
      countedTo: integer('counted_to'),
      /** Hours after which an outage that begins now, or at the worst time of the day, would be noticed; `null`: never, or not known. */
      outageNoticed: real('outage_noticed'),
      outageNoticedAtWorst: real('outage_noticed_at_worst'),
    },
    (table) => [uniqueIndex('series_id').on(table.id)],
  );

  const actual = table(
    'actual',
    {
      series: integer().notNull(),
      bucket: integer().notNull(),
      /** `null` where missing. */
      value: real(),
      state: text().notNull(),
      knownAt: integer('known_at').notNull(),
      /** What was counted beside the money, see `counts.ts`; `null` where only money is known. */
      counts: text(),
    },
    (table) => [primaryKey({ columns: [table.series, table.bucket] })],
  );

  /** Actuals that differ from what is stored, while a transaction takes them in; empty outside of one. */
  const stagedActual = table('staged_actual', {
    series: integer().notNull(),
    bucket: integer().notNull(),
    value: real(),
    state: text().notNull(),
    counts: text(),
    valueBefore: real('value_before'),
    stateBefore: text('state_before'),
  });

  /** Values of dimensions, as counts refer to them. */
  const part = table('part', { key: generatedKey(), dimension: text().notNull(), value: text().notNull() }, (table) => [
    uniqueIndex('part_value').on(table.dimension, table.value),
  ]);

  /** Which parts a series has been counted by. */
  const seriesPart = table('series_part', { series: integer().notNull(), part: integer().notNull() }, (table) => [
    primaryKey({ columns: [table.series, table.part] }),
  ]);

  const maintenance = table('maintenance', {
    id: text().primaryKey(),
    /** `null`: all series. */
    series: text(),
    from: integer('from_ms').notNull(),
    to: integer('to_ms').notNull(),
    effect: text().notNull(),
    factor: real().notNull(),
    reason: text().notNull(),
  });

  return { series, actual, stagedActual, part, seriesPart, maintenance };
}

/** What scoring issues and judges. */
function bandTables({ table, integer, entryNumber, real, text, primaryKey, entryKey, index, uniqueIndex }: Builders) {
  /** Bands as they were issued: one row per series and origin, never rewritten. Fans as in `shared/contract/fan-text`. */
  const issue = table(
    'issue',
    {
      series: integer().notNull(),
      origin: integer().notNull(),
      model: integer().notNull(),
      servedBy: text('served_by').notNull(),
      issuedAt: integer('issued_at').notNull(),
      /** The fan of horizon 1. */
      firstHorizon: text('first_horizon').notNull(),
      /** The fans of horizons 2 and more, joined by `;`. Emptied by retention before the row goes. */
      laterHorizons: text('later_horizons').notNull(),
    },
    (table) => [uniqueIndex('issue_series_origin').on(table.series, table.origin)],
  );

  /**
   * What each detector holds against each bucket. The band has a row for every bucket it has judged, the others for those
   * that their evidence covers.
   */
  const verdict = table(
    'verdict',
    {
      series: integer().notNull(),
      bucket: integer().notNull(),
      /** Its name: `band`, `attempts`, `approval`, a dimension. */
      detector: text().notNull(),
      direction: text(),
      /** How far, in the detector's own unit: band widths, or thresholds. */
      score: real().notNull(),
      /** The flag of the bucket by itself. */
      severity: text(),
      /** The severity once n of m is met; `null` otherwise. */
      alarm: text(),
      /** What was seen and expected: money for the band, else as the cause has it. */
      observed: real().notNull(),
      expected: real().notNull(),
      /** What the trouble is in, and in which value of a dimension; `null` for the band, which knows only money. */
      cause: text(),
      causeValue: text('cause_value'),
      /** Buckets that `observed` and `expected` are about, up to this one. */
      window: integer().notNull().default(1),
      /** The band that was judged against, and where it was issued; `null` for detectors without one. */
      origin: integer(),
      lower: real(),
      upper: real(),
      coverage: real(),
      judgedAt: integer('judged_at').notNull(),
    },
    (table) => [primaryKey({ columns: [table.series, table.bucket, table.detector] })],
  );

  /** Every change of an actual and of a verdict after the first, oldest first. */
  const change = table(
    'change',
    {
      id: entryNumber(),
      series: integer().notNull(),
      bucket: integer().notNull(),
      at: integer().notNull(),
      subject: text().notNull(),
      before: text().notNull(),
      after: text().notNull(),
    },
    (table) => [
      index('change_series_bucket').on(table.series, table.bucket),
      ...entryKey(table.series, table.bucket, table.id),
    ],
  );

  return { issue, verdict, change };
}

/** What scoring goes on from. */
function stateTables({ table, integer, text, primaryKey }: Builders) {
  /** Passed buckets that wait for a (new) verdict: their actual came late or changed, or the calendar did. */
  const pending = table('pending', { series: integer().notNull(), bucket: integer().notNull() }, (table) => [
    primaryKey({ columns: [table.series, table.bucket] }),
  ]);

  /** Forecaster states to continue from; a cache, which the actuals can always rebuild. */
  const snapshot = table(
    'snapshot',
    {
      series: integer().notNull(),
      origin: integer().notNull(),
      model: integer().notNull(),
      state: text().notNull(),
    },
    (table) => [primaryKey({ columns: [table.series, table.origin] })],
  );

  /** Series that their model could not score in the last cycle that tried. */
  const seriesFault = table('series_fault', {
    series: integer().primaryKey(),
    reason: text().notNull(),
    /** What serves it instead; `null`: nothing could. */
    servedBy: text('served_by'),
    since: integer().notNull(),
  });

  /** Series that a process is scoring, where several share a cycle. */
  const claim = table('claim', {
    series: integer().primaryKey(),
    owner: text().notNull(),
    /** Epoch milliseconds until which it holds, unless it is extended. */
    until: integer().notNull(),
  });

  return { pending, snapshot, seriesFault, claim };
}

/** What the detectors go on from. */
function watchTables({ table, integer, text, primaryKey }: Builders) {
  /** States of the detectors to continue from; a cache, which the counts can always rebuild. */
  const watch = table(
    'watch',
    { series: integer().notNull(), origin: integer().notNull(), state: text().notNull() },
    (table) => [primaryKey({ columns: [table.series, table.origin] })],
  );

  /** Series whose figures have changed where the detectors had passed: the first such bucket, until they have looked again. */
  const recount = table('recount', { series: integer().primaryKey(), bucket: integer().notNull() });

  /** The one row of what incidents and storms are continued from, after `bucket`. */
  const incidentBook = table('incident_book', {
    id: integer().primaryKey(),
    bucket: integer().notNull(),
    state: text().notNull(),
  });

  return { watch, recount, incidentBook };
}

/** What is found. */
function incidentTables({ table, integer, real, text, index }: Builders) {
  const incident = table(
    'incident',
    {
      /** `<series key>-<first bucket>-<direction>` at the time it was opened. */
      id: text().primaryKey(),
      series: integer().notNull(),
      direction: text().notNull(),
      start: integer().notNull(),
      end: integer().notNull(),
      status: text().notNull(),
      severity: text().notNull(),
      score: real().notNull(),
      volume: real().notNull(),
      buckets: integer().notNull(),
      openedAt: integer('opened_at').notNull(),
      closedAt: integer('closed_at'),
      acknowledgedAt: integer('acknowledged_at'),
      acknowledgedBy: text('acknowledged_by'),
      label: text(),
      labelledAt: integer('labelled_at'),
      labelledBy: text('labelled_by'),
      note: text(),
      /** Bucket with whose end it was first known; never rewritten. */
      raised: integer(),
      detector: text().notNull().default('band'),
      cause: text(),
      causeValue: text('cause_value'),
      strength: real(),
      observed: real(),
      expected: real(),
      /** Buckets that `observed` and `expected` are about. */
      window: integer(),
      storm: text(),
      withdrawnAt: integer('withdrawn_at'),
      withdrawnBecause: text('withdrawn_because'),
    },
    (table) => [
      index('incident_start').on(table.start),
      index('incident_series').on(table.series, table.start),
      index('incident_storm').on(table.storm),
    ],
  );

  /** Troubles of many clients at once; what they cost is the sum of their incidents. */
  const storm = table(
    'storm',
    {
      id: text().primaryKey(),
      cause: text().notNull(),
      start: integer().notNull(),
      end: integer().notNull(),
      status: text().notNull(),
      severity: text().notNull().default('warning'),
      /** Ids of the clients in it. */
      members: text().notNull(),
      /** Clients that were counted when it began. */
      watched: integer().notNull().default(0),
      /** Attempts, or shares approved, of its members since it began. */
      observed: real().notNull().default(0),
      expected: real().notNull().default(0),
      /** Of a value of a dimension, whether its share is meant or its approval. */
      detector: text(),
      withdrawnAt: integer('withdrawn_at'),
      withdrawnBecause: text('withdrawn_because'),
    },
    (table) => [index('storm_start').on(table.start)],
  );

  /** Why an incident is one, as it was last worked out; a cache, which the counts can always rebuild. */
  const explanation = table('explanation', {
    incident: text().primaryKey(),
    /** Last bucket of the incident, and corrections of its series, when it was worked out. */
    until: integer().notNull(),
    corrections: integer().notNull(),
    at: integer().notNull(),
    /** Money in minor units when it was first worked out over as many buckets: late corrections show against it. */
    firstMoney: integer('first_money'),
    /** JSON, see `shared/detection/explain`; `null` where nothing can be told, and then why. */
    body: text(),
    reason: text(),
  });

  /** What the source was asked about an incident: once, and again where who asked ended before the answer. */
  const columnAnswer = table('column_answer', {
    incident: text().primaryKey(),
    askedAt: integer('asked_at').notNull(),
    /** How often it was asked. */
    attempts: integer().notNull().default(1),
    /** Last bucket of the incident when it was asked. */
    until: integer().notNull(),
    /** JSON, see `explainColumns`; `null` while the answer has not come, and where it failed. */
    body: text(),
    /** Why there is no answer, in words for people. */
    failure: text(),
  });

  return { incident, storm, explanation, columnAnswer };
}

/** What is told, and what is wrong with the service itself. */
function messageTables({ table, integer, text, index, uniqueIndex }: Builders) {
  /** One message to one webhook; the id is the receiver's idempotency key. */
  const delivery = table(
    'delivery',
    {
      id: text().primaryKey(),
      webhook: text().notNull(),
      event: text().notNull(),
      incident: text().notNull(),
      attempts: integer().notNull().default(0),
      nextAt: integer('next_at'),
      deliveredAt: integer('delivered_at'),
      error: text(),
      /** When it was last sent without success. */
      failedAt: integer('failed_at'),
    },
    (table) => [index('delivery_next').on(table.nextAt), index('delivery_delivered').on(table.deliveredAt)],
  );

  /** Incidents of the service itself: what was wrong with it, from when to when it was seen. */
  const serviceIncident = table(
    'service_incident',
    {
      id: text().primaryKey(),
      kind: text().notNull(),
      /** What it is about: a series or a webhook; empty: the service as a whole. */
      subject: text().notNull(),
      severity: text().notNull(),
      openedAt: integer('opened_at').notNull(),
      /** Newest check that found it. */
      seenAt: integer('seen_at').notNull(),
      closedAt: integer('closed_at'),
      /** What its sentence says: names and numbers, as JSON. */
      facts: text().notNull(),
    },
    (table) => [
      uniqueIndex('service_incident_open').on(table.kind, table.subject).where(sql`closed_at IS NULL`),
      index('service_incident_opened').on(table.openedAt),
    ],
  );

  return { delivery, serviceIncident };
}

/** Models and cycles, and single facts. */
function serviceTables({ table, integer, generatedKey, text, primaryKey, index, uniqueIndex }: Builders) {
  const model = table(
    'model',
    {
      key: generatedKey(),
      version: text().notNull(),
      publishedAt: integer('published_at').notNull(),
      parts: integer().notNull(),
    },
    (table) => [uniqueIndex('model_version').on(table.version)],
  );

  /** A model's text in parts, since a D1 value may not exceed 2 MB. */
  const modelPart = table(
    'model_part',
    { model: integer().notNull(), part: integer().notNull(), text: text().notNull() },
    (table) => [primaryKey({ columns: [table.model, table.part] })],
  );

  /** Which models went live, in order; the last row is live now. */
  const golive = table('go_live', {
    id: generatedKey(),
    model: integer().notNull(),
    at: integer().notNull(),
  });

  const cycle = table(
    'cycle',
    {
      id: generatedKey(),
      trigger: text().notNull(),
      startedAt: integer('started_at').notNull(),
      finishedAt: integer('finished_at'),
      series: integer().notNull().default(0),
      bands: integer().notNull().default(0),
      verdicts: integer().notNull().default(0),
      /** What went wrong, in words for people. */
      error: text(),
    },
    (table) => [index('cycle_started').on(table.startedAt)],
  );

  /** Single facts: `revision` and `calendar` (grow with every change that a read could see, or of the calendar), the cycle's lease, and how far retention has removed later horizons. */
  const setting = table('setting', {
    name: text().primaryKey(),
    value: integer().notNull(),
    /** Of the lease: who has it now. */
    owner: text(),
  });

  return { model, modelPart, golive, cycle, setting };
}
