import { DAY_MS } from '@tidemark/shared/forecasting';
import {
  accountStatement,
  bucketStatement,
  type CountedTables,
  clientStatement,
  columnStatement,
  type Dimension,
  daysStatement,
  executionParameters,
  idStatement,
  merchantStatement,
  monthWindows,
  ownerStatement,
  rangeStatement,
  repeatsStatement,
  shapesStatement,
  unreadableStatement,
} from '@tidemark/shared/warehouse';
import { bind } from '@tidemark/tools/athena-local/parameters';
import { config } from '@tidemark/tools/payments/fetching';
import type { Config } from '@tidemark/trainer/testing/config';
import { beforeAll, describe, expect, test } from 'vitest';
import { type GrammarCheck, trinoGrammar } from './grammar.ts';

let complaints: GrammarCheck;
beforeAll(async () => {
  complaints = await trinoGrammar();
});

const times = [
  { type: 'timestamp' },
  { type: 'timestamp', zone: 'America/New_York' },
  { type: 'timestamptz' },
  { type: 'date' },
  { type: 'date', zone: 'Australia/Lord_Howe' },
  { type: 'epoch-ns' },
  { type: 'text', format: 'DD/MM/YYYY hh:mm A', zone: 'Europe/Madrid' },
  { type: 'text', format: 'DD-MMM-YY HH:mm:ss Z' },
];
const partitions = [
  undefined,
  { column: 'dt', type: 'string', format: 'YYYY-MM' },
  { column: 'dt', type: 'date' },
  { column: 'Day Of', type: 'timestamp' },
];
const others = [
  {},
  { clients: ["O'Higgins", 'a"b', '?', 'x; DROP TABLE y --'] },
  { transactions: { table: 'lake.payments-2024', status: null, type: null, amountUnit: 'minor' } },
  {
    transactions: {
      id: 'txn_id',
      amountFormat: { decimal: ',', thousands: '.', currency: 'R$' },
      amountUnit: 'minor',
      decimals: 3,
      negativeSales: 'refund',
    },
  },
];

/** No dimension, two, and many of both tables. */
const dimensions: readonly (readonly Dimension[])[] = [
  [],
  [
    { name: 'channel', column: 'canal', table: 'transactions' },
    { name: 'region', column: 'Región del Sur', table: 'merchants' },
  ],
  ['a', 'b', 'c', 'd'].map((column) => ({ name: column, column, table: 'transactions' })),
];
const tablesOf = (settings: Config, nth = 0): CountedTables => ({ ...settings, dimensions: dimensions[nth % 3] });

const all = times.flatMap((time) =>
  partitions.flatMap((partition) =>
    others.map((other) =>
      config({ ...other, transactions: { ...other.transactions, time, ...(partition ? { partition } : {}) } }),
    ),
  ),
);
const FROM_MS = Date.parse('2024-01-15T00:00:00Z');
const year = monthWindows(Date.parse('2024-01-15T00:00:00Z'), Date.parse('2024-12-02T00:00:00Z'));
const weekBefore = (days: number) => ({
  fromMs: FROM_MS - days * DAY_MS,
  toMs: FROM_MS - days * DAY_MS + DAY_MS / 4,
});
const statements = all.flatMap((settings, nth) => [
  ...year.map((window) => bucketStatement(tablesOf(settings, nth), window.fromMs, window.toMs)),
  // The part that differs by configuration is that of the others.
  ...(nth % 5 > 0
    ? []
    : [columnStatement({ ...tablesOf(settings, 1), clients: ["O'Higgins"] }, [0, 7, 14].map(weekBefore))]),
  rangeStatement(settings),
  rangeStatement(settings, year[0]?.fromMs),
  rangeStatement(settings, year[0]?.fromMs, year[2]?.toMs),
  daysStatement(settings),
  daysStatement(settings, year[0]?.fromMs),
  ...(['inside', 'outside'] as const).map((side) => accountStatement(settings, FROM_MS, FROM_MS + 31 * DAY_MS, side)),
  repeatsStatement(
    { ...settings, transactions: { ...settings.transactions, id: 'txn_id' } },
    FROM_MS,
    FROM_MS + DAY_MS,
  ),
  unreadableStatement('time', settings),
  unreadableStatement('amount', settings),
  shapesStatement(settings.transactions.table, settings.transactions.amount),
  idStatement(settings, 'txn_id'),
  merchantStatement(settings),
  ownerStatement(settings),
  clientStatement(settings),
]);

describe('every statement that is ever generated', () => {
  test('parses by the grammar of Trino', () => {
    const distinct = [...new Set(statements.map(({ sql }) => sql))];
    expect(distinct.length).toBeGreaterThan(60);
    for (const sql of distinct) expect(complaints(sql), sql).toEqual([]);
  });

  test('keeps to the rules of execution parameters: one literal for each `?`, in WHERE only', () => {
    for (const statement of statements) {
      const bound = bind(statement.sql, executionParameters(statement));
      expect(bound.replace(/'(?:[^']|'')*'/g, '')).not.toContain('?');
    }
  });

  test('holds no value in its text: amounts, names and times travel as parameters', () => {
    for (const { sql } of statements) {
      expect(sql).not.toMatch(/venta|aprobada|Higgins|DROP TABLE|channel/);
    }
  });
});

test('the grammar does reject what is not Trino', () => {
  expect(complaints('SELECT TOP 5 x FROM y')).not.toEqual([]);
  expect(complaints('SELECT x FROM y WHERE')).not.toEqual([]);
});

test('an identifier that could break out of its quotes is refused', () => {
  const settings = config({ transactions: { amount: 'tpv" FROM x --' } });
  expect(() => bucketStatement(tablesOf(settings), 0, 7_200_000)).toThrow(/invalid name of a table or column/);
});

describe('parameters are refused as Athena refuses them', () => {
  test.each([
    ['SELECT ? FROM t', ['1'], /WHERE only/],
    ['SELECT a FROM t WHERE b = ?', [], /Incorrect number/],
    ['SELECT a FROM t WHERE b = ?', ['1', '2'], /Incorrect number/],
    ['SELECT a FROM t WHERE b = ?', ['abc'], /must be literals/],
    ['SELECT a FROM t WHERE b = ?', ["'a' OR 1 = 1"], /must be literals/],
    ['SELECT a FROM (SELECT ? AS a FROM t WHERE b = 1) AS s', ['1'], /WHERE only/],
  ])('%s with %j', (sql, parameters, message) => {
    expect(() => bind(sql, parameters)).toThrow(message);
  });

  test('a `?` within quotes is no parameter', () => {
    expect(bind(`SELECT "?" FROM t WHERE b = '?' AND c IN (?)`, ["'x'"])).toBe(
      `SELECT "?" FROM t WHERE b = '?' AND c IN ('x')`,
    );
  });
});
