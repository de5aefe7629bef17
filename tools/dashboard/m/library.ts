import { DAY_MS } from '@tidemark/shared/forecasting';
import { readCsv } from './csv.ts';
import { Binary, type Fn, MError, Moment, type RecordValue, rank, same, Table, Type, type Value } from './values.ts';

/**
 * The functions and constants of Power Query's library that the dashboard's queries use, as documented by Microsoft.
 * `Web.Contents` and the clock come from outside.
 */
export function library(now: () => number): ReadonlyMap<string, Value> {
  const utcNow = () => new Moment('datetimezone', now());
  return new Map<string, Value>([
    ...typed(TABLES),
    ...typed(LISTS),
    ...typed(TIMES),
    ...typed(TEXTS),
    ...typed(ANSWERS),
    ['DateTimeZone.UtcNow', utcNow],
    ['DateTimeZone.FixedUtcNow', utcNow],
    ['Day.Monday', 1],
    ['QuoteStyle.Csv', 1],
    ['Int64.Type', new Type('Int64.Type')],
    [FROM_END, FROM_END],
    ['Replacer.ReplaceValue', 'Replacer.ReplaceValue'],
  ]);
}

// biome-ignore lint/suspicious/noExplicitAny: each function takes the values its own documentation names
type Loose = Record<string, (...values: any[]) => Value | Promise<Value>>;

function typed(functions: Loose): [string, Fn][] {
  return Object.entries(functions) as [string, Fn][];
}

/** Where a delimiter stands: the first from the start, or from the end where the pair says so. */
function placeOf(text: string, delimiter: string, which?: readonly [index: number, from: string]): number {
  if (which === undefined) return text.indexOf(delimiter);
  if (which[0] !== 0 || which[1] !== FROM_END) throw new Error('only the first delimiter from the end is known here');
  return text.lastIndexOf(delimiter);
}

const FROM_END = 'RelativePosition.FromEnd';

const TEXTS: Loose = {
  'Text.Split': (text: string, separator: string) => text.split(separator),
  'Text.Contains': (text: string, part: string) => text.includes(part),
  'Text.Trim': (text: string) => text.trim(),
  'Text.Lower': (text: string) => text.toLowerCase(),
  'Text.BeforeDelimiter': (text: string, delimiter: string, which?: [number, string]) => {
    const place = placeOf(text, delimiter, which);
    return place < 0 ? text : text.slice(0, place);
  },
  'Text.AfterDelimiter': (text: string, delimiter: string, which?: [number, string]) => {
    const place = placeOf(text, delimiter, which);
    return place < 0 ? '' : text.slice(place + delimiter.length);
  },
  'Number.FromText': (text: string, culture: string) => {
    if (culture !== 'en-US' || Number.isNaN(Number(text))) throw new Error(`We couldn't convert to Number: ${text}`);
    return Number(text);
  },
  'Text.TrimEnd': (text: string, trim: string) => {
    let end = text.length;
    while (end > 0 && text[end - 1] === trim) end--;
    return text.slice(0, end);
  },
  'Uri.EscapeDataString': (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
  'Text.PadStart': (text: string, length: number, pad: string) => text.padStart(length, pad),
  'Number.ToText': (number: number, format?: string | null) =>
    format === '0.####' ? String(Number(number.toFixed(4))) : String(number),
  'Text.StartsWith': (text: string, start: string) => text.startsWith(start),
};

/** Of answers of the web. */
const ANSWERS: Loose = {
  'Binary.Buffer': (body: Binary) => new Binary(body.bytes),
  'Value.Metadata': (value: Binary) => value.metadata,
  'Error.Record': (reason: string, message: string) =>
    new Map([
      ['Reason', reason],
      ['Message', message],
    ]),
  'Json.Document': (body: Binary) => {
    let json: unknown;
    try {
      json = JSON.parse(new TextDecoder().decode(body.bytes));
    } catch {
      throw new MError('DataFormat.Error', 'We found extra characters at the end of JSON input.');
    }
    if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new Error('only objects of JSON here');
    return new Map(Object.entries(json as Record<string, Value>));
  },
  'Csv.Document': (body: Binary, options: RecordValue) => {
    if (options.get('Delimiter') !== ',' || options.get('Encoding') !== 65001) throw new Error('CSV of another kind');
    const rows = readCsv(new TextDecoder().decode(body.bytes));
    return new Table(
      (rows[0] ?? []).map((_, k) => `Column${k + 1}`),
      rows,
    );
  },
};

const LISTS: Loose = {
  'Record.Field': (record: RecordValue, name: string) => {
    if (!record.has(name)) throw new MError('Expression.Error', `The field '${name}' of the record wasn't found.`);
    return record.get(name) as Value;
  },
  'List.Max': (values: Value[]) => values.reduce((a, b) => ((rank(b) as number) > (rank(a) as number) ? b : a)),
  'List.Min': (values: Value[]) => values.reduce((a, b) => ((rank(b) as number) < (rank(a) as number) ? b : a)),
  'List.Combine': (lists: Value[][]) => lists.flat(1),
  'List.Select': async (values: Value[], keeps: Fn) => {
    const kept = await Promise.all(values.map((value) => keeps(value)));
    return values.filter((_, k) => kept[k] === true);
  },
  'List.Transform': (values: Value[], change: Fn) => Promise.all(values.map((value) => change(value))),
  'List.Generate': async (initial: Fn, goesOn: Fn, next: Fn) => {
    const found: Value[] = [];
    for (let value = await initial(); (await goesOn(value)) === true; value = await next(value)) found.push(value);
    return found;
  },
  'List.Dates': (start: Moment, count: number, step: Moment) =>
    Array.from({ length: count }, (_, k) => new Moment('date', start.ms + k * step.ms)),
};

/** Formats with .NET's letters; only those used here. */
function formatted(ms: number, format: string): string {
  const iso = new Date(ms).toISOString();
  const weekday = new Intl.DateTimeFormat('en-US', { weekday: 'short', timeZone: 'UTC' }).format(ms);
  const parts: Record<string, string> = {
    yyyy: iso.slice(0, 4),
    MM: iso.slice(5, 7),
    dd: iso.slice(8, 10),
    HH: iso.slice(11, 13),
    mm: iso.slice(14, 16),
    ss: iso.slice(17, 19),
    ddd: weekday,
  };
  return format.replace(/'([^']*)'|([A-Za-z]+)/g, (_, quoted?: string, letters?: string) => {
    if (quoted !== undefined) return quoted;
    const part = parts[letters as string];
    if (part === undefined) throw new Error(`date format not known here: ${letters}`);
    return part;
  });
}

const toText = (moment: Moment | null, options: RecordValue) =>
  moment === null ? null : formatted(moment.ms, options.get('Format') as string);

const TIMES: Loose = {
  '#datetime': (y: number, mo: number, d: number, h: number, mi: number, s: number) =>
    new Moment('datetime', Date.UTC(y, mo - 1, d, h, mi, s)),
  '#duration': (d: number, h: number, m: number, s: number) =>
    new Moment('duration', d * DAY_MS + h * 3_600_000 + m * 60_000 + s * 1000),
  'DateTimeZone.RemoveZone': (moment: Moment | null) => (moment === null ? null : new Moment('datetime', moment.ms)),
  'DateTimeZone.FromText': (text: string | null) => {
    if (text === null) return null;
    if (!/(Z|[+-]\d\d:\d\d)$/.test(text)) throw new Error(`no zone in ${text}`);
    return new Moment('datetimezone', parsed(text));
  },
  'DateTime.FromText': (text: string | null) => {
    if (text === null) return null;
    if (/(Z|[+-]\d\d:\d\d)$/.test(text)) throw new Error(`a zone in ${text}`);
    return new Moment('datetime', parsed(`${text}Z`));
  },
  'DateTime.From': (moment: Moment) => new Moment('datetime', moment.ms),
  'DateTime.Date': (moment: Moment) => new Moment('date', Math.floor(moment.ms / DAY_MS) * DAY_MS),
  'DateTime.ToText': toText,
  'Date.ToText': toText,
  'Date.AddDays': (date: Moment, days: number) => new Moment('date', date.ms + days * DAY_MS),
  'Date.DayOfWeek': (date: Moment, first: number) => (new Date(date.ms).getUTCDay() - first + 7) % 7,
  'Date.StartOfWeek': (date: Moment, first: number) =>
    new Moment('date', date.ms - ((new Date(date.ms).getUTCDay() - first + 7) % 7) * DAY_MS),
  'Time.Hour': (moment: Moment) => new Date(moment.ms).getUTCHours(),
};

function parsed(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new Error(`We couldn't parse the input provided as a date: ${text}`);
  return ms;
}

const TABLES: Loose = {
  '#table': (columns: string[] | Type, rows: Value[][]) =>
    new Table(columns instanceof Type ? columns.columns : columns, rows),
  'Table.PromoteHeaders': ({ rows: [head = [], ...rows] }: Table) => new Table(head as string[], rows),
  'Table.ColumnNames': ({ columns }: Table) => columns,
  'Table.ToRecords': (table: Table) => table.rows.map((row) => table.record(row)),
  'Table.Buffer': (table: Table) => table,
  'Table.RowCount': ({ rows }: Table) => rows.length,
  'Table.Last': (table: Table) => (table.rows.length === 0 ? null : table.record(table.rows.at(-1) as Value[])),
  'Table.ReplaceValue': (table: Table, old: Value, value: Value, replacer: Value, columns: string[]) => {
    if (replacer !== 'Replacer.ReplaceValue') throw new Error('replacer not known here');
    const touched = columns.map((column) => table.at(column));
    return mapRows(table, (row) => row.map((cell, k) => (touched.includes(k) && same(cell, old) ? value : cell)));
  },
  'Table.SelectColumns': (table: Table, columns: string[]) => {
    const kept = columns.map((column) => table.at(column));
    return new Table(
      columns,
      table.rows.map((row) => kept.map((k) => row[k] as Value)),
    );
  },
  'Table.TransformColumns': async (table: Table, changes: [string, Fn][]) => {
    const byColumn = new Map(changes.map(([column, change]) => [table.at(column), change]));
    const rows = table.rows.map((row) => Promise.all(row.map((cell, k) => byColumn.get(k)?.(cell) ?? cell)));
    return new Table(table.columns, await Promise.all(rows));
  },
  'Table.TransformColumnTypes': (table: Table, changes: [string, Type][], culture: string) => {
    if (culture !== 'en-US') throw new Error('numbers are read in the culture en-US');
    const byColumn = new Map(changes.map(([column, type]) => [table.at(column), type]));
    return mapRows(table, (row) => row.map((cell, k) => converted(cell, byColumn.get(k), table.columns[k] as string)));
  },
  'Table.SelectRows': async (table: Table, keeps: Fn) => {
    const kept = await Promise.all(table.rows.map((row) => keeps(table.record(row))));
    return new Table(
      table.columns,
      table.rows.filter((_, k) => kept[k] === true),
    );
  },
  'Table.AddColumn': async (table: Table, name: string, compute: Fn) => {
    const added = await Promise.all(table.rows.map((row) => compute(table.record(row))));
    return new Table(
      [...table.columns, name],
      table.rows.map((row, k) => [...row, added[k] as Value]),
    );
  },
  'Table.FromColumns': (lists: Value[][], names: string[] | Type) => {
    const columns = names instanceof Type ? names.columns : names;
    return new Table(
      columns,
      (lists[0] ?? []).map((_, k) => lists.map((cells) => cells[k] as Value)),
    );
  },
  'Table.Combine': ([first = new Table([], []), ...others]: Table[]) =>
    new Table(
      first.columns,
      [first, ...others].flatMap(({ rows }) => rows),
    ),
};

function mapRows(table: Table, change: (row: readonly Value[]) => readonly Value[]): Table {
  return new Table(table.columns, table.rows.map(change));
}

function converted(cell: Value, type: Type | undefined, column: string): Value {
  if (type === undefined || cell === null || type.name === 'text') return cell;
  const number = Number(cell);
  if (Number.isNaN(number) || (type.name === 'Int64.Type' && !Number.isInteger(number))) {
    throw new Error(`We couldn't convert to ${type.name}: ${String(cell)} in ${column}`);
  }
  return number;
}
