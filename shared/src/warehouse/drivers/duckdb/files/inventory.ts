import { closeSync, existsSync, openSync, readdirSync, readSync, realpathSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { UserError } from '../../../../errors.ts';

/** The files that hold one table. */
export interface TableFiles {
  readonly kind: 'parquet' | 'csv';
  /** Paths in order. */
  readonly files: readonly string[];
}

/** What a history folder holds, file by file. */
export interface Inventory {
  readonly tables: ReadonlyMap<string, TableFiles>;
  /** Paths below the folder that nothing reads and that are no data. */
  readonly other: readonly string[];
}

const CSV = /\.(csv|tsv|txt)(\.gz)?$/i;
const PARQUET = /\.parquet$/i;
/** Kinds that hold tables, whether we read them or not. */
const DATA =
  /\.(csv|tsv|parquet|pqt|xlsx?|xlsb|ods|avro|orc|jsonl|ndjson|feather|arrow|sav|dta|sas7bdat|dbf|gz|bz2|xz|zst|lz4|snappy|zip|7z|rar|tar|tgz)$/i;

/**
 * Sorts every file of a history folder: read as part of a table, ignored as configured, or no data. A name that begins
 * with a dot or underscore is no data, as Hive has it.
 * @throws UserError `history-not-found` where a table has no file, `ambiguous-table` where it stands there twice,
 * `unread-file` where a file of data would not be read.
 * @param columns of the transaction table: a text file beside the tables whose first line has none of them, and whose name
 * is no table's, is another's data and left alone.
 */
export function inventory(
  folder: string,
  tables: readonly string[],
  ignore: readonly string[],
  columns: readonly string[] = [],
): Inventory {
  const ignored = (path: string) => ignore.some((pattern) => matches(pattern, path));
  const found = new Map<string, TableFiles>();
  const taken = new Set<string>();
  const visible = filesBelow(folder).filter((path) => !isHidden(path) && !ignored(path));
  for (const table of new Set(tables)) {
    const files = filesOf(folder, table, visible);
    for (const file of files.files) taken.add(relative(folder, file));
    found.set(table, files);
  }
  const rest = visible.filter((path) => !taken.has(path));
  const unread = rest.filter(
    (path) =>
      (DATA.test(path) && !isForeign(folder, path, tables, columns)) ||
      (CSV.test(path) && tables.some((table) => path.startsWith(`${table}/`))),
  );
  if (unread.length > 0) throw unreadFiles(folder, unread, tables);
  return { tables: found, other: rest };
}

/** Characters in which a header is looked for. */
const HEADER_BYTES = 4_096;

function isForeign(folder: string, path: string, tables: readonly string[], columns: readonly string[]): boolean {
  if (columns.length === 0 || path.includes('/') || !/\.(csv|tsv)$/i.test(path)) return false;
  if (tables.some((table) => path.toLowerCase().startsWith(table.toLowerCase()))) return false;
  // Of UTF-16 the zero bytes go; names of columns are plain letters in any encoding.
  const start = startOf(join(folder, path)).toString('latin1').replaceAll('\0', '');
  const header = start.split(/[\r\n]/)[0]?.toLowerCase() ?? '';
  return !columns.some((column) => header.includes(column.toLowerCase()));
}

function startOf(file: string): Buffer {
  const buffer = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, 'r');
  try {
    return buffer.subarray(0, readSync(descriptor, buffer, 0, HEADER_BYTES, 0));
  } finally {
    closeSync(descriptor);
  }
}

function filesOf(folder: string, table: string, visible: readonly string[]): TableFiles {
  const alone = visible.filter(
    (path) =>
      path.toLowerCase().startsWith(`${table.toLowerCase()}.`) &&
      !path.includes('/') &&
      (CSV.test(path) || PARQUET.test(path)) &&
      path.slice(table.length).replace(CSV, '').replace(PARQUET, '') === '',
  );
  const nested = visible.filter((path) => path.startsWith(`${table}/`) && (CSV.test(path) || PARQUET.test(path)));
  const all = [...alone, ...nested];
  if (all.length === 0) {
    throw new UserError(
      'history-not-found',
      `no table ${table} in ${folder}; expected ${table}.parquet, ${table}.csv or a folder ${table}/ of such files`,
    );
  }
  if (alone.length > 1 || (alone.length > 0 && nested.length > 0)) {
    throw new UserError(
      'ambiguous-table',
      `table ${table} is in ${folder} more than once: ${list([...alone, ...(nested.length > 0 ? [`${table}/`] : [])])}; keep one of them, or name the others in files.ignore`,
    );
  }
  const parquet = all.filter((path) => PARQUET.test(path));
  const csv = all.find((path) => !PARQUET.test(path));
  if (parquet.length > 0 && csv !== undefined) {
    throw new UserError(
      'ambiguous-table',
      `table ${table} is in files of two kinds, ${parquet[0]} and ${csv}; keep one kind, or name the others in files.ignore`,
    );
  }
  return { kind: parquet.length > 0 ? 'parquet' : 'csv', files: all.sort().map((path) => join(folder, path)) };
}

function unreadFiles(folder: string, unread: readonly string[], tables: readonly string[]): UserError {
  const accepted = tables
    .flatMap((table) => [`${table}.csv`, `${table}.csv.gz`, `${table}.parquet`, `${table}/`])
    .join(', ');
  return new UserError(
    'unread-file',
    `${unread.length === 1 ? 'a file' : `${unread.length} files`} of data in ${folder} would not be read: ${list(unread)}; read are ${accepted} (in folders .csv, .tsv, .txt, each also .gz, or .parquet); move or convert ${unread.length === 1 ? 'it' : 'them'}, or name ${unread.length === 1 ? 'it' : 'them'} in files.ignore`,
  );
}

/**
 * Paths below a folder, with `/`. Links to folders are followed, as mounted volumes have them, but none to a folder on the
 * way to it. A work folder of the trainer's own inside it is passed over.
 */
function filesBelow(folder: string, prefix = '', above: readonly string[] = []): string[] {
  const here = join(folder, prefix);
  const real = realpathSync(here);
  if (above.includes(real)) return [];
  if (prefix !== '' && existsSync(join(here, 'history', 'manifest.json'))) return [];
  return readdirSync(here)
    .flatMap((name) => {
      const path = prefix === '' ? name : `${prefix}/${name}`;
      if (isHidden(name)) return [path];
      const isFolder = statSync(join(folder, path), { throwIfNoEntry: false })?.isDirectory();
      return isFolder ? filesBelow(folder, path, [...above, real]) : [path];
    })
    .sort();
}

function isHidden(path: string): boolean {
  return path.split('/').some((part) => /^[._]/.test(part));
}

function matches(pattern: string, path: string): boolean {
  const expression = pattern.replace(/[\\^$+?.()|[\]{}]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${expression}$`, 'i').test(path);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}
