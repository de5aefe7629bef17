/** Answer of a statement: every cell as text, as written in the answer; NULL is `null`. */
export interface TrinoAnswer {
  readonly columns: readonly string[];
  readonly rows: readonly (string | null)[][];
}

/** A statement that Trino refused; `message` begins with the name of its error, as Athena's reasons do. */
export class TrinoError extends Error {}

interface Page {
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string }[];
  readonly data?: readonly (string | null)[][];
  readonly error?: { readonly errorName: string; readonly message: string };
}

/**
 * Runs one statement on a Trino server and returns all of its rows.
 * @param schema that unqualified names are of, in catalog `hive`.
 * @throws TrinoError for what Trino refuses.
 */
export async function askTrino(url: string, schema: string, sql: string): Promise<TrinoAnswer> {
  const headers = {
    'x-trino-user': 'tidemark',
    'x-trino-catalog': 'hive',
    'x-trino-schema': schema,
    'x-trino-time-zone': 'UTC',
  };
  let page = await pageOf(await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql }));
  let columns: readonly string[] = [];
  const rows: (string | null)[][] = [];
  for (;;) {
    if (page.error) throw new TrinoError(`${page.error.errorName}: ${page.error.message}`);
    if (page.columns) columns = page.columns.map(({ name }) => name);
    rows.push(...(page.data ?? []));
    if (page.nextUri === undefined) return { columns, rows };
    page = await pageOf(await fetch(page.nextUri, { headers }));
  }
}

async function pageOf(response: Response): Promise<Page> {
  const text = await response.text();
  if (!response.ok) throw new Error(`Trino answered ${response.status}: ${text.slice(0, 200)}`);
  const page = JSON.parse(text) as Page;
  // Cells as they are written: a BIGINT or a DECIMAL is not to pass through a floating-point number.
  const exact = JSON.parse(text, (_, value, context?: { source?: string }) =>
    typeof value === 'number' || typeof value === 'boolean' ? context?.source : value,
  ) as Page;
  return { ...page, ...(exact.data ? { data: exact.data } : {}) };
}
