import type { CountedTables, Dimension } from '@tidemark/shared/warehouse';
import type { Config } from '../config.ts';
import type { ColumnFacts, HistorySource } from './source.ts';

/** What columns of these names hold, wherever payments are kept. */
const MEANINGS: Readonly<Record<string, readonly string[]>> = {
  channel: ['canal', 'channel', 'canal_venta', 'sales_channel', 'payment_channel'],
  issuer: ['emisor', 'issuer', 'banco_emisor', 'issuer_bank', 'issuing_bank', 'card_issuer'],
  method: ['metodo', 'metodo_pago', 'medio_pago', 'method', 'payment_method', 'forma_pago'],
  brand: ['marca', 'marca_tarjeta', 'brand', 'card_brand', 'franquicia'],
  acquirer: ['adquirente', 'acquirer', 'procesador', 'processor', 'gateway'],
  region: ['region', 'zona'],
};
const TEXT = /^(varchar|string|char|enum)/;

/** Columns of one table, by name in small letters. */
type Columns = ReadonlyMap<string, { readonly name: string; readonly type: string }>;

/** The tables as statements are made from them, and what is to be said of columns that are not there. */
export interface ResolvedTables {
  readonly tables: CountedTables;
  readonly remarks: readonly string[];
}

/**
 * Settles by which columns attempts are counted: those the configuration names, without the ones that are not there, or
 * with `auto` the text columns of known names. A table whose columns cannot be listed has none.
 */
export async function resolveTables(config: Config, source: Pick<HistorySource, 'columns'>): Promise<ResolvedTables> {
  const transactions = await columnsOf(source, config.transactions.table);
  const merchants = await columnsOf(source, config.merchants.table);
  const { dimensions: asked, ...tables } = config;
  if (asked === 'auto')
    return { tables: { ...tables, dimensions: known(config, transactions, merchants) }, remarks: [] };
  const dimensions: Dimension[] = [];
  const remarks: string[] = [];
  for (const [name, given] of Object.entries(asked)) {
    const { column, table } = typeof given === 'string' ? { column: given, table: 'transactions' as const } : given;
    const found = (table === 'merchants' ? merchants : transactions).get(column.toLowerCase());
    if (found) dimensions.push({ name, column: found.name, table });
    else {
      remarks.push(
        `dimension ${name}: table ${config[table].table} has no column ${column}; attempts are not counted by it. Name another in dimensions, or take it out`,
      );
    }
  }
  return { tables: { ...tables, dimensions }, remarks };
}

async function columnsOf(source: Pick<HistorySource, 'columns'>, table: string): Promise<Columns> {
  const facts: ReadonlyMap<string, ColumnFacts> = await source.columns(table);
  return new Map([...facts].map(([name, { type }]) => [name.toLowerCase(), { name, type }]));
}

function known(config: Config, transactions: Columns, merchants: Columns): Dimension[] {
  const used = usedColumns(config);
  const dimensions: Dimension[] = [];
  for (const [name, columns] of Object.entries(MEANINGS)) {
    for (const [table, have] of [
      ['transactions', transactions],
      ['merchants', merchants],
    ] as const) {
      const found = columns
        .map((column) => have.get(column))
        .find((one) => one && TEXT.test(one.type) && !used.has(one.name.toLowerCase()));
      if (!found || dimensions.some((one) => one.name === name)) continue;
      dimensions.push({ name, column: found.name, table });
    }
  }
  return dimensions;
}

function usedColumns({ transactions, merchants }: Config): Set<string> {
  const { time, partition, merchant, amount, status, type } = transactions;
  const names = [time.column, partition?.column, merchant, amount, status?.column, type?.column];
  return new Set([...names, merchants.key, merchants.client].flatMap((one) => (one ? [one.toLowerCase()] : [])));
}
