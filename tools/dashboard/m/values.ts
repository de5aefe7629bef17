/** An instant, a date, a time of day or a length of time, in milliseconds since the epoch, midnight or nothing. */
export class Moment {
  readonly kind: 'datetime' | 'datetimezone' | 'date' | 'duration';
  readonly ms: number;

  constructor(kind: Moment['kind'], ms: number) {
    this.kind = kind;
    this.ms = ms;
  }
}

/** A table of M: rows of cells in the order of `columns`. */
export class Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Value[])[];

  constructor(columns: readonly string[], rows: readonly (readonly Value[])[]) {
    this.columns = columns;
    this.rows = rows;
  }

  /** @throws Error naming the column when there is none, as Power Query does. */
  at(column: string): number {
    const index = this.columns.indexOf(column);
    if (index === -1) throw new MError('Expression.Error', `The column '${column}' of the table wasn't found.`);
    return index;
  }

  record(row: readonly Value[]): RecordValue {
    return new Map(this.columns.map((column, k) => [column, row[k] as Value]));
  }
}

/** A type value, by its name: `text`, `number`, `datetime`, `Int64.Type` …; a table type carries its columns. */
export class Type {
  readonly name: string;
  readonly columns: readonly string[];

  constructor(name: string, columns: readonly string[] = []) {
    this.name = name;
    this.columns = columns;
  }
}

/** Bytes of an answer, with what came beside them. */
export class Binary {
  readonly bytes: Uint8Array;
  readonly metadata: RecordValue;

  constructor(bytes: Uint8Array, metadata: RecordValue = new Map()) {
    this.bytes = bytes;
    this.metadata = metadata;
  }
}

/** An error that M itself can catch with `try`; any other stops the query, as one of credentials does. */
export class MError extends Error {
  /** @param reason such as `DataSource.Error`; Power BI shows it before the message. */
  constructor(reason: string, message: string) {
    super(`${reason}: ${message}`);
  }
}

export type RecordValue = ReadonlyMap<string, Value>;
export type Fn = (...values: Value[]) => Value | Promise<Value>;
export type Value =
  | null
  | boolean
  | number
  | string
  | Moment
  | Table
  | Type
  | Binary
  | RecordValue
  | Fn
  | readonly Value[];

/** Are two values equal by M's `=`? */
export function same(one: Value, other: Value): boolean {
  if (one instanceof Moment && other instanceof Moment) return one.kind === other.kind && one.ms === other.ms;
  return one === other;
}

/** The number by which M's `<` orders numbers and moments; `null` orders nothing. */
export function rank(value: Value): number | null {
  if (value === null) return null;
  if (typeof value === 'number') return value;
  if (value instanceof Moment) return value.ms;
  throw new Error(`M cannot order ${String(value)}`);
}
