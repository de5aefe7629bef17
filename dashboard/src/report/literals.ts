import { type Field, fieldExpression } from './fields.ts';

/** A value in Power BI's query language: text in quotes, numbers as doubles, or a measure that gives it. */
export function literal(value: string | number | boolean | Field): object {
  if (typeof value === 'object') return { expr: fieldExpression(value) };
  const text =
    typeof value === 'string' ? `'${value.replaceAll("'", "''")}'` : `${value}${typeof value === 'number' ? 'D' : ''}`;
  return { expr: { Literal: { Value: text } } };
}

/** A colour, fixed or given by a measure. */
export function colour(value: string | Field): object {
  return { solid: { color: literal(value) } };
}

/** One entry of a formatting object. */
export function formatting(properties: Readonly<Record<string, unknown>>, selector?: object): object {
  return { properties, ...(selector === undefined ? {} : { selector }) };
}
