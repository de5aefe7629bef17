import { type SQL, sql } from 'drizzle-orm';
import { groupsOf, statementsFor } from '../db.ts';
import { integerAt } from '../pieces.ts';
import type { Outcome } from './outcome.ts';

/** Buckets for which a state is kept behind the newest one, so that a late correction is cheap. */
const SNAPSHOT_REACH = 48;
/** One state in so many buckets is kept longer: whoever forecasts on elsewhere begins weeks back. */
const ANCHOR_EVERY = 252;
const ANCHOR_REACH = 3 * ANCHOR_EVERY;

/** Keeps states of series whose actuals were not corrected since they were read, and removes those of the same series out of reach. */
export function snapshotStatements({ snapshots, origins }: Pick<Outcome, 'snapshots' | 'origins'>): SQL[] {
  if (snapshots.length === 0) return [];
  const kept = new Set(snapshots.map(({ series }) => series));
  const correctionsOf = new Map(origins.map(({ series, corrections }) => [series, corrections]));
  return [
    ...groupsOf(snapshots, STATES_AT_ONCE).map((group) => {
      const rows = group.map(
        ({ series, origin, model, state }) =>
          sql`(CAST(${series} AS bigint), CAST(${origin} AS bigint), CAST(${model} AS bigint), ${state},
               CAST(${correctionsOf.get(series) ?? -1} AS bigint))`,
      );
      return sql`INSERT INTO snapshot (series, origin, model, state)
          SELECT s.key, v.column2, v.column3, v.column4 FROM (VALUES ${sql.join(rows, sql`, `)}) v CROSS JOIN series s
          WHERE s.key = v.column1 AND s.corrections = v.column5
          ON CONFLICT (series, origin) DO UPDATE SET model = excluded.model, state = excluded.state`;
    }),
    ...statementsFor(
      origins.filter(({ series }) => kept.has(series)).map(({ series, origin }) => [series, origin]),
      (rows) =>
        sql`DELETE FROM snapshot WHERE (series, origin) IN
            (SELECT n.series, n.origin FROM json_each(${rows}) j CROSS JOIN snapshot n
             WHERE n.series = ${integerAt(0)} AND n.origin < ${integerAt(1)} - ${SNAPSHOT_REACH}
               AND ((n.origin + n.series) % ${ANCHOR_EVERY} <> 0 OR n.origin < ${integerAt(1)} - ${ANCHOR_REACH}))`,
    ),
  ];
}

/** States are 75 KB each: as JSON each would be parsed once a cell. With five values each, D1's hundred hold these. */
const STATES_AT_ONCE = 4;
