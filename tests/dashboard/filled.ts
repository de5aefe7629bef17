import { columnIs } from '@tidemark/tools/dashboard/dax/context';
import { type DaxModel, daxModel, type Viewer } from '@tidemark/tools/dashboard/dax/model';
import { Moment } from '@tidemark/tools/dashboard/m/values';
import { committedModel } from '@tidemark/tools/dashboard/project-files';
import type { Cell, Row } from '@tidemark/tools/dashboard/tables';

const committed = committedModel();

/** An hour of 8 March 2026, a Sunday. */
export const at = (hour: number) => new Moment('datetime', Date.UTC(2026, 2, 8, hour));

/** A row as a table's query gives it: cells that are not named are blank. */
function rowOf(table: string, cells: Row): Row {
  const columns = committed.tables
    .find(({ name }) => name === table)
    ?.children.filter(({ properties }) => properties.has('sourceColumn'));
  if (columns === undefined) throw new Error(`no table ${table}`);
  return { ...Object.fromEntries(columns.map(({ name }) => [name, null])), ...cells };
}

/** Rows of the table Series and of the table Membership, from series that name their members as the API does. */
function withMembers(series: readonly Row[]): { readonly Series: readonly Row[]; readonly Membership: readonly Row[] } {
  const split = series.map(({ Members = null, ...row }) => ({
    row,
    members: Members === null ? [] : String(Members).split('; '),
  }));
  return {
    Series: split.map(({ row, members }) => ({ Kind: members.length > 0 ? 'Group' : 'Client', ...row })),
    Membership: split.flatMap(({ row, members }) => members.map((Member) => ({ Group: row.Series as Cell, Member }))),
  };
}

/** The committed model over a few rows of the API; dates, hours and the time of the refresh are made to fit. */
export function filledWith(given: Readonly<Record<string, readonly Row[]>>, refreshed = at(12)): DaxModel {
  const rows: Readonly<Record<string, readonly Row[]>> = { ...given, ...withMembers(given.Series ?? []) };
  const own = Object.fromEntries(
    committed.tables.map(({ name }) => [name, (rows[name] ?? []).map((cells) => rowOf(name, cells))]),
  );
  const day = new Moment('date', at(0).ms);
  const dated = (table: string) => own[table]?.map((row) => ({ ...row, Date: row.Date ?? day })) ?? [];
  return daxModel(committed, {
    ...own,
    Bands: dated('Bands').map((row) => ({ ...row, 'Time slot': '00:00' })),
    Alarms: dated('Alarms'),
    Date: (rows.Date ?? [{ Date: day, Week: day }]).map((cells) => rowOf('Date', cells)),
    'Time slot': [rowOf('Time slot', { 'Time slot': '00:00' })],
    'Money part': ['Attempts', 'Approval', 'Ticket', 'Refunds', 'Rest'].map((Part, k) => ({
      Part,
      'Part order': k + 1,
    })),
    Figures: [rowOf('Figures', { 'Refreshed at UTC': refreshed, Language: 'en' })],
  });
}

/** A measure of a filled model, over some series or all. */
export function figureOf(model: DaxModel, name: string, viewer: Viewer, series?: readonly string[]): Cell {
  return model.measure(name, model.context(series ? [columnIs('Series', 'Series', series)] : []), viewer);
}
