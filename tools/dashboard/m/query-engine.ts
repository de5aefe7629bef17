import { evaluate, lazily, parseM } from './evaluate.ts';
import { library } from './library.ts';
import { Binary, type Fn, type RecordValue, type Value } from './values.ts';

export interface QueryEngineOptions {
  /** Text of every query, function and parameter, by name. */
  readonly queries: ReadonlyMap<string, string>;
  /** Values set for parameters, as M text. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** The credential of the data source. */
  readonly key: string;
  /** Answers a GET. */
  readonly get: (url: URL) => Promise<Response>;
  readonly now: () => number;
}

/**
 * Runs the committed queries the way Power Query's engine does in the service: every query anew, `Web.Contents` as a GET
 * with the key in the query string, an answer other than 2xx as an error.
 */
export async function createQueryEngine({ queries, parameters = {}, key, get, now }: QueryEngineOptions) {
  const trees = new Map(
    await Promise.all(
      [...queries].map(async ([name, text]) => [name, await parseM(parameters[name] ?? text)] as const),
    ),
  );
  const scope = new Map<string, () => Promise<Value>>();
  for (const [name, value] of library(now)) scope.set(name, async () => value);
  scope.set('Web.Contents', async () => webContents as Fn);
  for (const [name, tree] of trees) scope.set(name, () => lazily(() => evaluate(tree, scope))());

  async function webContents(base: Value, options: Value): Promise<Value> {
    const fields = options as RecordValue;
    for (const name of fields.keys()) {
      if (!['RelativePath', 'Query', 'ApiKeyName', 'Timeout'].includes(name))
        throw new Error(`unknown option: ${name}`);
    }
    const url = new URL(`${String(base).replace(/\/$/, '')}/${fields.get('RelativePath')}`);
    for (const [name, value] of fields.get('Query') as RecordValue) {
      if (typeof value !== 'string') throw new Error(`Query values are text: ${name}`);
      url.searchParams.append(name, value);
    }
    url.searchParams.append(fields.get('ApiKeyName') as string, key);
    const response = await get(url);
    if (!response.ok) throw new Error(`DataSource.Error: (${response.status}) ${await response.text()}`);
    return new Binary(new Uint8Array(await response.arrayBuffer()));
  }

  return {
    /** Value of a query, computed afresh. */
    run: (name: string) => evaluate(trees.get(name) as never, scope),
  };
}
