import { drizzle } from 'drizzle-orm/d1';
import type { Db } from './db.ts';

/** The part of a D1 binding that is used; `wrangler` applies the migrations. */
export type D1Binding = Parameters<typeof drizzle>[0];

export function openD1(binding: D1Binding): Db {
  return drizzle(binding) as unknown as Db;
}
