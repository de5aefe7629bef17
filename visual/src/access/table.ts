import { guardFormula } from '@tidemark/shared/contract/csv';
import { select } from 'd3';
import type { Formats } from '../format.ts';
import type { Point } from '../judged.ts';
import type { ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';

/** Most rows a table shows; the newest, as the picture's end matters most. */
const MOST_ROWS = 500;

/** One line of the table, as text. */
export type TableRow = readonly string[];

/** How volumes and instants are written. */
interface Writers {
  readonly volume: (value: number) => string;
  readonly instant: (time: number) => string;
}

/** The visible rows as a table: for screen readers, for the data view, and for export. */
export function tableRows(
  view: ViewModel,
  domain: readonly [number, number],
  { volume, instant }: Writers,
  translate: Translate,
): { head: TableRow; rows: TableRow[] } {
  const several = view.panels.length > 1 || (view.panels[0]?.series.name ?? '') !== '';
  const head = [
    translate('Role_time'),
    ...(several ? [translate('Role_series')] : []),
    view.measure || translate('Role_actual'),
    translate('Role_forecast'),
    translate('Role_lower'),
    translate('Role_upper'),
    translate('Role_severity'),
    translate('Table_Deviation'),
  ];
  const number = (value: number | null) => (value === null ? '' : volume(value));
  const rows = view.panels.flatMap(({ series }) =>
    series.points
      .filter((point) => point.time >= domain[0] && point.time <= domain[1])
      .map((point: Point) => [
        instant(point.time),
        ...(several ? [series.name] : []),
        number(point.actual),
        number(point.forecast),
        number(point.lower),
        number(point.upper),
        point.severity === null ? '' : translate(`Severity_${point.severity}`),
        number(point.actual === null || point.forecast === null ? null : point.actual - point.forecast),
      ]),
  );
  return { head, rows };
}

/** Draws the table in place of the chart. */
export function drawTable(
  root: HTMLElement,
  view: ViewModel,
  domain: readonly [number, number],
  { formats, translate }: { readonly formats: Formats; readonly translate: Translate },
): void {
  const writers = { volume: (value: number) => formats.full(value), instant: formats.instant };
  const { head, rows } = tableRows(view, domain, writers, translate);
  const table = select(root).selectAll('table').data([0]).join('table');
  table
    .selectAll('caption')
    .data([translate('Table_Caption')])
    .join('caption')
    .text((words) => words);
  table
    .selectAll('thead')
    .data([head])
    .join('thead')
    .selectAll('th')
    .data((cells) => cells)
    .join('th')
    .attr('scope', 'col')
    .attr('class', (_, k) => (isText(k, head.length) ? 'text' : null))
    .text((cell) => cell);
  table
    .selectAll('tbody')
    .data([rowsFromNow(view, rows, domain).slice(0, MOST_ROWS)])
    .join('tbody')
    .selectAll('tr')
    .data((lines) => lines)
    .join('tr')
    .selectAll('td')
    .data((cells) => cells)
    .join('td')
    .attr('class', (_, k) => (isText(k, head.length) ? 'text' : null))
    .text((cell) => cell);
}

/** Is a column one of words: time, series, severity? Numbers are set to the right. */
function isText(column: number, columns: number): boolean {
  return column === 0 || column === columns - 2 || (columns === 8 && column === 1);
}

/** The rows in the order in which somebody looks them up: now first, then back in time, what is to come last. */
function rowsFromNow(view: ViewModel, rows: readonly TableRow[], domain: readonly [number, number]): TableRow[] {
  const points = view.panels.flatMap(({ series }) =>
    series.points.filter((point) => point.time >= domain[0] && point.time <= domain[1]),
  );
  const order = points.map((point, k) => ({ time: point.time, isAhead: point.state === 'future', k }));
  order.sort((a, b) => Number(a.isAhead) - Number(b.isAhead) || (a.isAhead ? a.time - b.time : b.time - a.time));
  return order.map(({ k }) => rows[k] as TableRow);
}

/** The rows as CSV by RFC 4180, numbers unformatted; a cell that a spreadsheet would run is defused. */
export function tableCsv(view: ViewModel, domain: readonly [number, number], translate: Translate): string {
  const writers = { volume: String, instant: (time: number) => new Date(time).toISOString().slice(0, 19) };
  const { head, rows } = tableRows(view, domain, writers, translate);
  const cell = (text: string) => {
    const safe = guardFormula(text);
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return [head, ...rows].map((line) => line.map(cell).join(',')).join('\r\n');
}
