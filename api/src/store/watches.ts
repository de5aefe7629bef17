import type { IncidentBook } from '@tidemark/shared/detection';
import { type SQL, sql } from 'drizzle-orm';
import { commit, type Db, first, groupsOf, jsonParts, statementsFor } from './db.ts';
import { deliveryStatements } from './outcome/deliveries.ts';
import { incidentStatements } from './outcome/incidents.ts';
import type { PendingDelivery } from './outcome/outcome.ts';
import { stormStatements } from './outcome/storms.ts';
import { verdictStatements } from './outcome/verdicts.ts';
import { integerAt, realAt } from './pieces.ts';
import { type Recount, recountedStatements, type TakenBack, takenBackStatements } from './recounts.ts';
import type { StoredIncident, StoredStorm, StoredVerdict } from './rows.ts';

/** A state of one series' detectors after the bucket `origin`, base64. */
export interface StoredWatch {
  readonly series: number;
  readonly origin: number;
  readonly state: string;
}

/** What incidents of all series are continued from. */
export interface StoredBook {
  readonly book: IncidentBook;
  /** Incidents raised before this bucket are history that nobody asked for: they are not stored. */
  readonly recordFrom: number;
}

/** After how long an outage of a series would be noticed, in hours; `null`: never. */
export interface NoticedAfter {
  readonly series: number;
  readonly now: number | null;
  readonly atWorst: number | null;
}

/** All that the detectors have brought, to be written as one. */
export interface WatchOutcome {
  readonly book: StoredBook;
  readonly states: readonly (StoredWatch & { readonly corrections: number })[];
  readonly incidents: readonly StoredIncident[];
  readonly verdicts: readonly StoredVerdict[];
  readonly storms: readonly StoredStorm[];
  readonly noticed: readonly NoticedAfter[];
  readonly deliveries: readonly PendingDelivery[];
  /** What the detectors take back, before anything else is written. */
  readonly takenBack?: readonly TakenBack[];
  /** Series that they have looked at again. */
  readonly recounted?: readonly (Recount & { readonly corrections: number })[];
}

/** The newest state of each series that has one, by key. */
export async function readWatches(db: Db, keys: readonly number[]): Promise<Map<number, StoredWatch>> {
  const found = new Map<number, StoredWatch>();
  for (const part of jsonParts(keys.map((key) => [key]))) {
    const rows = await db.all<StoredWatch>(
      sql`SELECT w.series, w.origin, w.state FROM json_each(${part}) j CROSS JOIN watch w
          WHERE w.series = ${integerAt(0)} AND w.origin = (SELECT MAX(o.origin) FROM watch o WHERE o.series = ${integerAt(0)})`,
    );
    for (const row of rows) found.set(row.series, row);
  }
  return found;
}

/** What incidents are continued from; `null` before the first cycle with counts. */
export async function readBook(db: Db): Promise<StoredBook | null> {
  const row = await first<{ state: string }>(db, sql`SELECT state FROM incident_book WHERE id = 1`);
  return row ? completed(JSON.parse(row.state) as StoredBook) : null;
}

const NO_PART = { attempts: 0, approved: 0, usualAttempts: 0, usualApproved: 0 };

/** A book as it is now, whatever version wrote it: before storms were told of, each of their incidents was open or not. */
function completed({ book, recordFrom }: StoredBook): StoredBook {
  const { open } = book.storms;
  const storm = open && {
    ...open,
    losses: open.losses ?? {},
    tallies: Object.fromEntries(
      Object.entries(open.tallies).map(([id, tally]) => [
        id,
        Object.assign({ approved: 0, usuallyApproved: 0, part: { ...NO_PART } }, tally),
      ]),
    ),
    storm: Object.assign(
      {
        causeValue: null,
        watched: 0,
        observed: 0,
        expected: 0,
        detector: null,
        money: 0,
        severity: 'warning' as const,
      },
      open.storm,
    ),
  };
  return {
    recordFrom,
    book: {
      ...book,
      open: book.open.map((incident) => ({ ...incident, told: incident.told ?? incident.storm === null })),
      storms: { lastEnd: book.storms.lastEnd, last: book.storms.last ?? null, open: storm },
    },
  };
}

/** States are 25 KB each: as JSON each would be parsed once a cell. With four values each, D1's hundred hold these. */
const STATES_AT_ONCE = 20;
/** Buckets for which states are kept behind the newest, so that a late correction is cheap. */
const STATE_REACH = 48;

/** Writes what the detectors found, in one transaction; writing it twice changes nothing. */
export async function writeWatchOutcome(db: Db, outcome: WatchOutcome, now: number): Promise<void> {
  const { book, states, storms, noticed } = outcome;
  const statements: SQL[] = [
    sql`INSERT INTO incident_book (id, bucket, state) VALUES (1, ${book.book.last}, ${JSON.stringify(book)})
        ON CONFLICT (id) DO UPDATE SET bucket = excluded.bucket, state = excluded.state`,
    ...takenBackStatements(outcome.takenBack ?? [], now),
    ...recountedStatements(outcome.recounted ?? []),
    ...incidentStatements(outcome, now),
    ...verdictStatements(outcome, now),
    ...stormStatements(storms, now),
    ...groupsOf(states, STATES_AT_ONCE).map((group) => {
      const rows = group.map(
        ({ series, origin, state, corrections }) =>
          sql`(CAST(${series} AS bigint), CAST(${origin} AS bigint), ${state}, CAST(${corrections} AS bigint))`,
      );
      return sql`INSERT INTO watch (series, origin, state)
          SELECT s.key, v.column2, v.column3 FROM (VALUES ${sql.join(rows, sql`, `)}) v CROSS JOIN series s
          WHERE s.key = v.column1 AND s.corrections = v.column4
          ON CONFLICT (series, origin) DO UPDATE SET state = excluded.state`;
    }),
    ...statementsFor(
      states.map((s) => [s.series, s.origin - STATE_REACH]),
      (rows) =>
        sql`DELETE FROM watch WHERE (series, origin) IN
            (SELECT w.series, w.origin FROM json_each(${rows}) j CROSS JOIN watch w
             WHERE w.series = ${integerAt(0)} AND w.origin < ${integerAt(1)})`,
    ),
    ...statementsFor(
      noticed.map((n) => [n.series, n.now, n.atWorst]),
      (rows) =>
        sql`UPDATE series SET outage_noticed = ${realAt(1)}, outage_noticed_at_worst = ${realAt(2)}
            FROM json_each(${rows}) j WHERE series.key = ${integerAt(0)}`,
    ),
    ...deliveryStatements(outcome, now),
  ];
  await commit(db, statements);
}
