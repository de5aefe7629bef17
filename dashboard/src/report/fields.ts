import { SEMANTIC_MODEL } from '../semantic-model/semantic-model.ts';
import type { TitleName } from '../semantic-model/title-measures.ts';

/** A column or measure of the semantic model. */
export interface Field {
  readonly kind: 'Column' | 'Measure';
  readonly table: string;
  readonly name: string;
  /** Shown in place of the name. */
  readonly label?: string;
}

/** @throws Error when the model has no such column. */
export function column(table: string, name: string, label?: string): Field {
  const found = SEMANTIC_MODEL.tables.find((each) => each.name === table)?.columns.some((each) => each.name === name);
  if (!found) throw new Error(`no column ${table}[${name}] in the semantic model`);
  return { kind: 'Column', table, name, ...(label === undefined ? {} : { label }) };
}

/** @throws Error when the model has no such measure. */
export function measure(name: string, label?: string): Field {
  const table = SEMANTIC_MODEL.tables.find(({ measures = [] }) => measures.some((each) => each.name === name));
  if (table === undefined) throw new Error(`no measure [${name}] in the semantic model`);
  return { kind: 'Measure', table: table.name, name, ...(label === undefined ? {} : { label }) };
}

/** The measure that gives a title or the words on a button in the language of the person who looks. */
export function titled(name: TitleName): Field {
  return measure(name);
}

/** The field in Power BI's query language; `source` is an alias where a filter declares one. */
export function fieldExpression({ kind, table, name }: Field, source?: string): object {
  const from = source === undefined ? { Entity: table } : { Source: source };
  return { [kind]: { Expression: { SourceRef: from }, Property: name } };
}

/** The field as a visual's well holds it. */
export function projection(field: Field): object {
  return {
    field: fieldExpression(field),
    queryRef: `${field.table}.${field.name}`,
    nativeQueryRef: field.name,
    ...(field.label === undefined ? {} : { displayName: field.label }),
    ...(field.kind === 'Column' ? { active: true } : {}),
  };
}

/** Keeps the rows where a column or measure has a value: one of some texts in a column, a whole number in a measure. */
export interface Filter {
  readonly field: Field;
  readonly value: string | readonly string[] | number;
}

/** Power BI's name for the kind of a filter. */
export function filterType({ value }: Filter): 'Categorical' | 'Advanced' {
  return typeof value === 'number' ? 'Advanced' : 'Categorical';
}

/** The condition of a filter. */
export function filterDefinition({ field, value }: Filter): object {
  // An alias of its own for each table: several filters may stand in one file.
  const alias = field.table.toLowerCase().replaceAll(' ', '');
  const expression = fieldExpression(field, alias);
  const condition =
    typeof value === 'number'
      ? { Comparison: { ComparisonKind: 0, Left: expression, Right: { Literal: { Value: `${value}L` } } } }
      : {
          In: { Expressions: [expression], Values: [value].flat().map((one) => [{ Literal: { Value: `'${one}'` } }]) },
        };
  return {
    Version: 2,
    From: [{ Name: alias, Entity: field.table, Type: 0 }],
    Where: [{ Condition: condition }],
  };
}

/** Name of the filter on a field, unique in the report: one for each field and container. */
export function filterName({ table, name }: Field, container: string): string {
  return `filter-${container}-${table}-${name}`.toLowerCase().replaceAll(' ', '-');
}
