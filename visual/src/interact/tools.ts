import { select } from 'd3';
import { tableCsv } from '../access/table.ts';
import type { Session } from '../session.ts';
import { EXPORT_PATH, INCIDENTS_PATH, RESET_PATH, TABLE_PATH, type Tool } from './toolbar.ts';
import { isPart, showWholeTime } from './zoom.ts';

/** The tools of the corner bar that make sense now. */
export function toolsOf(session: Session): Tool[] {
  const { mayExport, drawn, tableShown } = session;
  const table = { name: 'as-table', label: 'Tool_Table', path: TABLE_PATH, pressed: tableShown };
  return [
    { ...table, run: () => toggleTable(session) },
    ...(drawn === null || drawn.layout.overview
      ? []
      : [
          {
            name: 'as-incidents',
            label: 'Tool_Incidents',
            path: INCIDENTS_PATH,
            pressed: drawn.layout.list.place !== 'none',
            run: () => toggleIncidents(session),
          },
        ]),
    ...(mayExport ? [{ name: 'export', label: 'Tool_Export', path: EXPORT_PATH, run: () => exportRows(session) }] : []),
    ...(drawn !== null && isPart(drawn)
      ? [{ name: 'reset', label: 'Tool_Reset', path: RESET_PATH, run: () => showWholeTime(session) }]
      : []),
  ];
}

/** Shows the rows as a table in the chart's place, or the chart again, and moves the keyboard's focus there. */
export function toggleTable(session: Session): void {
  session.tableShown = !session.tableShown;
  session.redraw();
  queueMicrotask(() => {
    const target = session.tableShown ? '.table' : 'g.panel';
    select(session.elements.root).select<HTMLElement>(target).node()?.focus();
  });
}

function toggleIncidents(session: Session): void {
  session.listAsked = session.drawn?.layout.list.place === 'none';
  session.redraw();
}

function exportRows({ drawn, host, translate }: Session): void {
  if (drawn === null) return;
  const csv = tableCsv(drawn.view, drawn.domain, translate);
  void host.downloadService.exportVisualsContent(csv, 'tidemark.csv', 'csv', translate('Export_Title'));
}
