import { type SQL, sql } from 'drizzle-orm';

/** A condition: two numbers are equal but for the last digit that one may lose on its way through text. */
export function same(one: SQL, other: SQL): SQL {
  return sql`ABS(${one} - ${other}) <= 1e-12 * ABS(${other})`;
}
