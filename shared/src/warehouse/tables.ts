/** Units of whole or broken numbers since 1970, by how many of them make a second. */
export const EPOCH_UNITS = { 'epoch-s': 1, 'epoch-ms': 1e3, 'epoch-us': 1e6, 'epoch-ns': 1e9 } as const;

export type EpochUnit = keyof typeof EPOCH_UNITS;

/** Where payments lie and how they are to be read: the part of the configuration that statements are made from. */
export interface PaymentTables {
  readonly transactions: {
    readonly table: string;
    readonly time: {
      readonly column: string;
      readonly type: 'timestamp' | 'timestamptz' | 'date' | EpochUnit | 'text';
      readonly zone: string;
      /** Of a `text` column, see `parseTimeFormat`. */
      readonly format?: string | undefined;
      /** Whether the column holds the type's values as ISO text, as CSV files do. */
      readonly asText?: boolean | undefined;
    };
    /** Partition column, where it is not the time column. */
    readonly partition?: Partition | undefined;
    readonly merchant: string;
    readonly amount: string;
    /** How amounts are written, where the column is text. */
    readonly amountFormat?:
      | {
          readonly decimal: '.' | ',' | '٫' | '·';
          readonly thousands: '' | ',' | '.' | ' ' | "'" | '٬';
          readonly currency: string;
        }
      | undefined;
    /** `minor`: amounts are whole numbers of the currency's smallest unit, 12345 for 123.45. */
    readonly amountUnit?: 'major' | 'minor' | undefined;
    /** Column that names a transaction: what is delivered twice counts once. Without one every row counts. */
    readonly id?: string | null | undefined;
    /** What a negative sale does: it makes the gross smaller, is a refund, or counts as its absolute amount. */
    readonly negativeSales?: 'subtract' | 'refund' | 'absolute' | undefined;
    /** Decimals of the currency. */
    readonly decimals: number;
    /** `null`: every row counts. */
    readonly status: { readonly column: string; readonly accepted: readonly string[] } | null;
    /** `null`: negative amounts are the refunds. */
    readonly type: {
      readonly column: string;
      readonly sales: readonly string[];
      readonly refunds: readonly string[];
    } | null;
  };
  readonly merchants: { readonly table: string; readonly key: string; readonly client: string };
  readonly clients: 'all' | readonly string[];
  readonly stepHours: number;
}

/** The same, with the columns by whose values attempts are counted too; none unless given. */
export interface CountedTables extends PaymentTables {
  readonly dimensions?: readonly Dimension[] | undefined;
  /** Dimensions that are counted two by two as well, by their places; only by `columnStatement`. */
  readonly pairs?: readonly (readonly [number, number])[] | undefined;
}

/** A column by whose values attempts are counted: channel, issuer, method and the like. */
export interface Dimension {
  /** What the column means, in the words of alarms and reports. */
  readonly name: string;
  readonly column: string;
  readonly table: 'transactions' | 'merchants';
}

/** How a table's partitions name the day. */
export interface Partition {
  readonly column: string;
  readonly type: 'date' | 'timestamp' | 'string';
  readonly format: 'YYYY-MM-DD' | 'YYYYMMDD' | 'YYYY-MM';
}
