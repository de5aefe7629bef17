import { formatted } from '../figures.ts';
import { Moment } from '../m/values.ts';
import { committedModel } from '../project-files.ts';
import { type Cell, msOf } from '../tables.ts';

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
  if (value instanceof Moment) return formatted(msOf(value), format ?? 'yyyy-mm-dd hh:nn');
  if (typeof value !== 'number') return String(value);
  const [first = ''] = (format ?? '#,0.##').split(';');
  const decimals = /\.(0+)/.exec(first)?.[1]?.length ?? 0;
  const options = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  if (first.endsWith('%')) return new Intl.NumberFormat('en-US', { ...options, style: 'percent' }).format(value);
  return new Intl.NumberFormat('en-US', { ...options, useGrouping: first.includes(',') }).format(value);
}
