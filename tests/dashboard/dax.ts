/** What a DAX expression names. */
export interface DaxNames {
  readonly columns: readonly (readonly [table: string, column: string])[];
  readonly tables: readonly string[];
  /** Names in brackets without a table: measures, or `[@…]` columns made on the way. */
  readonly measures: readonly string[];
  readonly functions: readonly string[];
}

const TOKEN =
  /"(?:[^"]|"")*"|('(?:[^']|'')*'|[A-Za-z_]\w*)\s*\[([^\]]+)\]|\[([^\]]+)\]|'((?:[^']|'')*)'|([A-Za-z_][\w.]*)(\s*\()?|[(){}]/g;
const WORDS = new Set(['VAR', 'RETURN', 'NOT', 'IN', 'TRUE', 'FALSE', 'DESC', 'ASC']);

/**
 * The names a DAX expression uses, with strings and its own variables left out.
 * @throws Error when its brackets do not close.
 */
export function daxNames(expression: string): DaxNames {
  const columns: [string, string][] = [];
  const tables: string[] = [];
  const measures: string[] = [];
  const functions: string[] = [];
  const variables = new Set([...expression.matchAll(/\bVAR\s+(\w+)/g)].map((match) => match[1]));
  const open: string[] = [];
  for (const [whole, table, column, bracket, quoted, word, call] of expression.matchAll(TOKEN)) {
    if (table !== undefined && column !== undefined) columns.push([table.replace(/^'|'$/g, ''), column]);
    else if (bracket !== undefined) measures.push(bracket);
    else if (quoted !== undefined) tables.push(quoted);
    else if (word !== undefined) {
      if (call !== undefined) open.push('(');
      if (WORDS.has(word.toUpperCase()) || variables.has(word)) continue;
      (call === undefined ? tables : functions).push(word);
    } else if (whole === '(' || whole === '{') open.push(whole);
    else if ((whole === ')' || whole === '}') && open.pop() !== (whole === ')' ? '(' : '{')) {
      throw new Error(`brackets do not match in ${expression}`);
    }
  }
  if (open.length > 0) throw new Error(`brackets do not close in ${expression}`);
  return { columns, tables, measures, functions };
}
