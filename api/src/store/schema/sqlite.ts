import { index, integer, primaryKey, real, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { type Builders, tables } from './tables.ts';

const builders = {
  table: sqliteTable,
  integer,
  generatedKey: () => integer().primaryKey(),
  entryNumber: () => integer().primaryKey(),
  real,
  text,
  primaryKey,
  entryKey: () => [],
  index,
  uniqueIndex,
};

/** The tables of the embedded file and of D1. */
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
