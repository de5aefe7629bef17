import type { Problem } from '@tidemark/shared/contract';
import { UserError, type UserErrorCode } from '@tidemark/shared/errors';
import { HTTPException } from 'hono/http-exception';
import type { ZodError } from 'zod';
import { isStorageFull } from '../store/full.ts';
import { isUnavailable } from '../store/unavailable.ts';

/** Codes of user errors that are not a plain 400. */
const STATUS: Readonly<Partial<Record<UserErrorCode, number>>> = {
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'unknown-series': 404,
  'unknown-alarm': 404,
  'unknown-maintenance': 404,
  'method-not-allowed': 405,
  'no-model': 409,
  'other-step': 409,
  'no-earlier-model': 409,
  'version-conflict': 409,
  'name-conflict': 409,
  'measure-conflict': 409,
  'body-too-large': 413,
  'unsupported-media-type': 415,
  'failed-smoke-test': 422,
  'too-many-requests': 429,
  'request-too-large': 431,
  'not-ready': 503,
  'database-unreachable': 503,
  'storage-full': 507,
  'unreadable-model': 503,
};

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad request',
  401: 'Key needed',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  409: 'Conflict',
  413: 'Body too large',
  415: 'Unsupported media type',
  422: 'Refused',
  431: 'Request too large',
  429: 'Too many requests',
  500: 'Internal error',
  503: 'Not ready',
  507: 'Storage full',
};

/**
 * The problem document (RFC 9457) of an error. A bug's message stays inside: it may name tables, files or keys.
 */
export function problemOf(error: unknown, requestId: string): Problem {
  const [status, code, detail] = factsOf(error);
  return {
    type: `/problems/${code}`,
    title: TITLES[status] ?? 'Request failed',
    status,
    detail,
    request_id: requestId,
  };
}

function factsOf(error: unknown): [number, string, string] {
  if (error instanceof UserError) return [STATUS[error.code] ?? 400, error.code, error.message];
  if (error instanceof HTTPException && error.status < 500) {
    return [error.status, 'bad-request', error.message || (TITLES[error.status] ?? 'bad request')];
  }
  if (isStorageFull(error)) {
    return [
      507,
      'storage-full',
      'The disk of the database is full: nothing was stored. Free space, then send it again.',
    ];
  }
  if (isUnavailable(error)) {
    return [
      503,
      'database-unavailable',
      'The database takes nothing at present (it is read-only, in use by another, or its disk fails): nothing was stored. Try again in a minute.',
    ];
  }
  if (isCutOff(error)) return [400, 'incomplete-body', 'The request ended before all of its body had come.'];
  return [500, 'internal', 'Something went wrong on our side; the request id finds it in the log.'];
}

/** Whether whoever asked went away in the middle of the request: nobody reads the answer, and nothing is wrong here. */
function isCutOff(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && (error as { code?: unknown }).code === 'ECONNRESET';
}

/** One sentence for the first thing that does not fit: where it is, its value if it is short, and what is accepted. */
export function invalidInput(where: string, error: ZodError, given: unknown): UserError {
  const issue = error.issues[0];
  if (!issue) return new UserError('invalid-request', `invalid ${where}`);
  if (issue.code === 'unrecognized_keys') {
    return new UserError('unknown-parameter', `unknown ${where} parameter: ${issue.keys.join(', ')}`);
  }
  const path = issue.path.map(String).join('.');
  let value: unknown = given;
  for (const key of issue.path) value = (value as Record<PropertyKey, unknown> | null | undefined)?.[key as string];
  // Of a key not even the caller needs to read it again, in a log of theirs.
  const shown = path === 'key' ? '…' : value === undefined ? 'nothing' : shownText(value);
  return new UserError('invalid-request', `invalid ${where}${path ? ` "${path}"` : ''}: ${shown}; ${issue.message}`);
}

/** The beginning of a value; what is nested by tens of thousands cannot be written down. */
function shownText(value: unknown): string {
  try {
    return JSON.stringify(value)?.slice(0, 80) ?? typeof value;
  } catch (error) {
    if (error instanceof RangeError) return 'a value that is nested too deeply';
    throw error;
  }
}

/** After this many seconds a request that came too often, or while something is away, may be tried again. */
const RETRY_AFTER = '60';

/** The headers that go with a problem. */
export function problemHeaders({ status }: Pick<Problem, 'status'>): Record<string, string> {
  return {
    'content-type': 'application/problem+json',
    ...(status === 401 ? { 'www-authenticate': 'Bearer' } : {}),
    ...(status === 429 || status === 503 ? { 'retry-after': RETRY_AFTER } : {}),
  };
}

/** A problem as a response; usable where there is no error handler. */
export function problemResponse(problem: Problem): Response {
  return new Response(JSON.stringify(problem), { status: problem.status, headers: problemHeaders(problem) });
}
