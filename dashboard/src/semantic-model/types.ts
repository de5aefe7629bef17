/** Data type of a column in the tabular model. */
export type DataType = 'string' | 'double' | 'int64' | 'dateTime' | 'boolean';

export interface Column {
  /** Name in the model, e.g. `Bucket start`. */
  readonly name: string;
  /** Name in the query's result, e.g. `bucket_start`; `null` for a column computed in DAX. */
  readonly source: string | null;
  readonly type: DataType;
  readonly description: string;
  readonly hidden?: boolean;
  readonly key?: boolean;
  readonly format?: string;
  /** Column of the same table that gives the order. */
  readonly sortBy?: string;
  /** What its text is to Power BI: an address is shown as a link. */
  readonly category?: 'WebUrl';
  /** DAX of a computed column. */
  readonly expression?: string;
}

export interface Table {
  readonly name: string;
  readonly description: string;
  readonly columns: readonly Column[];
  readonly measures?: readonly Measure[];
  /** M query that fills the table. */
  readonly query: string;
  /** Which part of it a refresh reads anew; left out, all of it. */
  readonly refreshPolicy?: RefreshPolicy;
  readonly hidden?: boolean;
  /** Is this the calendar of the model? */
  readonly calendar?: boolean;
}

export interface Measure {
  readonly name: string;
  readonly expression: string;
  readonly description: string;
  readonly folder: string;
  /** Format string; left out for text. */
  readonly format?: string;
  /** What its text is to Power BI: an address is shown as a link. */
  readonly category?: 'WebUrl';
  readonly hidden?: boolean;
}

/** A rolling window of months, of which the last days are read anew at each refresh and the rest is kept. */
export interface RefreshPolicy {
  readonly keptMonths: number;
  readonly refreshedDays: number;
  /** Days after today that belong to the window. */
  readonly daysAhead: number;
}

/** A role, with the rows of some tables that its members see: DAX that is true for them. */
export interface Role {
  readonly name: string;
  readonly description: string;
  readonly rows: Readonly<Record<string, string>>;
}

/** From the many side to the one side. */
export interface Relationship {
  readonly from: readonly [table: string, column: string];
  readonly to: readonly [table: string, column: string];
}

/** A parameter or a function shared by the queries. */
export interface SharedQuery {
  readonly name: string;
  readonly description: string;
  readonly expression: string;
  /** Type of the parameter; left out for a function. */
  readonly parameter?: 'Text' | 'Number' | 'DateTime';
}

export interface SemanticModel {
  readonly sharedQueries: readonly SharedQuery[];
  readonly tables: readonly Table[];
  readonly relationships: readonly Relationship[];
  readonly roles: readonly Role[];
}
