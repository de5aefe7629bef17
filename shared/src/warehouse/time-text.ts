import { parseTimeFormat, type TimePart } from '../time-format.ts';

/** Months by the first three letters of their English and Spanish names. */
const MONTHS: readonly (readonly string[])[] = [
  ['jan', 'ene'],
  ['feb'],
  ['mar'],
  ['apr', 'abr'],
  ['may'],
  ['jun'],
  ['jul'],
  ['aug', 'ago'],
  ['sep', 'set'],
  ['oct'],
  ['nov'],
  ['dec', 'dic'],
];

/**
 * SQL (Trino and DuckDB) for the TIMESTAMP in a text column; NULL where the cell is blank, not in this format or no
 * time. With an offset in the format it is UTC's wall clock, else the text's own.
 */
export function textTimestamp(column: string, format: string): string {
  return `TRY_CAST(${isoText(column, format)} AS timestamp)`;
}

/** SQL for the seconds by which the text's clock is ahead of UTC; `null` without an offset in the format. */
export function textOffsetSeconds(column: string, format: string): string | null {
  const { pattern, groups } = parseTimeFormat(format);
  const group = groups.get('offset');
  if (group === undefined) return null;
  const offset = `regexp_extract(${cellOf(column)}, ${literal(pattern)}, ${group})`;
  const sign = `CASE WHEN substr(${offset}, 1, 1) = '-' THEN -1 ELSE 1 END`;
  const hours = `CAST(substr(${offset}, 2, 2) AS integer)`;
  const minutes = `CAST(substr(replace(${offset}, ':', ''), 4, 2) AS integer)`;
  return `CASE WHEN ${offset} IN ('Z', '') THEN 0 ELSE ${sign} * (${hours} * 3600 + ${minutes} * 60) END`;
}

function isoText(column: string, format: string): string {
  const { pattern, groups } = parseTimeFormat(format);
  const part = (name: TimePart) => `regexp_extract(${cellOf(column)}, ${literal(pattern)}, ${groups.get(name)})`;
  const two = (sql: string) => `lpad(${sql}, 2, '0')`;
  const year = groups.has('year') ? part('year') : `concat('20', ${part('shortYear')})`;
  const month = groups.has('month') ? two(part('month')) : monthNumber(part('monthName'));
  const pieces = [year, `'-'`, month, `'-'`, two(part('day'))];
  if (groups.has('hour')) {
    pieces.push(`' '`, two(groups.has('half') ? hourOfDay(part('hour'), part('half')) : part('hour')));
    pieces.push(`':'`, groups.has('minute') ? part('minute') : `'00'`);
    if (groups.has('second')) {
      const second = `replace(${part('second')}, ',', '.')`;
      pieces.push(`CASE WHEN coalesce(${part('second')}, '') = '' THEN '' ELSE concat(':', ${second}) END`);
    }
  }
  return `CASE WHEN regexp_like(${cellOf(column)}, ${literal(pattern)}) THEN concat(${pieces.join(', ')}) END`;
}

/** `12 AM` is 0, `1 PM` is 13; NULL for no hour of a twelve-hour clock. */
function hourOfDay(hour: string, half: string): string {
  const number = `TRY_CAST(${hour} AS integer)`;
  const shift = `CASE WHEN lower(${half}) = 'p' THEN 12 ELSE 0 END`;
  return `CAST(CASE WHEN ${number} BETWEEN 1 AND 12 THEN mod(${number}, 12) + ${shift} END AS varchar)`;
}

function monthNumber(name: string): string {
  const cases = MONTHS.map((names, index) => {
    const list = names.map((one) => `'${one}'`).join(', ');
    return `WHEN lower(${name}) IN (${list}) THEN '${String(index + 1).padStart(2, '0')}'`;
  });
  return `CASE ${cases.join(' ')} END`;
}

function cellOf(column: string): string {
  return `trim(CAST(${column} AS varchar))`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
