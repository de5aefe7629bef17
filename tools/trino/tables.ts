import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duck, identifier, literal } from '@tidemark/shared/warehouse/duckdb';
import { askTrino, type TrinoAnswer } from './client.ts';

/** Where a running Trino is, and the folder that its catalog `hive` reads. */
export interface TrinoPlace {
  readonly url: string;
  readonly lake: string;
}

/** Tables copied into Trino, under a schema of their own. */
export interface TrinoTables {
  ask(sql: string): Promise<TrinoAnswer>;
  close(): Promise<void>;
}

/** A column as DuckDB describes it. */
interface Column {
  readonly column_name: string;
  readonly column_type: string;
}

/**
 * Copies views of a DuckDB into Trino as Parquet files, with the types that Athena has for them.
 * @param types of columns that are to have another than their own, by table and column: `char(20)`.
 */
export async function copyToTrino(
  { url, lake }: TrinoPlace,
  duck: Duck,
  tables: readonly string[],
  types: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): Promise<TrinoTables> {
  const schema = `t${randomUUID().replaceAll('-', '')}`;
  const ask = (sql: string) => askTrino(url, schema, sql);
  await ask(`CREATE SCHEMA hive.${schema}`);
  for (const table of tables) {
    const columns = await duck.rows<Column>(`DESCRIBE ${identifier(table)}`);
    const folder = join(lake, 'files', schema, table);
    await mkdir(folder, { recursive: true });
    const values = columns.map(({ column_name: name, column_type: type }) => {
      // The Hive connector has no zoned timestamps: they are stored as UTC's wall clock.
      const value = /WITH TIME ZONE/.test(type) ? `timezone('UTC', ${identifier(name)})` : identifier(name);
      return `${value} AS ${identifier(name)}`;
    });
    await duck.run(
      `COPY (SELECT ${values.join(', ')} FROM ${identifier(table)}) TO ${literal(join(folder, 'all.parquet'))} (FORMAT parquet)`,
    );
    const described = columns.map((column) => `${identifier(column.column_name)} ${typeOf(column)}`);
    await ask(
      `CREATE TABLE "${table} files" (${described.join(', ')}) WITH (format = 'PARQUET', external_location = 'local:///files/${schema}/${table}')`,
    );
    const shown = columns.map(({ column_name: name, column_type: type }) => {
      const column = identifier(name);
      const other = types[table]?.[name];
      if (other) return `CAST(${column} AS ${other}) AS ${column}`;
      return /WITH TIME ZONE/.test(type) ? `with_timezone(${column}, 'UTC') AS ${column}` : column;
    });
    await ask(`CREATE VIEW ${identifier(table)} AS SELECT ${shown.join(', ')} FROM "${table} files"`);
  }
  return {
    ask,
    async close() {
      await ask(`DROP SCHEMA hive.${schema} CASCADE`);
      await rm(join(lake, 'files', schema), { recursive: true, force: true });
    },
  };
}

function typeOf({ column_type: type }: Column): string {
  if (/^TIMESTAMP/.test(type)) return 'timestamp(3)';
  if (/^(HUGEINT|UBIGINT)$/.test(type)) return 'bigint';
  if (type === 'FLOAT') return 'real';
  return type.toLowerCase();
}
