import {
  DIRECTIONS,
  type Direction,
  ROW_STATES,
  SEVERITIES,
  type RowState as ServedRowState,
  type Severity,
} from '@tidemark/shared/vocabulary';
import type powerbi from 'powerbi-visuals-api';
import { type Fault, faultsOf, invertedFault, missingFault, repeatedFault, timeFault, wordFaults } from './faults.ts';
import { levelByName } from './levels.ts';
import { restoreSkippedHours } from './skipped-hour.ts';
import { isDate, isUtcText, type TimeColumn, wallClock } from './time.ts';
import { wordReader } from './word-reader.ts';

/** What is known of a row's bucket; `maintenance` is a word of the author's own rows. */
export type RowState = ServedRowState | 'maintenance';

/** One bucket of one series as the rows carry it. */
export interface Row {
  /** Wall-clock instant as milliseconds, read as if it were UTC. */
  readonly time: number;
  readonly actual: number | null;
  readonly forecast: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly severity: Severity | null;
  /** What a detector beside the band holds against the bucket, in a sentence; nothing where none does. */
  readonly reason?: string | null;
  /** Side of the trouble that the reason tells of; `null` where none is bound. */
  readonly direction: Direction | null;
  readonly state: RowState;
  /** The fan as text, where bound. */
  readonly fan: string | null;
  /** False where another visual's selection leaves this bucket out. */
  readonly highlighted: boolean;
  /** Index in the category columns: the row's identity. */
  readonly index: number;
}

/** The rows of one series, in time order, one per instant. */
export interface RowSeries {
  readonly name: string;
  /** Position among the value groups: the series' identity. */
  readonly group: number;
  readonly rows: readonly Row[];
  /** Most frequent distance between neighbouring rows; `null` with fewer than two. */
  readonly stepMs: number | null;
  /** Measures to draw as lines beside the range, by the index of a row. */
  readonly references?: readonly { readonly name: string; readonly valueAt: (index: number) => number | null }[];
}

/** All that a DataView says, in plain values. */
export interface Rows {
  readonly series: readonly RowSeries[];
  readonly bound: ReadonlySet<string>;
  /** Rules of the service as text; `null` where none are bound. */
  readonly rulesText?: string | null;
  /** Text of the bound model, chunks joined; `null` where none is bound. */
  readonly modelText: string | null;
  /** Does the time column say, by its name or its text, that it is in UTC? */
  readonly saysUtc: boolean;
  /** What is wrong with what is bound. */
  readonly faults: readonly Fault[];
  /** Does another visual highlight a part of the rows? */
  readonly highlighting: boolean;
  /** Model format string of the actual, where there is one. */
  readonly format: string | null;
  /** Display name of the actual's column. */
  readonly measure: string;
}

const ROLES = [
  'time',
  'actual',
  'series',
  'forecast',
  'lower',
  'upper',
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
  'references',
  'tooltips',
];
/** Every state a row may have. */
export const STATES: readonly RowState[] = [...ROW_STATES, 'maintenance'];
/** Wells that hold one of some words. */
const WORDS = { severity: SEVERITIES, direction: DIRECTIONS, state: STATES };

/** Reads a categorical DataView; anything in a wrong well counts as absent, never as an error. */
export function readRows(dataView: powerbi.DataView | undefined): Rows {
  const bound = boundRoles(dataView);
  const categorical = dataView?.categorical;
  const categories = (categorical?.categories ?? []).filter((column) => column.source.roles?.time);
  const values = categorical?.values;
  const groups = values?.grouped?.() ?? [];
  const columns: TimeColumn[] = categories.map((column) => ({
    values: column.values as readonly unknown[],
    level: levelOf(column),
  }));
  const length = columns[0]?.values.length ?? 0;
  const times = new Float64Array(length);
  let unreadableTimes = 0;
  for (let index = 0; index < length; index++) {
    const time = wallClock(columns, index);
    times[index] = time ?? Number.NaN;
    if (time === null) unreadableTimes++;
  }
  restoreSkippedHours(times, columns.find(({ level }) => level === null)?.values ?? []);
  const order = timeOrder(times);
  const counts: Counts = { inverted: 0, repeated: 0 };
  const series = groups
    .map((group, position) => readSeries(group, position, { times, order }, counts))
    .filter((one) => one.rows.length > 0);
  const count = series.reduce((sum, { rows }) => sum + rows.length, 0);
  const actualColumn = values?.find((column) => column.source.roles?.actual);
  return {
    series,
    bound,
    rulesText: firstText(values, 'rules'),
    modelText: firstText(values, 'model'),
    saysUtc: categories.some(saysUtc),
    faults: [
      ...missingFault(bound, length),
      ...timeFault(unreadableExamples(categories, times), unreadableTimes),
      ...faultsOf(values),
      ...wordFaults(values, WORDS),
      ...invertedFault(counts.inverted, count),
      ...repeatedFault(counts.repeated, count),
    ],
    highlighting: values?.some((column) => column.highlights !== undefined) ?? false,
    format: actualColumn?.source.format ?? null,
    measure: actualColumn?.source.displayName ?? '',
  };
}

function boundRoles(dataView: powerbi.DataView | undefined): Set<string> {
  const bound = new Set<string>();
  for (const column of dataView?.metadata?.columns ?? []) {
    // While another visual becomes this one, its wells are still there: they are none of ours.
    for (const role of ROLES) if (column.roles?.[role]) bound.add(role);
  }
  return bound;
}

/** Level of a date hierarchy's column, `null` for a plain one: a date is one, even in a column called Day or Month. */
function levelOf({ source, values }: powerbi.DataViewCategoryColumn): TimeColumn['level'] {
  if (isDate(values.find((value) => value !== null))) return null;
  const { level } = (source as { expr?: { level?: unknown } }).expr ?? {};
  const name = typeof level === 'string' ? level : source.queryName?.split('.').at(-1);
  const isOfHierarchy = typeof level === 'string' || source.queryName?.includes('.Variation.');
  return levelByName(name ?? '') ?? (isOfHierarchy ? 'other' : null);
}

/** Indices of readable times, oldest first; rows usually arrive newest first. */
function timeOrder(times: Float64Array): Uint32Array {
  const order = new Uint32Array(times.length);
  let count = 0;
  for (let index = 0; index < times.length; index++) if (!Number.isNaN(times[index])) order[count++] = index;
  const readable = order.subarray(0, count);
  let rising = true;
  let falling = true;
  for (let k = 1; k < count; k++) {
    const step = (times[readable[k] as number] as number) - (times[readable[k - 1] as number] as number);
    if (step < 0) rising = false;
    if (step > 0) falling = false;
  }
  if (rising) return readable;
  if (falling) return readable.reverse();
  return readable.sort((a, b) => (times[a] as number) - (times[b] as number));
}

/** Rows that are wrong, of all series. */
interface Counts {
  /** Whose lower limit is above the upper one. */
  inverted: number;
  /** Whose time another row of their series has. */
  repeated: number;
}

function readSeries(
  group: powerbi.DataViewValueColumnGroup,
  position: number,
  { times, order }: { readonly times: Float64Array; readonly order: Uint32Array },
  counts: Counts,
): RowSeries {
  const column = (role: string) => group.values.find((value) => value.source.roles?.[role]);
  const actual = column('actual');
  const forecast = column('forecast');
  const lower = column('lower');
  const upper = column('upper');
  const severity = column('severity');
  const reason = column('reason');
  const direction = column('direction');
  const state = column('state');
  const fan = column('fan');
  const [stateIn, severityIn, directionIn] = [wordReader(STATES), wordReader(SEVERITIES), wordReader(DIRECTIONS)];
  const highlights = actual?.highlights;
  const rows: Row[] = [];
  let isStated = false;
  let lastTime = Number.NaN;
  for (const index of order) {
    const time = times[index] as number;
    const value = numberIn(actual?.values[index]);
    const median = numberIn(forecast?.values[index]);
    let low = numberIn(lower?.values[index]);
    let high = numberIn(upper?.values[index]);
    if (low !== null && high !== null && low > high) {
      counts.inverted++;
      [low, high] = [null, null];
    }
    const stateWord = stateIn(state?.values[index]);
    isStated ||= stateWord !== null;
    // A grouped matrix has a cell for every pair: an all-empty one is no row of this series.
    const empty = value === null && median === null && low === null && high === null && stateWord === null;
    if (empty && !keepsGap(actual)) continue;
    if (time === lastTime) {
      counts.repeated++;
      continue;
    }
    lastTime = time;
    rows.push({
      time,
      actual: value,
      forecast: median,
      lower: low,
      upper: high,
      severity: severityIn(severity?.values[index]),
      reason: textIn(reason?.values[index]),
      direction: directionIn(direction?.values[index]),
      state: stateWord ?? (value === null ? 'missing' : 'observed'),
      fan: textIn(fan?.values[index]),
      highlighted: highlights === undefined || (highlights[index] ?? null) !== null,
      index,
    });
  }
  const name = textIn(group.name) ?? '';
  const references = group.values
    .filter(({ source }) => source.roles?.references)
    .map(({ source, values }) => ({ name: source.displayName, valueAt: (index: number) => numberIn(values[index]) }));
  return {
    name,
    group: position,
    rows: isStated ? rows : withDerivedStates(rows),
    stepMs: commonStep(rows),
    references,
  };
}

/** Values of the time columns at unreadable rows, names of months before numbers of days. */
function unreadableExamples(categories: readonly powerbi.DataViewCategoryColumn[], times: Float64Array): unknown[] {
  const at = times.findIndex((time) => Number.isNaN(time));
  const columns = categories.toSorted((a, b) => rank(b) - rank(a));
  return columns.map((column) => column.values[at]);
}

function rank(column: powerbi.DataViewCategoryColumn): number {
  return levelOf(column) === 'Month' ? 1 : 0;
}

/** Without series, an empty cell is a hole of the one line and stays. */
function keepsGap(actual: powerbi.DataViewValueColumn | undefined): boolean {
  return actual?.source.groupName === undefined;
}

/** Where no row has a state: no value before the last one is missing, after it is future. */
function withDerivedStates(rows: readonly Row[]): readonly Row[] {
  const last = rows.findLastIndex((row) => row.actual !== null);
  return rows.map((row, k) => (row.actual === null && k > last ? { ...row, state: 'future' as const } : row));
}

function commonStep(rows: readonly Row[]): number | null {
  const counts = new Map<number, number>();
  let [same, run] = [Number.NaN, 0];
  for (let k = 1; k < rows.length; k++) {
    const step = (rows[k] as Row).time - (rows[k - 1] as Row).time;
    if (step !== same) {
      if (run > 0) counts.set(same, (counts.get(same) ?? 0) + run);
      [same, run] = [step, 0];
    }
    run++;
  }
  if (run > 0) counts.set(same, (counts.get(same) ?? 0) + run);
  let best: number | null = null;
  for (const [step, count] of counts) {
    if (best === null || count > (counts.get(best) as number) || (count === counts.get(best) && step < best))
      best = step;
  }
  return best;
}

function firstText(values: powerbi.DataViewValueColumns | undefined, role: string): string | null {
  // Each series has a column of its own; the text may stand in any one of them.
  for (const column of values ?? []) {
    if (!column.source.roles?.[role]) continue;
    const text = column.values.find((value) => typeof value === 'string' && value.trim() !== '');
    if (typeof text === 'string') return text;
  }
  return null;
}

function saysUtc({ source, values }: powerbi.DataViewCategoryColumn): boolean {
  const named = [source.displayName, source.queryName].some((name) => /(^|[^a-z])utc([^a-z]|$)/i.test(name ?? ''));
  return named || isUtcText(values.find((value) => value !== null));
}

/** A finite number, from a number or numeric text; anything else is absent. */
function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

function textIn(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = value instanceof Date ? value.toISOString() : String(value);
  return text.trim() === '' ? null : text;
}
