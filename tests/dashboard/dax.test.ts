import { columnIs } from '@tidemark/tools/dashboard/dax/context';
import { type DaxModel, daxModel } from '@tidemark/tools/dashboard/dax/model';
import { readTmdl } from '@tidemark/tools/dashboard/tmdl';
import { describe, expect, test } from 'vitest';

// What Microsoft's reference and dax.guide say of each part that the model uses, on four sales in two shops.

const TMDL = (measures: Record<string, string>) => `table Shop
\tcolumn Name
\t\tsourceColumn: name

table Sale
\tcolumn Shop
\t\tsourceColumn: shop

${Object.entries(measures)
  .map(([name, expression]) => `\tmeasure ${name} = ${expression}\n`)
  .join('')}
relationship one
\tfromColumn: Sale.Shop
\ttoColumn: Shop.Name
`;

const SALES = [
  { Shop: 'north', Kind: 'card', Amount: 10 },
  { Shop: 'north', Kind: 'cash', Amount: 20 },
  { Shop: 'south', Kind: 'card', Amount: 30 },
  { Shop: 'south', Kind: null, Amount: null },
];

function modelOf(expression: string): DaxModel {
  const objects = readTmdl(TMDL({ X: expression, Total: 'SUM ( Sale[Amount] )' }));
  const tables = objects.filter(({ kind }) => kind === 'table');
  return daxModel({ objects, tables }, { Shop: [{ Name: 'north' }, { Name: 'south' }], Sale: SALES });
}

/** An expression over all shops, or over one. */
function value(expression: string, shop?: string) {
  const model = modelOf(expression);
  const context = model.context(shop === undefined ? [] : [columnIs('Shop', 'Name', [shop])]);
  return model.measure('X', context, { nowMs: 0, culture: 'es-PE', user: 'ana@example.com' });
}

describe('filters', () => {
  test.each([
    ['pass from the one side to the many', 'SUM ( Sale[Amount] )', 30],
    ['do not pass from the many side to the one', 'CALCULATE ( COUNTROWS ( Shop ), Sale[Kind] = "cash" )', 1],
    ['of CALCULATE take the place of those on the same column', 'CALCULATE ( [Total], Shop[Name] = "south" )', 30],
    ['of KEEPFILTERS stand beside them', 'CALCULATE ( [Total], KEEPFILTERS ( Shop[Name] = "south" ) )', null],
    ['are removed from a table', 'CALCULATE ( [Total], REMOVEFILTERS ( Shop ) )', 60],
    ['of a row come from measures and CALCULATE', 'SUMX ( Sale, [Total] )', 30],
    ['of a row do not come from a bare aggregation', 'SUMX ( Sale, SUM ( Sale[Amount] ) )', 60],
    ['are removed from the one sides of a table with it', 'CALCULATE ( COUNTROWS ( Shop ), ALL ( Sale ) )', 2],
    [
      'by rows of the many side hold their rows of the one',
      'CALCULATE ( MAX ( Shop[Name] ), FILTER ( ALL ( Sale ), Sale[Amount] = 30 ) )',
      'south',
    ],
    ['of several columns', 'CALCULATE ( [Total], Sale[Kind] = "card" || Sale[Amount] > 15 )', 30],
    ['that no row meets leave nothing', 'CALCULATE ( [Total], Sale[Kind] = "gold" )', null],
  ])('%s', (_, expression, expected) => {
    expect(value(expression, 'north')).toBe(expected);
  });

  test('variables keep what they were where they were written', () => {
    expect(value('VAR Here = [Total] RETURN CALCULATE ( Here, REMOVEFILTERS ( Shop ) )', 'north')).toBe(30);
  });
});

describe('blanks', () => {
  test.each([
    ['equal 0, an empty text and each other', 'BLANK () = 0 && BLANK () = "" && NOT ( BLANK () == 0 )', true],
    ['add as 0 and join as nothing', '( BLANK () + 2 ) & BLANK () & "x"', '2x'],
    ['come from no rows', 'COUNTROWS ( FILTER ( Sale, Sale[Amount] > 99 ) )', null],
    ['come from a division by zero', 'DIVIDE ( 1, 0 )', null],
    ['are left out of an average', 'AVERAGE ( Sale[Amount] )', 20],
    ['are not counted by DISTINCTCOUNTNOBLANK', 'DISTINCTCOUNTNOBLANK ( Sale[Kind] )', 2],
    ['are a value of a column', 'COUNTROWS ( VALUES ( Sale[Kind] ) )', 3],
    ['are what SWITCH gives without a branch', 'SWITCH ( 3, 1, "a", 2, "b" )', null],
  ])('%s', (_, expression, expected) => {
    expect(value(expression)).toBe(expected);
  });
});

describe('operators and functions', () => {
  test.each([
    ['1 + 2 * 3 ^ 2', 19],
    ['NOT 1 = 2 && 3 > 2', true],
    ['"a" & 1 + 1', 'a2'],
    ['"North" = "north"', true],
    ['"card" IN VALUES ( Sale[Kind] )', true],
    ['2 IN { 1, 2 }', true],
    ['CONCATENATEX ( TOPN ( 2, Sale, Sale[Amount], DESC ), Sale[Amount], ",", Sale[Amount], ASC )', '20,30'],
    ['COUNTROWS ( TOPN ( 1, Sale, Sale[Shop], ASC ) )', 2],
    ['COUNTROWS ( SUMMARIZE ( Sale, Shop[Name], Sale[Kind] ) )', 4],
    ['SUMX ( ADDCOLUMNS ( VALUES ( Shop[Name] ), "@T", [Total] ), [@T] )', 60],
    ['SUMX ( GENERATESERIES ( 1, 3 ), [Value] )', 6],
    ['FIND ( "b", "abc", 1, 0 ) + FIND ( "z", "abc", 1, 0 )', 2],
    ['PATHITEM ( SUBSTITUTE ( "x; y", "; ", "|" ), 2 )', 'y'],
    ['LOOKUPVALUE ( Sale[Amount], Sale[Shop], "north", Sale[Kind], "cash" )', 20],
    ['FORMAT ( 0.256, "0.0%" ) & FORMAT ( 1234.5, "#,0" )', '25.6%1,235'],
    ['FORMAT ( UTCNOW (), "ddd d mmm hh:nn" )', 'Thu 1 Jan 00:00'],
    ['FORMAT ( UTCNOW () + 0.5, "ddd hh:nn", "es-ES" )', 'jue 12:00'],
    ['( UTCNOW () + 2 - UTCNOW () ) * 24', 48],
    ['USERCULTURE () & " " & USERPRINCIPALNAME ()', 'es-PE ana@example.com'],
  ])('%s', (expression, expected) => {
    expect(value(expression)).toBe(expected);
  });

  test.each([
    ['SUM ( Sale[Amount]', 'expected \\)'],
    ['1 +', 'expected an expression'],
    ['NOSUCH ( 1 )', 'NOSUCH'],
    ['SUM ( Sale[Nothing] )', 'Sale\\[Nothing\\]'],
    ['[Nothing]', 'Nothing'],
    ['Sale[Amount] + 1', 'cannot be determined'],
    ['"a" < 1', 'cannot compare'],
  ])('%s is refused', (expression, message) => {
    expect(() => value(expression)).toThrow(new RegExp(message));
  });
});
