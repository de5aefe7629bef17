/** A request that Athena would refuse with `InvalidRequestException`. */
export class Refused extends Error {}

const LITERAL = /^(-?\d+(\.\d+)?(e[+-]?\d+)?|'([^']|'')*'|null|true|false|(date|timestamp|decimal) '([^']|'')*')$/i;

/**
 * Puts execution parameters in the place of their `?`, with Athena's demands: one literal for each, strings in single
 * quotes of their own, and `?` in a WHERE clause only.
 */
export function bind(sql: string, parameters: readonly string[]): string {
  for (const parameter of parameters) {
    if (parameter.length < 1 || parameter.length > 1024)
      throw new Refused('ExecutionParameters must have 1 to 1024 characters');
    if (!LITERAL.test(parameter)) throw new Refused(`ExecutionParameters must be literals: ${parameter}`);
  }
  let used = 0;
  const clauses = ['START'];
  const bound = sql.replace(
    /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|[()?]|\b(?:SELECT|FROM|WHERE|GROUP|HAVING|ORDER|VALUES|ON|LIMIT)\b/gi,
    (token) => {
      if (token === '(') clauses.push(clauses.at(-1) as string);
      else if (token === ')') clauses.pop();
      else if (token === '?') {
        if (clauses.at(-1) !== 'WHERE')
          throw new Refused(`parameters are allowed in WHERE only, not in ${clauses.at(-1)}`);
        return parameters[used++] ?? '?';
      } else if (/^[a-z]/i.test(token)) clauses[clauses.length - 1] = token.toUpperCase();
      return token;
    },
  );
  if (used !== parameters.length) {
    throw new Refused(`Incorrect number of parameters: expected ${used} but found ${parameters.length}`);
  }
  return bound;
}
