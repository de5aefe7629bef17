import type { Severity } from '@tidemark/shared/vocabulary';
import { type SQL, sql } from 'drizzle-orm';
import { isOneOf } from './pieces.ts';

/** A page of what lasts from a first bucket to a last one: incidents, or storms. */
export interface NewestFirst {
  /** Those that reach into these buckets, inclusive. */
  readonly from: number;
  readonly to: number;
  /** Severities that count. */
  readonly severities: readonly Severity[];
  /** Those after this one in the order given back. */
  readonly after: { readonly start: number; readonly id: string } | null;
  readonly limit: number;
}

/** The end of a statement that reads such a page: its conditions with some more, its order and its limit. `table` is an alias. */
export function newestFirst(table: 'i' | 't', page: NewestFirst, more: readonly SQL[]): SQL {
  const t = sql.raw(table);
  const conditions = [
    sql`${t}."end" >= ${page.from} AND ${t}.start <= ${page.to}`,
    isOneOf(sql`${t}.severity`, page.severities),
    ...more,
  ];
  if (page.after) {
    const { start, id } = page.after;
    conditions.push(sql`(${t}.start < ${start} OR (${t}.start = ${start} AND ${t}.id > ${id}))`);
  }
  return sql`WHERE ${sql.join(conditions, sql` AND `)} ORDER BY ${t}.start DESC, ${t}.id LIMIT ${page.limit}`;
}
