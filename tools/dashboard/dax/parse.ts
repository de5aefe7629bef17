/** A DAX expression as a tree. */
export type Dax =
  | { readonly kind: 'literal'; readonly value: number | string }
  | { readonly kind: 'column'; readonly table: string; readonly name: string }
  /** `[…]` without a table: a measure, or a column made on the way. */
  | { readonly kind: 'bracket'; readonly name: string }
  /** A table or a variable. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Dax[] }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Dax; readonly right: Dax }
  | { readonly kind: 'unary'; readonly operator: '-' | 'NOT'; readonly operand: Dax }
  | { readonly kind: 'list'; readonly items: readonly Dax[] }
  | {
      readonly kind: 'block';
      readonly variables: readonly (readonly [name: string, value: Dax])[];
      readonly result: Dax;
    };

interface Token {
  readonly kind: 'number' | 'text' | 'column' | 'bracket' | 'table' | 'word' | 'sign';
  readonly text: string;
  readonly table: string;
  readonly at: number;
}

const TOKEN =
  /\s+|\/\/[^\n]*|--[^\n]*|(?<number>\d+(?:\.\d+)?)|"(?<text>(?:[^"]|"")*)"|(?:'(?<quoted>(?:[^']|'')*)'|(?<bare>[A-Za-z_][\w.]*))(?<of>\s*\[(?<column>(?:[^\]]|\]\])+)\])?|\[(?<bracket>(?:[^\]]|\]\])+)\]|(?<sign>&&|\|\||<>|<=|>=|==|[-+*/^&=<>(){},])/y;

/** Binary operators by how tightly they bind, the loosest first. */
const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['=', '==', '<>', '<', '<=', '>', '>=', 'IN'],
  ['&'],
  ['+', '-'],
  ['*', '/'],
  ['^'],
];

/**
 * The tree of a DAX expression, by the grammar and the operator precedence of Microsoft's reference.
 * @throws Error naming the place where it is not DAX.
 */
export function parseDax(text: string): Dax {
  const tokens = tokensOf(text);
  let at = 0;
  const peek = () => tokens[at];
  const isSign = (sign: string) => peek()?.kind === 'sign' && peek()?.text === sign;
  const isWord = (word: string) => peek()?.kind === 'word' && peek()?.text.toUpperCase() === word;
  const wrong = (expected: string) => {
    const token = peek();
    const found = token === undefined ? 'the end' : JSON.stringify(token.text);
    return new Error(`not DAX: expected ${expected}, found ${found} at ${token?.at ?? text.length} of\n${text}`);
  };
  const take = (sign: string) => {
    if (!isSign(sign)) throw wrong(sign);
    at++;
  };

  function expression(): Dax {
    if (!isWord('VAR')) return binary(0);
    const variables: [string, Dax][] = [];
    while (isWord('VAR')) {
      at++;
      const name = peek();
      if (name?.kind !== 'word') throw wrong('the name of a variable');
      at++;
      take('=');
      variables.push([name.text, expression()]);
    }
    if (!isWord('RETURN')) throw wrong('RETURN');
    at++;
    return { kind: 'block', variables, result: expression() };
  }

  function operatorAt(level: number): string | null {
    const token = peek();
    const text = token?.kind === 'word' ? token.text.toUpperCase() : token?.kind === 'sign' ? token.text : '';
    return (LEVELS[level] as readonly string[]).includes(text) ? text : null;
  }

  function binary(level: number): Dax {
    if (level === LEVELS.length) return operand();
    // NOT binds tighter than && and looser than comparisons.
    if (level === 2 && isWord('NOT')) {
      at++;
      return { kind: 'unary', operator: 'NOT', operand: binary(2) };
    }
    let left = binary(level + 1);
    for (let operator = operatorAt(level); operator !== null; operator = operatorAt(level)) {
      at++;
      left = { kind: 'binary', operator, left, right: binary(level + 1) };
    }
    return left;
  }

  function list(close: string): Dax[] {
    const items: Dax[] = [];
    if (!isSign(close)) {
      items.push(expression());
      while (isSign(',')) {
        at++;
        items.push(expression());
      }
    }
    take(close);
    return items;
  }

  function operand(): Dax {
    const token = peek();
    if (token === undefined) throw wrong('an expression');
    at++;
    switch (token.kind) {
      case 'number':
        return { kind: 'literal', value: Number(token.text) };
      case 'text':
        return { kind: 'literal', value: token.text };
      case 'column':
        return { kind: 'column', table: token.table, name: token.text };
      case 'bracket':
        return { kind: 'bracket', name: token.text };
      case 'table':
        return { kind: 'name', name: token.text };
      case 'word':
        if (!isSign('(')) return { kind: 'name', name: token.text };
        at++;
        return { kind: 'call', name: token.text.toUpperCase(), args: list(')') };
      case 'sign':
        break;
    }
    if (token.text === '-') return { kind: 'unary', operator: '-', operand: operand() };
    if (token.text === '{') return { kind: 'list', items: list('}') };
    if (token.text !== '(') {
      at--;
      throw wrong('an expression');
    }
    const inner = expression();
    take(')');
    return inner;
  }

  const tree = expression();
  if (at < tokens.length) throw wrong('the end');
  return tree;
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const match = TOKEN.exec(text);
    if (match === null) throw new Error(`not DAX: ${JSON.stringify(text[at])} at ${at} of\n${text}`);
    const token = tokenOf(match.groups as Groups, at);
    if (token !== null) tokens.push(token);
  }
  return tokens;
}

type Groups = Readonly<
  Partial<Record<'number' | 'text' | 'quoted' | 'bare' | 'of' | 'column' | 'bracket' | 'sign', string>>
>;

function tokenOf({ number, text, quoted, bare, column, bracket, sign }: Groups, at: number): Token | null {
  const token = (kind: Token['kind'], text: string, table = ''): Token => ({ kind, text, table, at });
  if (number !== undefined) return token('number', number);
  if (text !== undefined) return token('text', text.replaceAll('""', '"'));
  const table = quoted === undefined ? bare : quoted.replaceAll("''", "'");
  if (column !== undefined) return token('column', column.replaceAll(']]', ']'), table);
  if (quoted !== undefined) return token('table', table as string);
  if (bare !== undefined) return token('word', bare);
  if (bracket !== undefined) return token('bracket', bracket.replaceAll(']]', ']'));
  return sign === undefined ? null : token('sign', sign);
}

/** The columns that an expression names, those of its variables included. */
export function columnsIn(node: Dax): { readonly table: string; readonly name: string }[] {
  switch (node.kind) {
    case 'column':
      return [node];
    case 'call':
      return node.args.flatMap(columnsIn);
    case 'list':
      return node.items.flatMap(columnsIn);
    case 'unary':
      return columnsIn(node.operand);
    case 'binary':
      return [...columnsIn(node.left), ...columnsIn(node.right)];
    case 'block':
      return [...node.variables.flatMap(([, value]) => columnsIn(value)), ...columnsIn(node.result)];
    default:
      return [];
  }
}
