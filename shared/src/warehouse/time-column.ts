import { DAY_MS } from '../forecasting/time/duration.ts';
import { offsetChanges, zoneClock } from '../forecasting/time/zone.ts';
import { type Parameters, quoted } from './statement.ts';
import type { Partition, PaymentTables } from './tables.ts';

/** Instants `[fromMs, toMs)`. */
export interface TimeRange {
  readonly fromMs: number;
  readonly toMs: number;
}

type TimeColumn = PaymentTables['transactions']['time'];

/** Whether the column holds another wall clock than UTC's, so that its buckets do not follow from a plain range. */
export function isZoned(time: TimeColumn): boolean {
  return ['timestamp', 'date'].includes(time.type) && !['UTC', 'Etc/UTC', 'Etc/GMT'].includes(time.zone);
}

/**
 * SQL for the epoch seconds of a time column. A wall clock in another zone is moved by the offsets that the runtime's
 * zone tables give for the range, spelt out, because engines disagree on zone conversion. An hour that the clocks
 * repeat is read as its first pass.
 */
export function epochSeconds(time: TimeColumn, column: string, { fromMs, toMs }: TimeRange): string {
  const wall = time.type === 'date' ? `CAST(${column} AS timestamp)` : column;
  if (!isZoned(time)) return wallSeconds(time, column);
  const changes = offsetChanges(zoneClock(time.zone), fromMs - 2 * DAY_MS, toMs + 2 * DAY_MS);
  let offset = String((changes.at(-1)?.offsetMs ?? 0) / 1000);
  for (let index = changes.length - 1; index > 0; index--) {
    const before = changes[index - 1]?.offsetMs ?? 0;
    const change = changes[index] ?? { at: 0, offsetMs: 0 };
    const until = wallText(change.at + Math.max(before, change.offsetMs));
    offset = `CASE WHEN ${wall} < TIMESTAMP '${until}' THEN ${before / 1000} ELSE ${offset} END`;
  }
  return `to_unixtime(${wall}) - (${offset})`;
}

/** SQL for the seconds that a time column shows, whatever its zone: what `instantOf` turns into an instant. */
export function wallSeconds(time: TimeColumn, column: string): string {
  if (time.type === 'epoch-s') return column;
  return `to_unixtime(${time.type === 'date' ? `CAST(${column} AS timestamp)` : column})`;
}

/** The instant (epoch ms) at which the column's wall clock shows the given seconds, as `epochSeconds` reads it. */
export function instantOf(time: TimeColumn, wallSeconds: number): number {
  const wallMs = wallSeconds * 1000;
  if (!isZoned(time)) return wallMs;
  const clock = zoneClock(time.zone);
  const changes = offsetChanges(clock, wallMs - 2 * DAY_MS, wallMs + 2 * DAY_MS);
  let offsetMs = changes[0]?.offsetMs ?? 0;
  for (const change of changes.slice(1)) {
    if (wallMs >= change.at + Math.max(offsetMs, change.offsetMs)) offsetMs = change.offsetMs;
  }
  return wallMs - offsetMs;
}

/** SQL that keeps a column's rows in `[fromMs, toMs)`, or a day more on both sides where it holds another wall clock. */
export function timeRange(
  time: TimeColumn,
  column: string,
  { fromMs, toMs }: TimeRange,
  parameters: Parameters,
): string {
  if (time.type === 'epoch-s') {
    return `${column} >= ${parameters.one(fromMs / 1000)} AND ${column} < ${parameters.one(toMs / 1000)}`;
  }
  const slack = isZoned(time) ? DAY_MS : 0;
  const edge = (ms: number) => {
    if (time.type === 'timestamptz')
      return `CAST(${parameters.one(`${wallText(ms)} UTC`)} AS timestamp with time zone)`;
    return `CAST(${parameters.one(wallText(ms))} AS timestamp)`;
  };
  const dated = time.type === 'date' ? `CAST(${column} AS timestamp)` : column;
  // A DATE is compared as a DATE, so that it still prunes.
  if (time.type === 'date') {
    const from = `CAST(${parameters.one(dayText(fromMs - slack))} AS date)`;
    const to = `CAST(${parameters.one(dayText(toMs + slack))} AS date)`;
    const exact = `${dated} >= ${edge(fromMs - slack)} AND ${dated} < ${edge(toMs + slack)}`;
    return `${column} >= ${from} AND ${column} <= ${to} AND ${exact}`;
  }
  return `${column} >= ${edge(fromMs - slack)} AND ${column} < ${edge(toMs + slack)}`;
}

/** SQL that prunes partitions to the days around `[fromMs, toMs)`; a day more on both sides covers every time zone. */
export function partitionRange(partition: Partition, { fromMs, toMs }: TimeRange, parameters: Parameters): string {
  const column = `t.${quoted(partition.column)}`;
  const edge = (ms: number) => {
    const day = dayText(ms);
    if (partition.type === 'date') return `CAST(${parameters.one(day)} AS date)`;
    if (partition.type === 'timestamp') return `CAST(${parameters.one(`${day} 00:00:00`)} AS timestamp)`;
    if (partition.format === 'YYYYMMDD') return parameters.one(day.replaceAll('-', ''));
    return parameters.one(partition.format === 'YYYY-MM' ? day.slice(0, 7) : day);
  };
  return `${column} >= ${edge(fromMs - DAY_MS)} AND ${column} <= ${edge(toMs + DAY_MS)}`;
}

function wallText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 19).replace('T', ' ');
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
