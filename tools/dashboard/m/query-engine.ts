import { evaluate, lazily, parseM } from './evaluate.ts';
import { library } from './library.ts';
import { Binary, type Fn, MError, type RecordValue, type Value } from './values.ts';

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

const OPTIONS = ['RelativePath', 'Query', 'ApiKeyName', 'Timeout', 'ManualStatusHandling', 'IsRetry'];

/** Statuses that Power Query asks again for by itself, and how often; one that a query handles itself it does not. */
const ASKED_AGAIN = [408, 429, 503, 504, 509];
const MOST_RETRIES = 3;

/**
 * Runs the committed queries the way Power Query's engine does in the service: every query anew, `Web.Contents` as a GET
 * with the key in the query string, an answer other than 2xx as an error unless the query handles its status itself,
 * which it cannot for 401 and 403: those stop it, and Power BI asks for the credential.
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
    for (const name of fields.keys()) if (!OPTIONS.includes(name)) throw new Error(`unknown option: ${name}`);
    const url = new URL(`${String(base).replace(/\/$/, '')}/${fields.get('RelativePath')}`);
    for (const [name, value] of fields.get('Query') as RecordValue) {
      if (typeof value !== 'string') throw new Error(`Query values are text: ${name}`);
      url.searchParams.append(name, value);
    }
    url.searchParams.append(fields.get('ApiKeyName') as string, key);
    const handled = (fields.get('ManualStatusHandling') ?? []) as readonly number[];
    let response = await get(url);
    for (let k = 0; k < MOST_RETRIES && ASKED_AGAIN.includes(response.status); k++) {
      if (handled.includes(response.status)) break;
      response = await get(url);
    }
    const { ok, status } = response;
    if (status === 401 || status === 403) throw new Error(`DataSource.Error: (${status}) credentials`);
    if (!ok && !handled.includes(status))
      throw new MError('DataSource.Error', `Web.Contents failed to get contents from '${url.origin}' (${status})`);
    const metadata = new Map<string, Value>([
      ['Response.Status', status],
      ['Content.Type', response.headers.get('content-type') ?? ''],
    ]);
    return new Binary(new Uint8Array(await response.arrayBuffer()), metadata);
  }

  return {
    /** Value of a query, computed afresh. */
    run: (name: string) => evaluate(trees.get(name) as never, scope),
  };
}
