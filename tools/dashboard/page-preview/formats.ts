import { formatCell } from '../dax/format.ts';
import { Moment } from '../m/values.ts';
import { committedModel } from '../project-files.ts';
import type { Cell } from '../tables.ts';

/** Format strings of the committed model, by `table[field]`. */
export function modelFormats(): ReadonlyMap<string, string> {
  return new Map(
    committedModel().tables.flatMap((table) =>
      table.children.flatMap(({ name, properties }) => {
        const format = properties.get('formatString');
        return format === undefined ? [] : [[`${table.name}[${name}]`, format] as const];
      }),
    ),
  );
}

/** A value as the model's format string shows it. */
export function shown(value: Cell | undefined, format: string | undefined): string {
  if (value === null || value === undefined) return '—';
  return formatCell(value, format ?? (value instanceof Moment ? 'yyyy-mm-dd hh:nn' : '#,0.##'));
}
