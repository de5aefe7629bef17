import { UserError } from '../../../../errors.ts';

/** Kinds of DuckDB's errors that come from what is in the files, not from a statement of ours. */
const OF_DATA = /^(Invalid Input|Conversion|IO|Out of Range|Invalid|Serialization|Permission) Error: /;

/** A column that a statement names and the files lack; the alias is that of our statements. */
const ABSENT = /^Binder Error: (?:Values list|Table) "(\w+)" does not have a column named "([^"]*)"/;
const TABLES: Readonly<Record<string, string>> = { t: 'transactions', m: 'merchants' };

/**
 * A failed read of files as the user's error, in one sentence; `null` for an error that the data does not explain.
 * @param nameOf the name that a person knows a file by.
 */
export function dataError(error: unknown, nameOf: (path: string) => string): UserError | null {
  if (!(error instanceof Error) || error instanceof UserError) return null;
  const { message } = error;
  const [, alias = '', column] = ABSENT.exec(message) ?? [];
  if (column !== undefined) {
    const table = TABLES[alias] ?? 'history';
    return wrong(`no column ${column} in the files of ${table}; correct its name in the settings, or the files`, error);
  }
  if (!OF_DATA.test(message)) return null;
  const path =
    /^ {2}file = (.*)$/m.exec(message)?.[1] ??
    /(?:file|File|stream:?) ["']?(\/[^"'\n]+?)["']?(?:$|[ :,.]\s)/m.exec(message)?.[1];
  const file = path === undefined ? 'the history' : nameOf(path);
  const line = /CSV Error on Line: (\d+)/.exec(message)?.[1];
  const columns = /Expected Number of Columns: (\d+) Found: (\d+)/.exec(message);
  const original = /^Original Line: ?(.*)$/m.exec(message)?.[1]?.slice(0, 120);
  const at = line === undefined ? file : `${file}, line ${line}`;
  const shown = original ? `: ${JSON.stringify(original)}` : '';
  if (columns) {
    return wrong(
      `${at}: ${columns[2]} columns where the header has ${columns[1]}${shown}; correct the line, or quote the cell that holds the delimiter`,
      error,
    );
  }
  if (/unterminated quote/.test(message))
    return wrong(`${at}: a quote that is never closed${shown}; correct the line`, error);
  if (/not utf-8|Invalid unicode/i.test(message))
    return wrong(`${at}: not UTF-8${shown}; name its encoding in files.encoding`, error);
  if (/CSV Parser/.test(message)) {
    return wrong(
      `${file} is not CSV as RFC 4180 has it: quotes inside unquoted cells, or line ends of two kinds; export it again`,
      error,
    );
  }
  return wrong(`cannot read ${at}: ${firstLine(message)}`, error);
}

function wrong(message: string, cause: Error): UserError {
  return new UserError('unreadable-data', message, { cause });
}

function firstLine(message: string): string {
  const [first = ''] = message.split('\n');
  return first.replace(/^[A-Za-z ]+ Error: /, '');
}
