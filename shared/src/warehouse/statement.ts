import { UserError } from '../errors.ts';

/** SQL in Trino's dialect with a `?` for each parameter, in order; `?` stands in WHERE only, as Athena demands. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly (string | number)[];
}

/** Collects parameters in the order in which their `?` are written. */
export class Parameters {
  readonly values: (string | number)[] = [];

  /** A `?` for one value. */
  one(value: string | number): string {
    this.values.push(value);
    return '?';
  }

  /** `?, ?, …` for a list. */
  list(values: readonly (string | number)[]): string {
    return values.map((value) => this.one(value)).join(', ');
  }
}

/**
 * A column or table name as a quoted identifier.
 * @throws UserError `invalid-identifier` for anything but letters, digits, `_`, `$`, `-` and blanks.
 */
export function quoted(name: string): string {
  if (!/^[\p{L}\p{N}_$ -]{1,255}$/u.test(name)) {
    throw new UserError(
      'invalid-identifier',
      `invalid name of a table or column; not letters, digits, _ $ - or blank: ${name}`,
    );
  }
  return `"${name}"`;
}

/**
 * SQL for a column's value as text. One of type CHAR(n), which Trino pads with blanks to its length, comes without them,
 * so that it compares as in other engines.
 */
export function textOf(column: string): string {
  const text = `CAST(${column} AS varchar)`;
  return `CASE WHEN typeof(${column}) LIKE 'char%' THEN rtrim(${text}) ELSE ${text} END`;
}

/** A table name of up to three parts, `catalog.database.table`, each quoted. */
export function quotedTable(name: string): string {
  const parts = name.split('.');
  if (parts.length > 3) {
    throw new UserError('invalid-identifier', `invalid table name; more parts than catalog.database.table: ${name}`);
  }
  return parts.map(quoted).join('.');
}

/** Parameters as Athena's `ExecutionParameters` want them: strings in their own single quotes. */
export function executionParameters(statement: Statement): string[] {
  return statement.parameters.map((value) =>
    typeof value === 'number' ? String(value) : `'${value.replaceAll("'", "''")}'`,
  );
}
