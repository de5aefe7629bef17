import { createHash } from 'node:crypto';
import { encodeCsv } from '@tidemark/shared/contract';
import type { TurnQueue } from '../scoring/turn-queue.ts';
import type { AnswerCache, CachedAnswer } from './answer-cache.ts';

import type { RouteContext } from './route.ts';

/** An answer as it is made. */
export type TextAnswer = Omit<CachedAnswer, 'body'> & { readonly body: string };

export type Format = 'json' | 'csv';

/** The format asked for: the parameter first, else what `Accept` prefers, else JSON. */
export function formatOf(c: RouteContext, asked: Format | undefined): Format {
  if (asked) return asked;
  const accept = c.req.header('accept') ?? '';
  const csv = accept.indexOf('text/csv');
  const json = accept.indexOf('application/json');
  return csv >= 0 && (json < 0 || csv < json) ? 'csv' : 'json';
}

/** Rows as an answer body: `{"rows": […], "next": …}` or CSV with a fixed header. */
export function rowsAnswer<Column extends string>(
  format: Format,
  columns: readonly Column[],
  rows: readonly Readonly<Record<Column, string | number | null>>[],
  next: string | null,
): TextAnswer {
  const headers: Record<string, string> = next === null ? {} : { 'x-next-cursor': encodeURIComponent(next) };
  return format === 'csv'
    ? { body: encodeCsv(columns, rows), contentType: 'text/csv; charset=utf-8', headers }
    : { body: JSON.stringify({ rows, next }), contentType: 'application/json', headers };
}

/** What two tags are compared by: of `If-None-Match`, weak or not does not matter (RFC 9110, 13.1.2). */
const opaque = (tag: string) => tag.trim().replace(/^W\//, '');

/**
 * Answers from the cache or builds the answer, with an entity tag that holds as long as nothing a read could see has
 * changed; `304` to whoever has it already.
 * @param asked the question, and the state that its answer depends on: revision and time.
 */
export async function respond(
  c: RouteContext,
  cache: AnswerCache,
  { state, question }: { readonly state: string; readonly question: string },
  build: () => Promise<TextAnswer>,
): Promise<Response> {
  const etag = `W/"${createHash('sha1').update(`${cache.edition}\n${state}\n${question}`).digest('base64url')}"`;
  // Named here in full: the compression, adding its own, would make node-server leave its short way.
  const headers = { etag, 'cache-control': 'private, no-cache', vary: 'Accept, Accept-Encoding, Accept-Language' };
  const known = c.req.header('if-none-match');
  if (known && (known === '*' || known.split(',').some((tag) => opaque(tag) === opaque(etag)))) {
    return c.body(null, 304, headers);
  }
  let answer = cache.get(state, question);
  if (!answer) {
    const made = await build();
    // Kept as bytes: a text would be encoded anew for every request.
    answer = { ...made, body: new TextEncoder().encode(made.body) };
    cache.set(state, question, answer);
  }
  return c.body(answer.body, 200, { ...headers, ...answer.headers, 'content-type': answer.contentType });
}

/** The same work, done when its turn has come; without turns, at once. */
export function inTurn<T>(turns: TurnQueue | undefined, work: () => Promise<T>): () => Promise<T> {
  return async () => {
    const end = await turns?.take();
    try {
      return await work();
    } finally {
      end?.();
    }
  };
}
