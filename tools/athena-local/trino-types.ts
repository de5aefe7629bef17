import { Refused } from './parameters.ts';

/** Types of a table's columns in Trino's words, by column. */
export type TableTypes = ReadonlyMap<string, string>;

type Kind = 'number' | 'text' | 'time' | 'other';

/**
 * The statement as DuckDB has to run it to answer as Trino would. Trino compares no number with a text and no time with
 * either; DuckDB casts in silence. Knows the forms in which our statements compare, not all of SQL.
 * @param types of the columns, by table.
 * @throws Refused `TYPE_MISMATCH` where Trino refuses.
 */
export function inTrinosTypes(sql: string, types: ReadonlyMap<string, TableTypes>): string {
  const transactions = tableOf(sql, /FROM \(?(?:SELECT \*, [\s\S]*? FROM )?("[^"]+"(?:\."[^"]+")*)\)? AS t\b/, types);
  const join = /SELECT "([^"]+)" AS merchant, [\s\S]*? FROM ("[^"]+"(?:\."[^"]+")*) GROUP BY 1/.exec(sql);
  const merchants = join ? types.get(lastPart(join[2] as string)) : undefined;
  const key = /ON t\."([^"]+)" = m\.merchant/.exec(sql)?.[1];
  if (key && join) refuseUnlike(transactions?.get(key), '=', merchants?.get(join[1] as string));
  for (const [, column, operator, value] of sql.matchAll(
    /\bt\."([^"]+)" (=|<=|>=|<|>|IN) \(?('(?:[^']|'')*'|-?\d[\d.]*|CAST\('(?:[^']|'')*' AS [a-z ]+\))/g,
  )) {
    refuseUnlike(transactions?.get(column as string), operator as string, typeOfValue(value as string));
  }
  const typeOf = (prefix: string | undefined, column: string) =>
    (prefix ? transactions : merchants)?.get(column) ??
    [...types.values()].map((table) => table.get(column)).find((type) => type !== undefined);
  const padded = [transactions?.get(key ?? ''), merchants?.get(join?.[1] ?? '')].some((type) =>
    type?.startsWith('char'),
  );
  return (
    sql
      // A CHAR is compared as if the other side were padded, too.
      .replace(/ON (t\."[^"]+") = (m\.merchant)/, (all, left, right) =>
        padded ? `ON rtrim(${left}) = rtrim(${right})` : all,
      )
      .replace(/typeof\((t\.)?"([^"]+)"\)/g, (all, prefix, column) => {
        const type = typeOf(prefix, column);
        return type ? `'${type}'` : all;
      })
      // Of a floating-point number Trino rounds the shortest text, DuckDB the binary value.
      .replace(/CAST\((t\.)?"([^"]+)" AS decimal/g, (all, prefix, column) =>
        /^(double|real)$/.test(typeOf(prefix, column) ?? '')
          ? `CAST(CAST(${prefix ?? ''}"${column}" AS varchar) AS decimal`
          : all,
      )
  );
}

function tableOf(sql: string, pattern: RegExp, types: ReadonlyMap<string, TableTypes>): TableTypes | undefined {
  const name = pattern.exec(sql)?.[1];
  return name ? types.get(lastPart(name)) : undefined;
}

function lastPart(name: string): string {
  return (name.split('.').at(-1) as string).replaceAll('"', '');
}

function typeOfValue(value: string): string {
  const cast = /AS ([a-z ]+)\)$/.exec(value)?.[1];
  return cast ?? (value.startsWith("'") ? 'varchar' : value.includes('.') ? 'decimal' : 'integer');
}

function refuseUnlike(left: string | undefined, operator: string, right: string | undefined): void {
  if (left === undefined || right === undefined || kindOf(left) === kindOf(right)) return;
  throw new Refused(`TYPE_MISMATCH: Cannot apply operator: ${left} ${operator} ${right}`);
}

function kindOf(type: string): Kind {
  if (/^(varchar|char)/.test(type)) return 'text';
  if (/^(date|timestamp)/.test(type)) return 'time';
  return /^(tinyint|smallint|integer|bigint|double|real|decimal)/.test(type) ? 'number' : 'other';
}
