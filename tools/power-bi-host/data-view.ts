/**
 * A DataView as plain values, so that it can travel to the frame in a message; the frame gives it the methods
 * Power BI's has. Instants of a date column are wall-clock milliseconds: the frame makes local `Date`s of them,
 * as Power BI does.
 */
export interface PlainDataView {
  readonly columns: readonly PlainColumn[];
  readonly objects?: FormatObjects;
  readonly categories: readonly PlainValues[];
  readonly values: readonly PlainValues[];
  readonly groups: readonly { readonly name: string | null; readonly values: readonly number[] }[];
  /** Is there more to fetch? */
  readonly segment?: boolean;
  /** Comes instead of the categories and values: a matrix, a table, a single value. */
  readonly form?: Readonly<Record<string, unknown>>;
}

export interface PlainColumn {
  readonly displayName: string;
  readonly queryName: string;
  readonly roles: Readonly<Record<string, boolean>>;
  readonly format?: string;
  readonly type?: 'dateTime' | 'numeric' | 'text';
  /** Level of a date hierarchy. */
  readonly level?: string;
}

export interface PlainValues {
  readonly column: number;
  readonly cells: readonly Cell[];
  readonly highlights?: readonly Cell[];
  /** Format objects per row: what `fx` rules gave, dynamic format strings. */
  readonly objects?: readonly (FormatObjects | null)[];
  readonly groupName?: string | null;
}

export type Cell = number | string | boolean | null | { readonly wall: number };

/** Format pane values: object, property, value. */
export type FormatObjects = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A table's row, by column name. */
export type TableRow = Readonly<Record<string, unknown>>;

/** Which column of the rows each well holds. */
export interface Bindings {
  readonly time: string;
  readonly actual?: string;
  readonly series?: string;
  readonly forecast?: string;
  readonly lower?: string;
  readonly upper?: string;
  readonly severity?: string;
  readonly reason?: string;
  readonly direction?: string;
  readonly rules?: string;
  readonly state?: string;
  readonly fan?: string;
  readonly model?: string;
  readonly cause?: string;
  readonly contributors?: string;
  readonly note?: string;
  readonly acknowledged?: string;
  readonly link?: string;
  readonly references?: readonly string[];
  readonly tooltips?: readonly string[];
}

/** The columns of `GET /v1/bands` in the wells they are made for. */
export const BAND_BINDINGS: Bindings = {
  time: 'bucket_start_local',
  actual: 'actual',
  series: 'series',
  forecast: 'forecast',
  lower: 'lower',
  upper: 'upper',
  severity: 'severity',
  reason: 'reason',
  direction: 'direction',
  state: 'state',
  fan: 'fan',
  tooltips: ['score'],
};

export interface ViewOptions {
  readonly bindings?: Bindings;
  readonly objects?: FormatObjects;
  /** Model format string of the measures. */
  readonly format?: string;
  /** Rows of which another visual highlights only those for which this holds. */
  readonly highlight?: (row: TableRow) => boolean;
  /** Newest first, as the implicit sort of the capabilities asks for; default true. */
  readonly newestFirst?: boolean;
}

const AMOUNTS = ['actual', 'forecast', 'lower', 'upper'] as const;
const MEASURES = [
  ...AMOUNTS,
  'severity',
  'reason',
  'direction',
  'rules',
  'state',
  'fan',
  'model',
  'cause',
  'contributors',
  'note',
  'acknowledged',
  'link',
] as const;

/** Rows in a categorical DataView, times × series, the way Power BI's mapping gives them. */
export function dataViewOf(rows: readonly TableRow[], options: ViewOptions = {}): PlainDataView {
  const bindings = options.bindings ?? BAND_BINDINGS;
  const times = [...new Set(rows.map((row) => row[bindings.time]))];
  times.sort((a, b) => (String(a) < String(b) ? -1 : 1));
  if (options.newestFirst !== false) times.reverse();
  const position = new Map(times.map((time, k) => [time, k]));
  const names =
    bindings.series === undefined ? [null] : [...new Set(rows.map((row) => String(row[bindings.series as string])))];
  const columns: PlainColumn[] = [
    { displayName: 'Time', queryName: `bands.${bindings.time}`, roles: { time: true }, type: 'dateTime' },
  ];
  const categories = [{ column: 0, cells: times.map(timeCell) }];
  const values: PlainValues[] = [];
  const groups: { name: string | null; values: number[] }[] = [];
  if (bindings.series !== undefined) {
    columns.push({
      displayName: 'Series',
      queryName: `bands.${bindings.series}`,
      roles: { series: true },
      type: 'text',
    });
  }
  const wells: [string, string][] = [
    ...MEASURES.flatMap((role): [string, string][] => (bindings[role] === undefined ? [] : [[role, bindings[role]]])),
    ...(bindings.references ?? []).map((name): [string, string] => ['references', name]),
    ...(bindings.tooltips ?? []).map((name): [string, string] => ['tooltips', name]),
  ];
  const firstMeasure = columns.length;
  for (const [role, name] of wells) {
    columns.push({
      displayName: role === 'actual' ? 'Net volume' : name,
      queryName: `bands.${name}`,
      roles: { [role]: true },
      ...(options.format !== undefined && (AMOUNTS as readonly string[]).concat('tooltips').includes(role)
        ? { format: options.format }
        : {}),
    });
  }
  for (const name of names) {
    const own = rows.filter((row) => name === null || String(row[bindings.series as string]) === name);
    const group = { name, values: [] as number[] };
    wells.forEach(([role, column], k) => {
      const cells: Cell[] = new Array(times.length).fill(null);
      const lit: Cell[] = new Array(times.length).fill(null);
      for (const row of own) {
        const at = position.get(row[bindings.time]) as number;
        cells[at] = (row[column] ?? null) as Cell;
        if (options.highlight?.(row)) lit[at] = cells[at] as Cell;
      }
      group.values.push(values.length);
      values.push({
        column: firstMeasure + k,
        cells,
        ...(options.highlight !== undefined && role !== 'tooltips' ? { highlights: lit } : {}),
        ...(name === null ? {} : { groupName: name }),
      });
    });
    groups.push(group);
  }
  return {
    columns,
    categories,
    values,
    groups,
    ...(options.objects === undefined ? {} : { objects: options.objects }),
  };
}

function timeCell(time: unknown): Cell {
  if (typeof time !== 'string') return (time ?? null) as Cell;
  const wall = Date.parse(`${time.replace(' ', 'T').replace(/Z$/, '')}Z`);
  return Number.isNaN(wall) ? time : { wall };
}
