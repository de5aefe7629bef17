import { DIRECTIONS, type Direction } from '@tidemark/shared/vocabulary';
import type { DrawnIncident, Point } from './judged.ts';
import { lossOf } from './loss.ts';
import { type Status, urgency } from './status.ts';
import type { Panel } from './view-model.ts';

/** Columns of the overview that can be sorted by. */
export const OVERVIEW_COLUMNS = ['state', 'series', 'trend', 'deviation', 'risk', 'last'] as const;
export type OverviewColumn = (typeof OVERVIEW_COLUMNS)[number];

/** In which order the series of the overview come. */
export interface OverviewOrder {
  readonly column: OverviewColumn;
  readonly reversed: boolean;
}

/** One series in the overview. */
export interface OverviewRow {
  readonly panel: Panel;
  /** (actual − forecast) / |forecast| of the newest complete bucket; `null` where one is missing or 0. */
  readonly deviation: number | null;
  /** What the running alarm has come to, with a sign, as `lossOf` tells it; `null` without a running alarm. */
  readonly risk: number | null;
  /** The newest incident; `null` without one. */
  readonly last: DrawnIncident | null;
}

/** Many series that left their range on the same side at once, told in one line. */
export interface Storm {
  readonly direction: Direction;
  readonly rows: readonly OverviewRow[];
  /** Start of the first of their alarms. */
  readonly since: number;
  /** Sum of what they have come to, with a sign. */
  readonly risk: number;
}

/** Least series that are a storm, and the share of all series from which on they are, up to a number that always is. */
const LEAST_MEMBERS = 4;
const LEAST_SHARE = 0.4;
const ENOUGH_MEMBERS = 20;

/** The row of each panel, in the order of the panels. */
export function overviewRows(panels: readonly Panel[]): OverviewRow[] {
  return panels.map((panel) => ({
    panel,
    deviation: deviationOf(panel),
    risk: riskOf(panel),
    last: panel.series.incidents.at(-1) ?? null,
  }));
}

/** The rows in an order; ties, and rows without a value, stay as urgent as they are. */
export function inOrder(rows: readonly OverviewRow[], { column, reversed }: OverviewOrder): OverviewRow[] {
  const urgent = rows.toSorted((a, b) => urgency(b.panel.status) - urgency(a.panel.status));
  if (column === 'state' || column === 'trend') return reversed ? urgent.reverse() : urgent;
  const sign = reversed ? -1 : 1;
  const known = urgent.filter((row) => keyOf(row, column) !== null);
  const unknown = urgent.filter((row) => keyOf(row, column) === null);
  return [...known.toSorted((a, b) => sign * compare(keyOf(a, column), keyOf(b, column))), ...unknown];
}

/** The storms among rows: none where fewer series run in alarm on one side than make one. */
export function stormsIn(rows: readonly OverviewRow[]): Storm[] {
  const needed = Math.min(ENOUGH_MEMBERS, Math.max(LEAST_MEMBERS, Math.ceil(LEAST_SHARE * rows.length)));
  return DIRECTIONS.flatMap((direction) => {
    const own = rows.filter(({ panel: { status } }) => status.kind === 'alarm' && status.direction === direction);
    if (own.length < needed) return [];
    const since = Math.min(...own.map(({ panel: { status } }) => (status as Alarm).since));
    return [{ direction, rows: own, since, risk: own.reduce((sum, { risk }) => sum + (risk ?? 0), 0) }];
  });
}

type Alarm = Extract<Status, { kind: 'alarm' }>;

function deviationOf({ series, now }: Panel): number | null {
  const newest: Point | undefined = series.points.findLast(
    ({ time, actual, state }) => actual !== null && state !== 'open' && (now === null || time < now),
  );
  if (newest === undefined || newest.actual === null || !newest.forecast) return null;
  return (newest.actual - newest.forecast) / Math.abs(newest.forecast);
}

function riskOf({ series, status }: Panel): number | null {
  if (status.kind !== 'alarm') return null;
  return lossOf(series, status.incident).told;
}

/** What a column sorts by, so that what matters most comes first: names from A, deviations, money and times from most. */
function keyOf({ panel, deviation, risk, last }: OverviewRow, column: OverviewColumn): string | number | null {
  if (column === 'series') return panel.series.name;
  if (column === 'deviation') return deviation === null ? null : -Math.abs(deviation);
  if (column === 'risk') return risk === null ? null : -Math.abs(risk);
  return last === null ? null : -last.startTime;
}

function compare(one: string | number | null, other: string | number | null): number {
  if (typeof one === 'string' && typeof other === 'string') {
    return one.localeCompare(other, undefined, { numeric: true });
  }
  return Number(one) - Number(other);
}
