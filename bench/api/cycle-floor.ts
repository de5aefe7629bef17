import { openDatabaseFile } from '@tidemark/api/testing/store';
import {
  type Artifact,
  createForecaster,
  decodeState,
  encodeState,
  type SeriesState,
} from '@tidemark/shared/forecasting';
import { type SQL, sql } from 'drizzle-orm';

type Db = Awaited<ReturnType<typeof openDatabaseFile>>['db'];

/** Tables that a cycle writes rows of the newest bucket to, with the column that says which. */
const TABLES = [
  ['issue', 'origin'],
  ['verdict', 'bucket'],
  ['actual', 'bucket'],
  ['snapshot', 'origin'],
] as const;

/** Characters of one JSON text of rows. */
const MAX_JSON = 330_000;

/**
 * What a cycle cannot do without, in seconds of processor time: one observation and one forecast per series by the same
 * model, and the rows that the cycle wrote, written once more in one transaction to an empty database of the same schema.
 * @param state of one series before its newest bucket.
 */
export async function measureFloor(
  db: Db,
  terms: { readonly artifact: Artifact; readonly state: SeriesState; readonly value: number; readonly file: string },
): Promise<{ forward: number; write: number }> {
  const { artifact, value, file } = terms;
  const forecaster = createForecaster(artifact);
  const bytes = encodeState(terms.state);
  const states = forecaster.seriesIds.map((seriesId) =>
    Object.defineProperty(decodeState(bytes), 'seriesId', { value: seriesId }),
  );
  const newest = terms.state.origin + 1;
  const tables = await Promise.all(TABLES.map(async ([table, column]) => rowsOf(db, table, column, newest)));
  // What is compiled while it first runs is no part of a floor.
  forecaster.forecast(decodeState(bytes));
  const forward = cpuOf(() => {
    for (const state of states) {
      forecaster.observe(state, newest, value);
      forecaster.forecast(state);
    }
  });
  const target = await openDatabaseFile(file);
  const before = process.cpuUsage();
  await target.db.transact(tables.flat());
  const write = secondsSince(before);
  target.close();
  return { forward, write };
}

/** Statements that insert the rows of a bucket as they are. */
async function rowsOf(db: Db, table: string, column: string, bucket: number): Promise<SQL[]> {
  const rows = await db.all<Record<string, unknown>>(sql.raw(`SELECT * FROM ${table} WHERE ${column} = ${bucket}`));
  const names = Object.keys(rows[0] ?? {});
  if (names.length === 0) throw new Error(`the cycle wrote nothing to ${table}`);
  const cells = names.map((_, index) => `value->>${index}`).join(', ');
  const into = sql.raw(`INSERT INTO ${table} (${names.map((name) => `"${name}"`).join(', ')}) SELECT ${cells}`);
  const statements: SQL[] = [];
  let part: string[] = [];
  let length = 0;
  const flush = () => {
    if (part.length > 0) statements.push(sql`${into} FROM json_each(${`[${part.join(',')}]`})`);
    part = [];
    length = 0;
  };
  for (const row of rows) {
    const text = JSON.stringify(Object.values(row));
    if (length + text.length > MAX_JSON) flush();
    part.push(text);
    length += text.length;
  }
  flush();
  return statements;
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  return secondsSince(before);
}

function secondsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}
