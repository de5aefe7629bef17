import { WORST_FIRST } from '@tidemark/shared/vocabulary';
import { group } from 'd3-array';
import type { createQueryEngine } from './m/query-engine.ts';
import { Moment, Table, type Value } from './m/values.ts';
import type { CommittedModel } from './project-files.ts';

export type Cell = null | boolean | number | string | Moment;
/** A row of a table of the semantic model, by column name. */
export type Row = Readonly<Record<string, Cell>>;
/** The tables of the semantic model, filled. */
export type Tables = Readonly<Record<string, readonly Row[]>>;

/**
 * Fills the tables of the committed model as a refresh does: each table's query run afresh, its result's columns under
 * the names of the model, then the computed columns.
 * @throws Error when a query gives no column the model asks for.
 */
export async function refresh(
  { tables }: CommittedModel,
  engine: Awaited<ReturnType<typeof createQueryEngine>>,
  skip: readonly string[] = [],
): Promise<Tables> {
  const filled: Record<string, Row[]> = {};
  for (const { name, children } of tables) {
    if (skip.includes(name)) continue;
    const result = await engine.run(name);
    if (!(result instanceof Table)) throw new Error(`${name} is no table`);
    const columns = children
      .filter(({ kind, properties }) => kind === 'column' && properties.has('sourceColumn'))
      .map((column) => [column.name, result.at(column.properties.get('sourceColumn') as string)] as const);
    filled[name] = result.rows.map((row) =>
      Object.fromEntries(columns.map(([column, at]) => [column, row[at] as Value as Cell])),
    );
  }
  return { ...filled, ...(filled.Alarms ? { Alarms: withStorms(filled.Alarms) } : {}), Series: withComputed(filled) };
}

/** Alarms with their computed columns: what each says itself, or what its storm's incidents in the same status say. */
export function withStorms(alarms: readonly Row[]): Row[] {
  const key = ({ Storm, Status }: Row) => `${Status}|${Storm}`;
  const storms = group(alarms, key);
  return alarms.map((row) => {
    if ((row.Storm ?? null) === null) {
      return {
        ...row,
        'Alarm link': row.Link ?? null,
        Alarm: row.Series ?? null,
        'Alarm severity': row.Severity ?? null,
        'Alarm since': row.Start ?? null,
      };
    }
    const together = storms.get(key(row)) ?? [];
    const clients = new Set(together.map(({ Series }) => Series)).size;
    const earliest = together.toSorted((a, b) => msOf(a.Start) - msOf(b.Start))[0];
    const most = together.toSorted(
      (a, b) => Number(a.Volume) - Number(b.Volume) || (String(a.Id) < String(b.Id) ? -1 : 1),
    )[0];
    return {
      ...row,
      'Alarm link': most?.Link ?? null,
      Alarm: `Storm · ${clients} client${clients === 1 ? '' : 's'}`,
      'Alarm severity': WORST_FIRST.find((severity) => together.some((one) => one.Severity === severity)) ?? null,
      'Alarm since': earliest?.Start ?? null,
    };
  });
}

/** The computed columns of the table Series, as its DAX says. */
function withComputed({ Series = [], Bands = [], Alarms = [] }: Record<string, Row[]>): Row[] {
  const isGroup = (row: Row) => row.Members !== null;
  const size = (row: Row) =>
    Bands.filter((band) => band.Series === row.Series).reduce((sum, band) => sum + Number(band.Actual ?? 0), 0);
  const candidates = Series.some(isGroup) ? Series.filter(isGroup) : Series;
  const headline = [...candidates].sort((a, b) => size(b) - size(a))[0]?.Series;
  const yes = (condition: boolean) => (condition ? 'Yes' : 'No');
  return Series.map((row) => ({
    ...row,
    Kind: isGroup(row) ? 'Group' : 'Client',
    'In total': yes(!isGroup(row) || Series.every(isGroup)),
    Within: groupsAround(row, Series),
    Headline: yes(row.Series === headline),
    'Alarm now': yes(Alarms.some((alarm) => alarm.Series === row.Series && alarm.Status === 'open')),
    'Alarm in history': yes(Alarms.some((alarm) => alarm.Series === row.Series && alarm.Status !== 'withdrawn')),
  }));
}

/** Groups that hold all of a series, as the computed column Within says. */
function groupsAround(row: Row, all: readonly Row[]): string {
  const membersOf = ({ Members }: Row) => (Members === null ? [] : String(Members).split('; '));
  const own = membersOf(row);
  return all
    .filter((other) => {
      const theirs = membersOf(other);
      if (theirs.length === 0 || other.Series === row.Series) return false;
      if (own.length === 0) return theirs.includes(String(row.Series));
      const larger = theirs.length > own.length || String(other.Series) < String(row.Series);
      return larger && own.every((member) => theirs.includes(member));
    })
    .map(({ Series }) => Series)
    .join('; ');
}

/** Milliseconds of a moment. */
export function msOf(cell: Cell | undefined): number {
  return cell instanceof Moment ? cell.ms : Number.NaN;
}
