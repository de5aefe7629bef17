import { getTableConfig as postgresConfig } from 'drizzle-orm/pg-core';
import { getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core';
import { expect, test } from 'vitest';
import * as postgres from './postgres.ts';
import * as sqlite from './sqlite.ts';

const postgresTables = Object.values(postgres).map((table) => postgresConfig(table as never));
const sqliteTables = Object.values(sqlite).map((table) => sqliteConfig(table as never));

test('every engine has the same tables with the same columns', () => {
  const shape = ({ name, columns }: (typeof postgresTables)[number] | (typeof sqliteTables)[number]) => ({
    name,
    columns: columns.map((column) => ({ name: column.name, notNull: column.notNull })),
  });
  expect(postgresTables.length).toBeGreaterThan(20);
  // A number that SQLite gives out itself may be null until it does.
  const given = new Set(['id', 'key']);
  const comparable = (tables: ReturnType<typeof shape>[]) =>
    tables.map(({ name, columns }) => ({ name, columns: columns.filter((column) => !given.has(column.name)) }));
  expect(comparable(postgresTables.map(shape))).toEqual(comparable(sqliteTables.map(shape)));
});

test('what grows with time is keyed by series first and then by time, so that an engine can distribute it by series', () => {
  const growing = ['actual', 'issue', 'verdict', 'change', 'pending', 'snapshot', 'watch'];
  const keys = postgresTables
    .filter(({ name }) => growing.includes(name))
    .map(({ name, primaryKeys, indexes }) => {
      const unique = indexes.filter(({ config }) => config.unique).map(({ config }) => config.columns);
      const key = [...primaryKeys.map(({ columns }) => columns), ...unique][0] ?? [];
      return { name, key: key.slice(0, 2).map((column) => (column as { name: string }).name) };
    });
  expect(keys.length).toBe(growing.length);
  for (const { name, key } of keys) {
    expect([name, key[0], ['bucket', 'origin'].includes(key[1] ?? '')]).toEqual([name, 'series', true]);
  }
});
