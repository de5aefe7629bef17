import { bigint, customType, doublePrecision, index, pgTable, primaryKey, uniqueIndex } from 'drizzle-orm/pg-core';
import { type Builders, tables } from './tables.ts';

const integer = (name?: string) => (name ? bigint(name, { mode: 'number' }) : bigint({ mode: 'number' }));
const number = () => bigint({ mode: 'number' }).generatedByDefaultAsIdentity();
const textByCode = customType<{ data: string }>({ dataType: () => 'text COLLATE "C"' });

const builders = {
  table: pgTable,
  integer,
  generatedKey: () => number().primaryKey(),
  entryNumber: number,
  real: (name?: string) => (name ? doublePrecision(name) : doublePrecision()),
  text: (name?: string) => (name ? textByCode(name) : textByCode()),
  primaryKey,
  entryKey: (...columns: never[]) => [primaryKey({ columns: columns as never })],
  index,
  uniqueIndex,
};

/** The tables of PostgreSQL. */
export const {
  series,
  actual,
  stagedActual,
  part,
  seriesPart,
  watch,
  incidentBook,
  storm,
  pending,
  issue,
  verdict,
  recount,
  change,
  snapshot,
  incident,
  explanation,
  columnAnswer,
  seriesFault,
  claim,
  maintenance,
  model,
  modelPart,
  golive,
  cycle,
  delivery,
  serviceIncident,
  setting,
} = tables(builders as unknown as Builders);
