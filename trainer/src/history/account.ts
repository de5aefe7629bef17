import { DAY_MS } from '@tidemark/shared/forecasting';
import {
  ACCOUNT_COLUMNS,
  accountStatement,
  type PaymentTables,
  REPEAT_COLUMNS,
  repeatsStatement,
} from '@tidemark/shared/warehouse';
import { addDecimals } from './money.ts';
import type { HistorySource } from './source.ts';

/** Why transactions are in no bucket. */
export const SET_ASIDE = {
  status: 'status that is not accepted',
  type: 'neither sale nor refund',
  'without-amount': 'no amount',
  repeated: 'id counted before',
  'other-client': 'client not asked for',
  'without-time': 'no time',
  'before-range': 'years before the rest',
  'after-now': 'after now',
} as const;

export type Reason = keyof typeof SET_ASIDE;

/** Sums of transactions; money is decimal text, `other` of those that are neither sale nor refund. */
export interface Sums {
  readonly transactions: number;
  readonly gross: string;
  readonly refunds: string;
  readonly other: string;
}

/** Sums by reason; a reason without transactions is absent. */
export type SetAside = Readonly<Partial<Record<Reason, Sums>>>;

/** All transactions of one UTC day, type and status. */
export interface AccountRow {
  /** Since the epoch; `null` without a time. */
  readonly day: number | null;
  readonly kind: string | null;
  readonly status: string | null;
  readonly transactions: number;
  readonly total: string;
  readonly magnitude: string;
  readonly below: string;
  readonly negative: number;
  readonly withoutAmount: number;
  readonly unreadable: number;
  readonly finer: number;
  readonly whole: number;
  readonly thousandths: number;
  readonly midnight: number;
}

/** Everything in `[fromMs, toMs)`, or outside it, whatever becomes of it. */
export async function accountOf(
  source: HistorySource,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
  side: 'inside' | 'outside' = 'inside',
): Promise<AccountRow[]> {
  const { rows } = await source.ask(accountStatement(source.config, fromMs, toMs, side), signal);
  return rows.map((row) => {
    const at = (name: (typeof ACCOUNT_COLUMNS)[number]) => row[ACCOUNT_COLUMNS.indexOf(name)] ?? null;
    const day = at('day');
    return {
      day: day === null ? null : Number(day),
      kind: at('kind'),
      status: at('status'),
      transactions: Number(at('transactions')),
      total: at('total') ?? '0',
      magnitude: at('magnitude') ?? '0',
      below: at('below') ?? '0',
      negative: Number(at('negative')),
      withoutAmount: Number(at('without_amount')),
      unreadable: Number(at('unreadable')),
      finer: Number(at('finer')),
      whole: Number(at('whole')),
      thousandths: Number(at('thousandths')),
      midnight: Number(at('midnight')),
    };
  });
}

/** What of `[fromMs, toMs)` is left out as a repeat of an id, in the form of account rows; nothing without an id. */
export async function repeatsOf(
  source: HistorySource,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  signal: AbortSignal,
): Promise<Pick<AccountRow, 'day' | 'kind' | 'transactions' | 'total' | 'magnitude' | 'below' | 'withoutAmount'>[]> {
  if (source.config.transactions.id == null) return [];
  const { rows } = await source.ask(repeatsStatement(source.config, fromMs, toMs), signal);
  return rows.map((row) => {
    const at = (name: (typeof REPEAT_COLUMNS)[number]) => row[REPEAT_COLUMNS.indexOf(name)] ?? null;
    return {
      day: Number(at('day')),
      kind: at('kind'),
      transactions: Number(at('transactions')),
      total: at('total') ?? '0',
      magnitude: at('magnitude') ?? '0',
      below: at('below') ?? '0',
      withoutAmount: Number(at('without_amount')),
    };
  });
}

/** Adds up sums, exactly. */
export function addSums(all: readonly Sums[]): Sums {
  const add = (of: (sums: Sums) => string) => addDecimals(all.map(of));
  return {
    transactions: all.reduce((sum, { transactions }) => sum + transactions, 0),
    gross: add((sums) => sums.gross),
    refunds: add((sums) => sums.refunds),
    other: add((sums) => sums.other),
  };
}

/** Adds up what was set aside in several places, reason by reason in the order of `SET_ASIDE`. */
export function addSetAside(all: readonly SetAside[]): SetAside {
  const reasons = (Object.keys(SET_ASIDE) as Reason[]).filter((reason) => all.some((one) => one[reason]));
  return Object.fromEntries(reasons.map((reason) => [reason, addSums(all.flatMap((one) => one[reason] ?? []))]));
}

/** What counts of a month and what was set aside, of rows inside a range. */
export interface MonthAccount {
  readonly counted: Sums;
  readonly setAside: SetAside;
}

type Repeats = Awaited<ReturnType<typeof repeatsOf>>;

/** Sorts account rows by month (UTC, `YYYY-MM`) into what counts and what does not. */
export function accountByMonth(
  rows: readonly AccountRow[],
  repeats: Repeats,
  tables: PaymentTables,
): Map<string, MonthAccount> {
  const monthOf = ({ day }: { readonly day: number | null }) => new Date((day ?? 0) * DAY_MS).toISOString().slice(0, 7);
  const months = new Set(rows.map(monthOf));
  return new Map(
    [...months].map((month) => {
      const of = rows.filter((row) => monthOf(row) === month);
      return [
        month,
        account(
          of,
          repeats.filter((row) => monthOf(row) === month),
          tables,
        ),
      ];
    }),
  );
}

function account(rows: readonly AccountRow[], repeats: Repeats, { transactions }: PaymentTables): MonthAccount {
  const sums = (row: Pick<AccountRow, 'kind' | 'transactions' | 'total' | 'magnitude' | 'below'>) =>
    sumsOf(row, transactions);
  const isAccepted = ({ status }: AccountRow) =>
    transactions.status === null || transactions.status.accepted.includes(status ?? '');
  const refused = rows.filter((row) => !isAccepted(row));
  const untyped = rows.filter((row) => isAccepted(row) && sideOf(row.kind, transactions) === 'other');
  const rest = rows.filter((row) => isAccepted(row) && sideOf(row.kind, transactions) !== 'other');
  const nothing = { gross: '0', refunds: '0', other: '0' };
  const repeated = repeats.map((row) => ({ ...sums(row), transactions: row.transactions }));
  const withoutAmount =
    rest.reduce((sum, row) => sum + row.withoutAmount, 0) - repeats.reduce((sum, row) => sum + row.withoutAmount, 0);
  const setAside: [Reason, Sums][] = [
    ['status', addSums(refused.map(sums))],
    ['type', addSums(untyped.map(sums))],
    ['without-amount', { transactions: withoutAmount, ...nothing }],
    ['repeated', addSums(repeated)],
  ];
  const counted = subtractSums(
    addSums(rest.map((row) => ({ ...sums(row), transactions: row.transactions }))),
    addSums([...repeated, { transactions: withoutAmount, ...nothing }]),
  );
  return { counted, setAside: Object.fromEntries(setAside.filter(([, { transactions: count }]) => count > 0)) };
}

/** `a` without `b`, exactly. */
export function subtractSums(a: Sums, b: Sums): Sums {
  const less = (of: (sums: Sums) => string) => addDecimals([of(a), negated(of(b))]);
  return {
    transactions: a.transactions - b.transactions,
    gross: less((sums) => sums.gross),
    refunds: less((sums) => sums.refunds),
    other: less((sums) => sums.other),
  };
}

/** Rows outside the range `[fromMs, toMs)`, by why they are. */
export function outsideAccount(rows: readonly AccountRow[], fromMs: number, { transactions }: PaymentTables): SetAside {
  const reasonOf = ({ day }: AccountRow): Reason =>
    day === null ? 'without-time' : day * DAY_MS < fromMs ? 'before-range' : 'after-now';
  return addSetAside(rows.map((row) => ({ [reasonOf(row)]: sumsOf(row, transactions) })));
}

/** A row's money by the side that its type is on. */
function sumsOf(
  row: Pick<AccountRow, 'kind' | 'transactions' | 'total' | 'magnitude' | 'below'>,
  transactions: PaymentTables['transactions'],
): Sums {
  const { total, magnitude, below } = row;
  const money = { transactions: row.transactions, gross: '0', refunds: '0', other: '0' };
  const side = sideOf(row.kind, transactions);
  if (side === 'other') return { ...money, other: total };
  if (side === 'refund') return { ...money, refunds: magnitude };
  // Without a type column the sign is the type.
  if (transactions.negativeSales === 'absolute' && transactions.type) return { ...money, gross: magnitude };
  if (transactions.negativeSales === 'refund' && transactions.type) {
    return { ...money, gross: addDecimals([total, negated(below)]), refunds: negated(below) };
  }
  return { ...money, gross: total };
}

/** The side of the balance that a stored type is on. */
export function sideOf(kind: string | null, { type }: PaymentTables['transactions']): 'sale' | 'refund' | 'other' {
  const { sales, refunds } = type ?? { sales: ['sale'], refunds: ['refund'] };
  if (kind !== null && sales.includes(kind)) return 'sale';
  return kind !== null && refunds.includes(kind) ? 'refund' : 'other';
}

function negated(decimal: string): string {
  return decimal.startsWith('-') ? decimal.slice(1) : `-${decimal}`;
}
