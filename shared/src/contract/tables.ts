import { z } from 'zod';
import { zoneClock } from '../forecasting/time/zone.ts';
import { parseTimeFormat } from '../time-format.ts';

/** A name in a configuration: of a table, a column, a client or an event. */
export const tableNameSchema = z.string().min(1).max(255);

/** An IANA time zone. */
export const timeZoneSchema = z
  .string()
  .refine(isTimeZone, { error: 'not an IANA time zone such as America/Mexico_City' });

const timeColumn = z.strictObject({
  column: tableNameSchema.default('txn_date'),
  type: z
    .enum(['timestamp', 'timestamptz', 'date', 'epoch-s', 'epoch-ms', 'epoch-us', 'epoch-ns', 'text'])
    .default('timestamp')
    .describe(
      'TIMESTAMP, TIMESTAMP WITH TIME ZONE, DATE, seconds, milliseconds, microseconds or nanoseconds since 1970, or text in a format',
    ),
  zone: timeZoneSchema.default('UTC').describe('Zone of the wall clock in a TIMESTAMP, DATE or text column'),
  format: z
    .string()
    .refine(isTimeFormat, {
      error: 'not a format of times such as DD/MM/YYYY HH:mm; tokens are YYYY YY MM MMM DD HH hh mm ss A Z',
    })
    .optional()
    .describe('Of a text column: YYYY YY MM MMM DD HH hh mm ss, A for AM or PM, Z for an offset such as +02:00'),
});

const amountFormat = z
  .strictObject({
    decimal: z.enum(['.', ',', '٫', '·']).default('.').describe('Decimal sign'),
    thousands: z
      .enum(['', ',', '.', ' ', "'", '٬'])
      .default('')
      .describe('Sign between groups of three digits; empty: none'),
    currency: z
      .string()
      .max(8)
      .regex(/^[^\d\s+().,-]*$/, 'not the sign or code of a currency')
      .default('')
      .describe('Sign or code before or after the amount, dropped'),
  })
  .refine(({ decimal, thousands }) => decimal !== thousands, { error: 'decimal and thousands sign are the same' });

const partition = z.strictObject({
  column: tableNameSchema,
  type: z.enum(['date', 'timestamp', 'string']).describe('How the partition holds the day'),
  format: z.enum(['YYYY-MM-DD', 'YYYYMMDD', 'YYYY-MM']).default('YYYY-MM-DD').describe('Of a string partition'),
});

const transactionType = z
  .strictObject({
    column: tableNameSchema.default('txn_type'),
    sales: z.array(z.string()).min(1).default(['venta']),
    refunds: z.array(z.string()).default(['devolucion']),
  })
  .refine(({ sales, refunds }) => !sales.some((one) => refunds.includes(one)), {
    error: 'sales and refunds name the same type',
  });

const status = z.strictObject({
  column: tableNameSchema.default('estatus'),
  accepted: z.array(z.string()).min(1).default(['aprobada']),
});

/** Where payments lie and how a row is to be read. */
export const transactionsSchema = z
  .strictObject({
    table: tableNameSchema.default('transactions'),
    time: timeColumn.prefault({}),
    partition: partition.optional().describe('Partition column, where it is not the time column'),
    merchant: tableNameSchema.default('id_merchant').describe('Column that joins to the merchant table'),
    amount: tableNameSchema.default('tpv'),
    amountFormat: amountFormat.optional().describe('How amounts are written, where the column is text'),
    amountUnit: z
      .enum(['major', 'minor'])
      .optional()
      .describe('minor: amounts are whole numbers of the smallest unit, 12345 for 123.45; major, as written, if unset'),
    id: tableNameSchema
      .nullable()
      .optional()
      .describe('Column that names a transaction; what is delivered twice counts once. null: each row counts'),
    negativeSales: z
      .enum(['subtract', 'refund', 'absolute'])
      .optional()
      .describe('A sale below zero: subtracts from the gross (default), is a refund, or counts as its absolute amount'),
    decimals: z.int().min(0).max(6).default(2).describe('Decimals of the currency; amounts are rounded to them'),
    status: status.nullable().prefault({}).describe('null: every row counts'),
    type: transactionType.nullable().prefault({}).describe('null: negative amounts are the refunds'),
    refundsStored: z
      .enum(['unsigned', 'signed'])
      .default('unsigned')
      .describe('Sign of a stored refund; doctor checks it'),
  })
  .refine(({ time }) => time.type !== 'text' || time.format !== undefined, {
    path: ['time', 'format'],
    error: 'needed with type text, for example DD/MM/YYYY HH:mm',
  });

/** Whose merchants are whose. */
export const merchantsSchema = z.strictObject({
  table: tableNameSchema.default('merchants'),
  key: tableNameSchema.default('id_merchant'),
  client: tableNameSchema.default('client'),
});

/** The clients that are read. */
export const clientsSchema = z.union([z.literal('all'), z.array(tableNameSchema).min(1)]).default('all');

/** Hours of a bucket. */
export const stepHoursSchema = z
  .literal([0.5, 1, 2, 3, 4, 6, 8, 12, 24])
  .describe('Length of a bucket, in hours')
  .default(2);

/** Columns by whose values attempts are counted too, by what they mean: `{"channel": "canal"}`. */
export const dimensionsSchema = z.record(
  tableNameSchema,
  z.union([
    tableNameSchema,
    z.strictObject({ column: tableNameSchema, table: z.enum(['transactions', 'merchants']).default('transactions') }),
  ]),
);

const namedColumns = dimensionsSchema.transform((named) =>
  Object.entries(named).map(([name, given]) => ({
    name,
    ...(typeof given === 'string' ? { column: given, table: 'transactions' as const } : given),
  })),
);

/** What is asked of the warehouse when an incident opens: columns, by what they mean, pairs of dimensions, and what that may read. */
export const explainSchema = z.strictObject({
  columns: namedColumns
    .refine((columns) => columns.length <= 8, { error: 'more than 8 columns' })
    .prefault({})
    .describe('Columns by which an incident is explained, by what they mean: {"decline reason": "motivo"}'),
  pairs: z
    .boolean()
    .optional()
    .describe('Whether pairs of the dimensions are asked about too; unless said, where there are columns'),
  maxScannedMb: z.number().positive().max(1e7).default(1_000).describe('MB that one statement may read'),
});

/**
 * The payment tables as the trainer's configuration and the API's `TIDEMARK_ATHENA` say them: the same words mean the
 * same to both, and what is left out fits the sample tables.
 */
export const paymentTablesSchema = z.strictObject({
  transactions: transactionsSchema.prefault({}),
  merchants: merchantsSchema.prefault({}),
  clients: clientsSchema,
  stepHours: stepHoursSchema,
  dimensions: namedColumns.prefault({}),
});

function isTimeFormat(format: string): boolean {
  try {
    parseTimeFormat(format);
    return true;
  } catch {
    return false;
  }
}

function isTimeZone(zone: string): boolean {
  try {
    zoneClock(zone);
    return true;
  } catch {
    return false;
  }
}
