import type { D1Binding } from '../store/d1.ts';

/** A statement with its values, as it goes to the worker. */
export type SentStatement = readonly [sql: string, values: readonly unknown[]];

/** Runs the statements of a request on D1, all of them or none; answers with what they gave, or with 500 and the error. */
export default {
  async fetch(request: Request, { DB }: { readonly DB: D1Binding }): Promise<Response> {
    const statements = (await request.json()) as SentStatement[];
    try {
      return Response.json(await DB.batch(statements.map(([sql, values]) => DB.prepare(sql).bind(...values))));
    } catch (error) {
      return Response.json((error as Error).message, { status: 500 });
    }
  },
};
