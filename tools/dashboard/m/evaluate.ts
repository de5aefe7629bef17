import { createRequire } from 'node:module';
import type { Language } from '@microsoft/powerquery-parser';
import { Binary, type Fn, MError, Moment, rank, same, Table, Type, type Value } from './values.ts';

// The parser is CommonJS with one export object.
const { DefaultSettings, TaskUtils } = createRequire(import.meta.url)(
  '@microsoft/powerquery-parser',
) as typeof import('@microsoft/powerquery-parser');

type Node = Language.Ast.TNode;
type Scope = ReadonlyMap<string, () => Promise<Value>>;

/**
 * The syntax tree of an M expression, by Microsoft's own parser.
 * @throws Error with the parser's message.
 */
export async function parseM(text: string): Promise<Node> {
  const task = await TaskUtils.tryLexParse(DefaultSettings, text);
  if (TaskUtils.isParseStageOk(task)) return task.ast;
  throw new Error(`not M: ${'error' in task ? task.error.message : 'nothing parsed'}\n${text}`);
}

/**
 * Evaluates the part of M that the dashboard's queries are written in, lazily as Power Query does: a step runs when it
 * is asked for, once. Names are looked up in `scope`.
 */
export async function evaluate(node: Node, scope: Scope): Promise<Value> {
  switch (node.kind) {
    case 'LetExpression':
      return evaluate(node.expression, withSteps(node, scope));
    case 'IdentifierExpression':
      return named(node.identifier.literal, scope);
    case 'LiteralExpression':
      return literal(node.literalKind, node.literal);
    case 'ParenthesizedExpression':
      return evaluate(node.content, scope);
    case 'MetadataExpression':
      return evaluate(node.left, scope);
    case 'IfExpression': {
      const branch = (await evaluate(node.condition, scope)) === true ? node.trueExpression : node.falseExpression;
      return evaluate(branch, scope);
    }
    case 'ErrorHandlingExpression':
      return tried(node, scope);
    case 'ErrorRaisingExpression': {
      const raised = await evaluate(node.paired, scope);
      throw new MError(String(field(raised, 'Reason')), String(field(raised, 'Message')));
    }
    case 'FunctionExpression': {
      const names = node.parameters.content.elements.map((element) => element.node.name.literal);
      return bound(names, node.expression, scope);
    }
    case 'EachExpression':
      return bound(['_'], node.paired, scope);
    case 'ListExpression':
      return list(node, scope);
    case 'RecordExpression': {
      const fields = node.content.elements.map(({ node: field }) => field);
      return new Map(
        await Promise.all(fields.map(async ({ key, value }) => [key.literal, await evaluate(value, scope)] as const)),
      );
    }
    case 'FieldSelector':
      return field(await named('_', scope), node.content.literal);
    case 'RecursivePrimaryExpression': {
      let value = await evaluate(node.head, scope);
      for (const step of node.recursiveExpressions.elements) value = await applied(value, step, scope);
      return value;
    }
    case 'UnaryExpression': {
      const operators = node.operators.elements.map(({ constantKind }) => constantKind);
      if (operators.join() !== '-') throw new Error(`unary operator not evaluated here: ${operators.join(' ')}`);
      return -((await evaluate(node.typeExpression, scope)) as number);
    }
    case 'LogicalExpression': {
      const left = await evaluate(node.left, scope);
      if (left === (node.operatorConstant.constantKind === 'or')) return left;
      return evaluate(node.right, scope);
    }
    case 'EqualityExpression': {
      const equal = same(await evaluate(node.left, scope), await evaluate(node.right, scope));
      return equal === (node.operatorConstant.constantKind === '=');
    }
    case 'RelationalExpression':
      return ordered(
        node.operatorConstant.constantKind,
        await evaluate(node.left, scope),
        await evaluate(node.right, scope),
      );
    case 'ArithmeticExpression':
      return arithmetic(
        node.operatorConstant.constantKind,
        await evaluate(node.left, scope),
        await evaluate(node.right, scope),
      );
    case 'TypePrimaryType':
      return typeOf(node.paired);
    default:
      throw new Error(`part of M not evaluated here: ${node.kind}`);
  }
}

/** A value computed when first asked for, and kept. */
export function lazily(compute: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => {
    value ??= compute();
    return value;
  };
}

/** What `try` gives: whether there was an error, or with `otherwise` another value in its place. */
async function tried(node: Language.Ast.TErrorHandlingExpression, scope: Scope): Promise<Value> {
  const { handler } = node;
  try {
    const value = await evaluate(node.protectedExpression, scope);
    return handler === undefined
      ? new Map<string, Value>([
          ['HasError', false],
          ['Value', value],
        ])
      : value;
  } catch (error) {
    if (!(error instanceof MError)) throw error;
    if (handler === undefined) return new Map([['HasError', true]]);
    if (handler.kind !== 'OtherwiseExpression') throw new Error('catch is not evaluated here');
    return evaluate(handler.paired, scope);
  }
}

function withSteps(node: Language.Ast.LetExpression, outer: Scope): Scope {
  const scope = new Map(outer);
  for (const { node: step } of node.variableList.elements) {
    scope.set(
      step.key.literal,
      lazily(() => evaluate(step.value, scope)),
    );
  }
  return scope;
}

async function named(name: string, scope: Scope): Promise<Value> {
  const value = scope.get(name);
  if (value === undefined) throw new Error(`name not known to M here: ${name}`);
  return value();
}

function literal(kind: string, text: string): Value {
  if (kind === 'Text') return text.slice(1, -1).replaceAll('""', '"');
  if (kind === 'Numeric') return Number(text);
  return { true: true, false: false, null: null }[text] as Value;
}

function bound(names: readonly string[], body: Node, scope: Scope): Fn {
  return (...values) => {
    const inner = new Map(scope);
    names.forEach((name, k) => {
      inner.set(name, async () => values[k] ?? null);
    });
    return evaluate(body, inner);
  };
}

async function list(node: Language.Ast.ListExpression, scope: Scope): Promise<Value> {
  const items: Value[] = [];
  for (const { node: item } of node.content.elements) {
    if (item.kind !== 'RangeExpression') {
      items.push(await evaluate(item, scope));
      continue;
    }
    const last = (await evaluate(item.right, scope)) as number;
    for (let k = (await evaluate(item.left, scope)) as number; k <= last; k++) items.push(k);
  }
  return items;
}

async function applied(value: Value, step: Node, scope: Scope): Promise<Value> {
  if (step.kind === 'FieldSelector') return field(value, step.content.literal);
  if (step.kind === 'InvokeExpression') {
    const passed: Value[] = [];
    for (const { node } of step.content.elements) passed.push(await evaluate(node, scope));
    return (value as Fn)(...passed);
  }
  throw new Error(`part of M not evaluated here: ${step.kind}`);
}

function field(value: Value, name: string): Value {
  if (!(value instanceof Map)) throw new Error(`no record to take [${name}] from`);
  if (!value.has(name)) throw new MError('Expression.Error', `The field '${name}' of the record wasn't found.`);
  return value.get(name) as Value;
}

function ordered(operator: string, left: Value, right: Value): Value {
  const [a, b] = [rank(left), rank(right)];
  if (a === null || b === null) return null;
  return { '<': a < b, '<=': a <= b, '>': a > b, '>=': a >= b }[operator] as boolean;
}

function arithmetic(operator: string, left: Value, right: Value): Value {
  if (left === null || right === null) return null;
  if (operator === '&') {
    if (left instanceof Map && right instanceof Map) return new Map([...left, ...right]);
    if (typeof left === 'string' && typeof right === 'string') return left + right;
    if (Array.isArray(left) && Array.isArray(right)) return [...left, ...right];
  }
  if (left instanceof Moment && right instanceof Moment && right.kind === 'duration') {
    return new Moment(left.kind, operator === '+' ? left.ms + right.ms : left.ms - right.ms);
  }
  if (typeof left === 'number' && typeof right === 'number') {
    return { '+': left + right, '-': left - right, '*': left * right, '/': left / right }[operator] as number;
  }
  throw new Error(`M cannot apply ${operator} to ${describe(left)} and ${describe(right)}`);
}

function describe(value: Value): string {
  for (const kind of [Moment, Table, Type, Binary, Map]) if (value instanceof kind) return kind.name;
  return Array.isArray(value) ? 'list' : typeof value;
}

function typeOf(node: Node): Type {
  switch (node.kind) {
    case 'PrimitiveType':
      return new Type(node.primitiveTypeKind);
    case 'NullableType':
      return typeOf(node.paired);
    case 'TableType': {
      const row = node.rowType;
      if (row.kind !== 'FieldSpecificationList') throw new Error('a table type here lists its columns');
      return new Type(
        'table',
        row.content.elements.map(({ node: spec }) => spec.name.literal),
      );
    }
    default:
      throw new Error(`type of M not evaluated here: ${node.kind}`);
  }
}
