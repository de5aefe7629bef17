import { z } from 'zod';
import type { Column, DataType } from './types.ts';

/** What a column of the API is in a query: how its text is read and of which type it is. */
export interface WireColumn {
  /** Name in the CSV header. */
  readonly source: string;
  readonly kind: 'text' | 'number' | 'integer' | 'utc' | 'local';
  readonly description: string;
}

/**
 * The columns of a table of the API, read off its row's schema, so that a new column of the API cannot be forgotten:
 * the descriptions must name exactly the row's columns.
 */
export function wireColumns<Row extends z.ZodObject>(
  row: Row,
  descriptions: Readonly<Record<keyof z.infer<Row> & string, string>>,
): WireColumn[] {
  const { properties = {} } = z.toJSONSchema(row);
  return Object.entries(properties).map(([source, property]) => ({
    source,
    kind: kindOf(source, property as JsonType),
    description: descriptions[source as keyof typeof descriptions],
  }));
}

interface JsonType {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly anyOf?: readonly JsonType[];
}

function kindOf(source: string, property: JsonType): WireColumn['kind'] {
  const { type = [], format } = property.anyOf?.find((option) => option.type !== 'null') ?? property;
  if (type === 'integer') return 'integer';
  if ([type].flat().includes('number')) return 'number';
  if (format === 'date-time') return 'utc';
  return source.endsWith('_local') ? 'local' : 'text';
}

const TYPES: Record<WireColumn['kind'], DataType> = {
  text: 'string',
  number: 'double',
  integer: 'int64',
  utc: 'dateTime',
  local: 'dateTime',
};

/**
 * The model's column for a column of the API. People read local time, so `start_local` is `Start` and the instant
 * itself, `start`, is `Start UTC`.
 */
export function modelColumn({ source, kind, description }: WireColumn, options: Partial<Column> = {}): Column {
  const words = source.replace(/_local$/, '').replaceAll('_', ' ');
  const name = words.charAt(0).toUpperCase() + words.slice(1) + (kind === 'utc' ? ' UTC' : '');
  const type = TYPES[kind];
  return {
    name,
    source,
    type,
    description,
    ...(type === 'dateTime' ? { format: 'yyyy-mm-dd hh:nn' } : {}),
    ...(type === 'int64' ? { format: '0' } : {}),
    ...options,
  };
}
