type Cell = string | number | boolean | null;

/**
 * Rows as CSV (RFC 4180): always with the header, numbers with a decimal point whatever the locale, an empty cell for
 * `null`, lines ended by CRLF. A text that a spreadsheet would run as a formula gets an apostrophe before it.
 *
 * @example
 * encodeCsv(['name', 'value'], [{ name: '=1+1', value: -1 }]) // 'name,value\r\n\'=1+1,-1\r\n'
 */
export function encodeCsv<Column extends string>(
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, Cell>>[],
): string {
  const lines = [columns.join(',')];
  for (const row of rows) lines.push(columns.map((column) => csvCell(row[column])).join(','));
  return `${lines.join('\r\n')}\r\n`;
}

function csvCell(value: Cell): string {
  if (value === null) return '';
  const text = typeof value === 'string' ? guardFormula(value) : String(value);
  return /[",\r\n]/.test(text) || /^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Digits and what stands between them, as in the text of a fan: nothing in it can be run. */
const FIGURES = /^-?[\d.][\d.,|eE+-]*$/;

/** What begins a formula, as the inside of a class of a pattern: `=`, `+`, `-`, `@`, also in full width, tab, a line's end. */
export const FORMULA_STARTS = String.raw`=+\-@＝＋－＠\t\r\n`;
/** Where a cell begins: also after `;`, which parts cells where the decimal sign is a comma. */
const CELL_START = '(^|;)';
const FORMULA = new RegExp(`${CELL_START}(?='*[${FORMULA_STARTS}])`, 'g');
const GUARDED = new RegExp(`${CELL_START}'(?='*[${FORMULA_STARTS}])`, 'g');

/**
 * A text that spreadsheets show as it is: where it begins like a formula (`FORMULA_STARTS`), or what follows a `;` does, an
 * apostrophe stands before it. `unguardFormula` gives the text back.
 */
export function guardFormula(text: string): string {
  return FIGURES.test(text) ? text : text.replace(FORMULA, "$1'");
}

/** The text that `guardFormula` was given. */
export function unguardFormula(text: string): string {
  return text.replace(GUARDED, '$1');
}
