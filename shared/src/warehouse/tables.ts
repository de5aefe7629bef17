/** Where payments lie and how they are to be read: the part of the configuration that statements are made from. */
export interface PaymentTables {
  readonly transactions: {
    readonly table: string;
    readonly time: {
      readonly column: string;
      readonly type: 'timestamp' | 'timestamptz' | 'date';
      readonly zone: string;
    };
    /** Partition column, where it is not the time column. */
    readonly partition?: Partition | undefined;
    readonly merchant: string;
    readonly amount: string;
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

/** How a table's partitions name the day. */
export interface Partition {
  readonly column: string;
  readonly type: 'date' | 'timestamp' | 'string';
  readonly format: 'YYYY-MM-DD' | 'YYYYMMDD' | 'YYYY-MM';
}
