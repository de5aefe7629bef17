import { type Selection, select } from 'd3';
import { lossWords, recentWords, statusWords } from '../headline.ts';
import type { DrawnIncident } from '../judged.ts';
import {
  inOrder,
  OVERVIEW_COLUMNS,
  type OverviewColumn,
  type OverviewOrder,
  type OverviewRow,
  overviewRows,
  type Storm,
  stormsIn,
} from '../overview-rows.ts';
import type { Picture } from '../picture.ts';
import { LEAST_SHARE } from '../status.ts';
import type { Panel } from '../view-model.ts';
import type { Translate } from '../words.ts';
import { drawStatusSign, statusColour } from './sign.ts';
import { drawSparkline } from './sparkline.ts';

/** What the overview is drawn from, and what its parts do. */
export interface OverviewInput extends Picture {
  readonly translate: Translate;
  /** Visible time. */
  readonly domain: readonly [number, number];
  readonly order: OverviewOrder;
  /** Are the series of a storm shown one by one? */
  readonly unfolded: boolean;
  readonly sort: (order: OverviewOrder) => void;
  readonly unfold: () => void;
  readonly open: (panel: Panel) => void;
  readonly openIncident: (panel: Panel, incident: DrawnIncident) => void;
}

/** A line of the table: a series, or many that left their range at once. */
type Line = { readonly row: OverviewRow; readonly isMember: boolean } | { readonly storm: Storm };

const SPARKLINE_HEIGHT = 24;

/** Draws every series as a row of a table: state, name, what happened, and what it came to. */
export function drawOverview(root: HTMLElement, input: OverviewInput): void {
  const { theme, order } = input;
  const columns = columnsFor(input.width);
  const rows = overviewRows(input.view.panels);
  const table = select(root).selectAll<HTMLTableElement, number>('table').data([0]).join('table');
  select(root).style('--rule', theme.faint).style('--quiet', theme.muted);
  const head = table.selectAll('thead').data([0]).join('thead').selectAll('tr').data([0]).join('tr');
  const cell = head
    .selectAll<HTMLTableCellElement, OverviewColumn>('th')
    .data(columns, (column) => column)
    .join((enter) => {
      const made = enter.append('th').attr('scope', 'col');
      made.append('button').attr('type', 'button');
      return made;
    })
    .order()
    .attr('class', (column) => column)
    .style('width', (column) => `${columnWidth(column, input.width) ?? ''}${column === 'series' ? '' : 'px'}`)
    .attr('aria-sort', (column) => (column !== order.column ? null : order.reversed ? 'descending' : 'ascending'));
  cell
    .select<HTMLButtonElement>('button')
    .text((column) => input.translate(`Overview_${column}`))
    .property('disabled', (column) => column === 'trend')
    .on('click', (_, column) => input.sort({ column, reversed: column === order.column && !order.reversed }));
  const lines = linesOf(rows, input);
  const body = table.selectAll('tbody').data([0]).join('tbody');
  const line = body
    .selectAll<HTMLTableRowElement, Line>('tr')
    .data(lines, keyOf)
    .join('tr')
    .order()
    .attr('class', (one) => ('storm' in one ? 'storm' : one.isMember ? 'series member' : 'series'))
    .style('opacity', (one) => ('row' in one && isLeftOut(one.row.panel) ? 0.35 : null))
    .on('click', (event: MouseEvent, one) => {
      if (!('row' in one)) return;
      event.stopPropagation();
      input.open(one.row.panel);
    });
  drawStorms(line.filter((one) => 'storm' in one) as never, input, columns.length, rows.length);
  line
    .filter((one) => 'row' in one)
    .each(function (one) {
      if ('row' in one) drawRow(this, one.row, input, columns);
    });
}

/** The rows in their order; storms fold into one line each while the table is in order of urgency. */
function linesOf(rows: readonly OverviewRow[], { order, unfolded }: OverviewInput): Line[] {
  const sorted = inOrder(rows, order);
  const storms = order.column === 'state' ? stormsIn(rows) : [];
  const members = new Set(storms.flatMap((storm) => storm.rows));
  const single = sorted.filter((row) => !members.has(row)).map((row) => ({ row, isMember: false }));
  return [
    ...storms.flatMap((storm): Line[] => [
      { storm },
      ...(unfolded ? sorted.filter((row) => storm.rows.includes(row)).map((row) => ({ row, isMember: true })) : []),
    ]),
    ...single,
  ];
}

/** Does another visual highlight rows, and none of this series? */
function isLeftOut({ series: { points } }: Panel): boolean {
  return (
    points.some(({ highlighted }) => !highlighted) && !points.some((one) => one.highlighted && one.actual !== null)
  );
}

function keyOf(line: Line): string {
  return 'storm' in line ? `storm ${line.storm.direction}` : `${line.row.panel.series.group}`;
}

function drawStorms(
  line: Selection<HTMLTableRowElement, { readonly storm: Storm }, HTMLElement, unknown>,
  input: OverviewInput,
  columns: number,
  series: number,
): void {
  const { formats, translate, theme, unfolded } = input;
  const button = line
    .selectAll<HTMLTableCellElement, { readonly storm: Storm }>('td')
    .data((one) => [one])
    .join('td')
    .attr('colspan', columns)
    .selectAll<HTMLButtonElement, { readonly storm: Storm }>('button')
    .data((one) => [one])
    .join('button')
    .attr('type', 'button')
    .attr('aria-expanded', String(unfolded))
    .attr('title', translate('Overview_Unfold'))
    .style('color', ({ storm }) => statusColour((storm.rows[0] as OverviewRow).panel.status, theme))
    .on('click', (event: MouseEvent) => {
      event.stopPropagation();
      input.unfold();
    });
  button.text(({ storm }) => {
    const { direction, rows, since, risk } = storm;
    const counted = translate(
      `Overview_Storm_${direction}`,
      String(rows.length),
      String(series),
      formats.instant(since),
    );
    return `${unfolded ? '▾' : '▸'} ${counted} · ${formats.signed(risk)}`;
  });
}

function drawRow(
  node: HTMLTableRowElement,
  row: OverviewRow,
  input: OverviewInput,
  columns: readonly OverviewColumn[],
) {
  const cells = select(node)
    .selectAll<HTMLTableCellElement, OverviewColumn>('td')
    .data(columns as OverviewColumn[], (column) => column ?? '')
    .join('td')
    .order()
    .attr('class', (column) => column);
  cells.each(function (column) {
    CELLS[column](this, row, input);
  });
}

const CELLS: Record<OverviewColumn, (cell: HTMLTableCellElement, row: OverviewRow, input: OverviewInput) => void> = {
  state(cell, { panel }, { formats, translate, options, theme }) {
    const { word } = statusWords(panel, formats, translate);
    const age =
      panel.status.kind === 'no-data' && panel.status.age !== null ? ` ${formats.duration(panel.status.age)}` : '';
    const sign = select(cell).selectAll<SVGSVGElement, number>('svg').data([0]).join('svg').node() as SVGSVGElement;
    drawStatusSign(sign, panel.status, { options, theme }, 13);
    const words = select(cell).selectAll('span').data([0]).join('span').text(`${word}${age}`);
    words.style('color', statusColour(panel.status, theme));
  },
  series(cell, { panel }, { open }) {
    select(cell)
      .selectAll('button')
      .data([0])
      .join('button')
      .attr('type', 'button')
      .attr('title', panel.series.name)
      .text(panel.series.name)
      .on('click', (event: MouseEvent) => {
        event.stopPropagation();
        open(panel);
      });
  },
  trend(cell, { panel }, { domain, theme, width }) {
    const svg = select(cell).selectAll<SVGSVGElement, number>('svg').data([0]).join('svg').attr('aria-hidden', 'true');
    const look = { width: trendWidth(width), height: SPARKLINE_HEIGHT, theme };
    drawSparkline(svg.node() as SVGSVGElement, panel, domain, look);
  },
  deviation(cell, { deviation }, { formats }) {
    const sign = deviation === null || Math.abs(deviation) < LEAST_SHARE ? '' : deviation < 0 ? '−' : '+';
    select(cell).text(deviation === null ? '' : sign + formats.percent(Math.abs(deviation)));
  },
  risk(cell, { risk, panel, panel: { status } }, { formats, translate, theme }) {
    const isTold = status.kind === 'alarm' && risk !== null && risk !== 0;
    select(cell)
      .style('color', () => (isTold ? statusColour(status, theme) : null))
      .attr('title', isTold ? lossWords(panel, status.incident, formats, translate)[1] : null)
      .text(isTold ? formats.signed(risk) : '');
  },
  last(cell, { last, panel }, { formats, openIncident }) {
    select(cell)
      .selectAll<HTMLButtonElement, DrawnIncident>('button')
      .data(last === null ? [] : [last])
      .join('button')
      .attr('type', 'button')
      .text((incident) => recentWords(panel, incident, formats))
      .on('click', (event: MouseEvent, incident) => {
        event.stopPropagation();
        openIncident(panel, incident);
      });
  },
};

/** Widths from which on there is room for a column; state, name and money always have room. */
const FROM_WIDTH: Partial<Record<OverviewColumn, number>> = { deviation: 420, trend: 560, last: 760 };

function columnsFor(width: number): OverviewColumn[] {
  return OVERVIEW_COLUMNS.filter((column) => width >= (FROM_WIDTH[column] ?? 0));
}

/** Width of a column, in px; the names take what is left. */
function columnWidth(column: OverviewColumn, width: number): number | null {
  if (column === 'trend') return trendWidth(width) + 16;
  const isNarrow = width < 320;
  if (column === 'state') return isNarrow ? 78 : width < 560 ? 100 : 132;
  return { series: null, deviation: 92, risk: isNarrow ? 62 : 96, last: 190 }[column];
}

/** About half of what the other columns leave. */
function trendWidth(width: number): number {
  const others = columnsFor(width).reduce(
    (sum, one) => sum + (one === 'trend' ? 16 : (columnWidth(one, width) ?? 0)),
    0,
  );
  return Math.round(Math.max(100, Math.min(420, 0.5 * (width - 20 - others))));
}
