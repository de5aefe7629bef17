import { type SQL, sql } from 'drizzle-orm';

/** Cell `n` of a row `j` of `json_each(…) j`, as a whole number. */
export const integerAt = (n: number): SQL => sql.raw(`CAST(j.value->>${n} AS bigint)`);
/** The same as a number with decimals. */
export const realAt = (n: number): SQL => sql.raw(`CAST(j.value->>${n} AS double precision)`);
/** The same as text. */
export const textAt = (n: number): SQL => sql.raw(`(j.value->>${n})`);

/** The smaller of two numbers, neither of them `NULL`. */
export const least = (one: SQL, other: SQL): SQL => sql`CASE WHEN ${one} < ${other} THEN ${one} ELSE ${other} END`;
/** The greater of two numbers, neither of them `NULL`. */
export const greatest = (one: SQL, other: SQL): SQL => sql`CASE WHEN ${one} > ${other} THEN ${one} ELSE ${other} END`;

/** A condition: a value is one of a few texts. */
export function isOneOf(value: SQL, texts: readonly string[]): SQL {
  if (texts.length === 0) return sql`1 = 0`;
  const list = texts.map((text) => sql`${text}`);
  return sql`${value} IN (${sql.join(list, sql`, `)})`;
}

/** A field of a JSON object: a number or `NULL`, or a text or `NULL`. */
type Field = { readonly number: SQL } | { readonly text: SQL };

/** A JSON object as text, of values that only the database knows. */
export function jsonObject(fields: Readonly<Record<string, Field>>): SQL {
  const pairs = Object.entries(fields).map(([name, field]) => {
    const value =
      'number' in field
        ? sql`COALESCE(CAST(${field.number} AS text), 'null')`
        : sql`COALESCE('"' || REPLACE(REPLACE(${field.text}, '\\', '\\\\'), '"', '\\"') || '"', 'null')`;
    return sql`${sql.raw(`'"${name}":'`)} || ${value}`;
  });
  return sql`'{' || ${sql.join(pairs, sql` || ',' || `)} || '}'`;
}
