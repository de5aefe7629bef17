import type { Language } from '@tidemark/shared/vocabulary';
import type { SharedQuery } from './types.ts';
import type { WireColumn } from './wire-columns.ts';

/** Rows asked for in one page of `/v1/bands`. */
const PAGE_ROWS = 10_000;

/**
 * What the queries share. `Web.Contents` gets the same base address everywhere and varies by `RelativePath` and `Query`
 * only: the service can then check the source without running the query, so scheduled refresh needs no gateway. The key
 * is the credential of the data source, put in the query string by `ApiKeyName`; it is in no file.
 */
export const SHARED_QUERIES: readonly SharedQuery[] = [
  {
    name: 'BaseUrl',
    parameter: 'Text',
    description: 'Address of the Tidemark API, for example https://tidemark.example.com',
    expression: '"http://localhost:8787"',
  },
  {
    name: 'HistoryDays',
    parameter: 'Number',
    description: 'Days of history to load before today',
    expression: '90',
  },
  {
    name: 'Coverage',
    parameter: 'Number',
    description: 'Share of buckets that should fall inside the band drawn, from 0.8 to 0.999',
    expression: '0.99',
  },
  {
    name: 'Language',
    parameter: 'Text',
    description: 'Language of the sentences of the API and of names made at refresh: en, es or pt',
    expression: '"en"',
  },
  {
    name: 'AccessList',
    parameter: 'Text',
    description:
      'Who sees which client under the role By client: user=client pairs with semicolons between, for example ana@example.com=Mercado Sol; ana@example.com=total',
    expression: '""',
  },
  {
    name: 'RangeStart',
    parameter: 'DateTime',
    description:
      'First instant to load, in UTC; set by Power BI for each partition of a table with incremental refresh',
    expression: '#datetime(2000, 1, 1, 0, 0, 0)',
  },
  {
    name: 'RangeEnd',
    parameter: 'DateTime',
    description: 'End of what to load, in UTC; set by Power BI for each partition of a table with incremental refresh',
    expression: '#datetime(2100, 1, 1, 0, 0, 0)',
  },
  {
    name: 'GetCsv',
    description:
      'One GET of the API as a table of text, empty cells as null; where the API refuses, its own sentence is the error',
    // Power Query asks again for busy answers by itself, but only where their status is not handled here: that is done
    // when it has given up. It hands over neither 401 nor 403.
    expression: `(path as text, query as record) as table =>
let
    Ask = (handled as list, again as logical) as binary => Web.Contents(BaseUrl, [RelativePath = path, Query = query & [format = "csv"], ApiKeyName = "key", Timeout = #duration(0, 0, 2, 0), ManualStatusHandling = handled, IsRetry = again]),
    Refusals = {400, 404, 405, 409, 410, 413, 422, 500, 501, 502, 507},
    First = Ask(Refusals, false),
    Attempt = try Binary.Buffer(First),
    Answer = if Attempt[HasError] then Ask(Refusals & {408, 429, 503, 504, 509}, true) else First,
    Body = Binary.Buffer(Answer),
    Status = Value.Metadata(Answer)[Response.Status],
    Kind = Value.Metadata(Answer)[Content.Type],
    Told = try Json.Document(Body)[detail] otherwise "no reason is given; is BaseUrl the address of the Tidemark API?",
    Csv = Csv.Document(Body, [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]),
    Rows = Table.PromoteHeaders(Csv, [PromoteAllScalars = true])
in
    if Status <> 200 then
        error Error.Record("Tidemark", "The API answers " & Number.ToText(Status) & " to " & path & ": " & Told)
    else if Text.StartsWith(Kind, "text/csv") then
        Table.ReplaceValue(Rows, "", null, Replacer.ReplaceValue, Table.ColumnNames(Rows))
    else
        error Error.Record("Tidemark", "BaseUrl (" & BaseUrl & ") is not the address of the Tidemark API: it answers with " & Kind & " in place of text/csv")`,
  },
  {
    name: 'Iso',
    description: 'An instant in UTC as the API reads it',
    expression: `(moment as datetime) as text =>
DateTime.ToText(moment, [Format = "yyyy-MM-dd'T'HH:mm:ss'Z'", Culture = "en-US"])`,
  },
  {
    name: 'GetPages',
    description: 'All pages of a list: the next page starts after the last row, named by its time and its identity',
    expression: `(path as text, query as record, time as text, identity as text) as table =>
let
    Page = (cursor as record) as table => Table.Buffer(GetCsv(path, query & [limit = "${PAGE_ROWS}"] & cursor)),
    After = (row as record) as record => [cursor = Record.Field(row, time) & "|" & Record.Field(row, identity)],
    Next = (page as table) as nullable table =>
        if Table.RowCount(page) < ${PAGE_ROWS} then
            null
        else
            Page(After(Table.Last(page))),
    Pages = List.Generate(() => Page([]), each _ <> null, each Next(_))
in
    Table.Combine(Pages)`,
  },
];

/** Midnight of today in UTC: the same through the day, so that a call repeated within a refresh is the same call. */
const MIDNIGHT = 'Midnight = DateTime.From(DateTime.Date(DateTimeZone.RemoveZone(DateTimeZone.UtcNow())))';

const list = (texts: readonly string[]) => `{${texts.join(', ')}}`;
const names = (columns: readonly WireColumn[]) => list(columns.map(({ source }) => `"${source}"`));

/**
 * Steps that give the columns of the step `rows` their types, ending in `Typed`. Columns the model does not know are left out;
 * one that is missing is an error that names it.
 */
function typedSteps(columns: readonly WireColumn[], rows = 'Rows'): string[] {
  const instants = columns.flatMap(({ source, kind }) => {
    if (kind === 'utc') {
      return [
        `{"${source}", each DateTimeZone.RemoveZone(DateTimeZone.FromText(_, [Culture = "en-US"])), type nullable datetime}`,
      ];
    }
    return kind === 'local'
      ? [`{"${source}", each DateTime.FromText(_, [Culture = "en-US"]), type nullable datetime}`]
      : [];
  });
  const others = columns.flatMap(({ source, kind }) => {
    const type = { text: 'type text', number: 'type number', integer: 'Int64.Type', utc: null, local: null }[kind];
    return type === null ? [] : [`{"${source}", ${type}}`];
  });
  return [
    `Kept = Table.SelectColumns(${rows}, ${names(columns)})`,
    instants.length === 0 ? 'Instants = Kept' : `Instants = Table.TransformColumns(Kept, ${list(instants)})`,
    `Typed = Table.TransformColumnTypes(Instants, ${list(others)}, "en-US")`,
  ];
}

function query(steps: readonly string[], result: string): string {
  return `let\n${steps.map((step) => `    ${step}`).join(',\n')}\nin\n    ${result}`;
}

/** Query of the bands: what lies between `RangeStart` and `RangeEnd`, at most `HistoryDays` back. */
export function bandsQuery(columns: readonly WireColumn[]): string {
  return query(
    [
      MIDNIGHT,
      'From = List.Max({RangeStart, Midnight - #duration(HistoryDays, 0, 0, 0)})',
      'To = List.Min({RangeEnd, Midnight + #duration(3, 0, 0, 0)})',
      'Query = [from = Iso(From), to = Iso(To), language = Language, coverage = Number.ToText(Coverage, "0.####", "en-US")]',
      `Rows = if From < To then GetPages("v1/bands", Query, "bucket_start", "series") else #table(${names(columns)}, {})`,
      ...typedSteps(columns),
      'InRange = Table.SelectRows(Typed, each [bucket_start] >= RangeStart and [bucket_start] < RangeEnd)',
      'Dated = Table.AddColumn(InRange, "date", each DateTime.Date([bucket_start_local]), type date)',
      'Slotted = Table.AddColumn(Dated, "time_slot", each Text.PadStart(Number.ToText(Time.Hour([bucket_start_local])), 2, "0") & ":00", type text)',
    ],
    'Slotted',
  );
}

/** Columns of incidents that name clients: they stand in tables of their own, where row-level security reaches them. */
export const NAMING_COLUMNS = ['contributors'];

/**
 * Query of the incidents that began between `RangeStart` and `RangeEnd`, at most `HistoryDays` back, each with the address
 * of its page.
 */
export function alarmsQuery(columns: readonly WireColumn[]): string {
  return query(
    [
      MIDNIGHT,
      'From = List.Max({RangeStart, Midnight - #duration(HistoryDays, 0, 0, 0)})',
      'To = List.Min({RangeEnd, Midnight + #duration(3, 0, 0, 0)})',
      'Query = [from = Iso(From), to = Iso(To), language = Language]',
      `Rows = if From < To then GetPages("v1/alarms", Query, "start", "id") else #table(${names(columns)}, {})`,
      ...typedSteps(columns),
      'InRange = Table.SelectRows(Typed, each [start] >= RangeStart and [start] < RangeEnd)',
      'Dated = Table.AddColumn(InRange, "date", each DateTime.Date([start_local]), type date)',
      'Linked = Table.AddColumn(Dated, "link", each Text.TrimEnd(BaseUrl, "/") & "/incidents/" & Uri.EscapeDataString([id]), type text)',
    ],
    'Linked',
  );
}

/** Query of the members that moved most with a group in an incident: one row for each. */
export const CONTRIBUTORS_QUERY = query(
  [
    MIDNIGHT,
    'From = Midnight - #duration(HistoryDays, 0, 0, 0)',
    'Rows = GetPages("v1/alarms", [from = Iso(From)], "start", "id")',
    'Named = Table.SelectRows(Rows, each [contributors] <> null)',
    'Parts = (row as record) as list => List.Transform(Text.Split(row[contributors], "; "), each {row[id], Text.BeforeDelimiter(_, " ", {0, RelativePosition.FromEnd}), Number.FromText(Text.AfterDelimiter(_, " ", {0, RelativePosition.FromEnd}), "en-US")})',
    'All = List.Combine(List.Transform(Table.ToRecords(Named), Parts))',
  ],
  '#table(type table [id = text, series = text, volume = number], All)',
);

/** Query of the members of groups: one row for each. */
export const MEMBERSHIP_QUERY = query(
  [
    'Rows = GetCsv("v1/series", [])',
    'Groups = Table.SelectRows(Rows, each [members] <> null)',
    'Pairs = (row as record) as list => List.Transform(Text.Split(row[members], "; "), each {row[series], _})',
    'All = List.Combine(List.Transform(Table.ToRecords(Groups), Pairs))',
  ],
  '#table(type table [group = text, member = text], All)',
);

/** Query of who sees which client, from the parameter `AccessList`. */
export const ACCESS_QUERY = query(
  [
    'Pairs = List.Select(Text.Split(AccessList, ";"), each Text.Contains(_, "="))',
    'Rows = List.Transform(Pairs, each {Text.Lower(Text.Trim(Text.BeforeDelimiter(_, "="))), Text.Trim(Text.AfterDelimiter(_, "="))})',
  ],
  '#table(type table [user = text, series = text], Rows)',
);

/** Query of the series, with whether each is a client or a group in the place of the names of its members. */
export function seriesQuery(columns: readonly WireColumn[]): string {
  return query(
    [
      'Rows = GetCsv("v1/series", [language = Language])',
      'Told = Table.AddColumn(Rows, "kind", each if [members] = null then "Client" else "Group", type text)',
      ...typedSteps([...columns, { source: 'kind', kind: 'text', description: '' }], 'Told'),
    ],
    'Typed',
  );
}

/** Query of a table that comes in one answer. */
export function wholeQuery(path: string, columns: readonly WireColumn[]): string {
  return query([`Rows = GetCsv("${path}", [])`, ...typedSteps(columns)], 'Typed');
}

/** Months before the running one of which rows are kept once they are loaded, however few days are asked for. */
export const KEPT_MONTHS = 13;

/**
 * Query of the calendar: every local date the bands can have. Partitions that were loaded stay when `HistoryDays` has
 * passed them.
 */
export const DATE_QUERY = query(
  [
    'Today = DateTime.Date(DateTimeZone.RemoveZone(DateTimeZone.UtcNow()))',
    `Days = List.Max({HistoryDays, ${31 * (KEPT_MONTHS + 1)}})`,
    'Dates = List.Dates(Date.AddDays(Today, -Days - 1), Days + 5, #duration(1, 0, 0, 0))',
    'Rows = Table.FromColumns({Dates}, type table [date = date])',
    'Week = Table.AddColumn(Rows, "week", each Date.StartOfWeek([date], Day.Monday), type date)',
    'Month = Table.AddColumn(Week, "month", each Date.ToText([date], [Format = "yyyy-MM", Culture = "en-US"]), type text)',
    'Weekday = Table.AddColumn(Month, "weekday", each Date.ToText([date], [Format = "ddd", Culture = "en-US"]), type text)',
    'Number = Table.AddColumn(Weekday, "weekday_number", each Date.DayOfWeek([date], Day.Monday) + 1, Int64.Type)',
  ],
  'Number',
);

/** Query of the hours of a day. */
export const TIME_SLOT_QUERY = query(
  ['Slots = List.Transform({0..23}, each Text.PadStart(Number.ToText(_), 2, "0") & ":00")'],
  'Table.FromColumns({Slots}, type table [time_slot = text])',
);

/** Names of what the money of an incident is made of, in their order; the last is what the others leave. */
const MONEY_PARTS: Readonly<Record<Language, readonly string[]>> = {
  en: ['Attempts', 'Approval', 'Ticket', 'Refunds', 'Rest'],
  es: ['Intentos', 'Aprobación', 'Ticket', 'Devoluciones', 'Resto'],
  pt: ['Tentativas', 'Aprovação', 'Tíquete', 'Devoluções', 'Resto'],
};
const ordered = (names: readonly string[]) => list(names.map((name, k) => `{"${name}", ${k + 1}}`));

/** Query of the parts of money, in the language of the parameter. */
export const MONEY_PART_QUERY = query(
  [
    `Parts = if Language = "es" then ${ordered(MONEY_PARTS.es)} else if Language = "pt" then ${ordered(MONEY_PARTS.pt)} else ${ordered(MONEY_PARTS.en)}`,
  ],
  '#table(type table [part = text, part_order = Int64.Type], Parts)',
);

/** Query of the one row that says when the model was refreshed. */
export const REFRESH_QUERY = query(
  ['Now = DateTimeZone.RemoveZone(DateTimeZone.FixedUtcNow())'],
  '#table(type table [refreshed_at = datetime, language = text], {{Now, Language}})',
);
