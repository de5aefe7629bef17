import { createRoute, OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { problem } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { Scope } from './auth.ts';
import { checkTexts } from './body-text.ts';
import { heldBodies } from './held-bodies.ts';
import { invalidInput } from './problem.ts';

/** What the middleware leaves for routes. */
export interface Variables {
  requestId: string;
  /** Name of the key that was presented; `anonymous` where none is needed. */
  caller: string;
  /** Of the style of a page, see `incident-page`. */
  nonce?: string;
}

/** What every route runs first; `null`: no key needed. */
export type Admission = (scope: Scope | null) => MiddlewareHandler<{ Variables: Variables }>;

export type App = OpenAPIHono<{ Variables: Variables }> & {
  readonly admission: Admission;
  /** What may be asked of each path, e.g. `/v1/alarms/{id}/ack`. */
  readonly methods: Map<string, Set<string>>;
};
export type RouteContext = Context<{ Variables: Variables }>;

type Shape = Record<string, z.ZodType>;
type Parsed<T extends Shape | undefined> = T extends Shape ? z.output<z.ZodObject<T>> : Record<never, never>;

/** One route: what it takes and gives, from which both its validation and its part of the OpenAPI document come. */
export interface RouteDefinition<Q extends Shape | undefined, P extends Shape | undefined, B> {
  readonly method: 'get' | 'put' | 'post' | 'delete';
  readonly path: string;
  /** `null`: no key needed. */
  readonly scope: Scope | null;
  readonly summary: string;
  readonly query?: Q;
  readonly params?: P;
  readonly body?:
    | { readonly type: 'application/json'; readonly schema: z.ZodType<B>; readonly maxBytes?: number }
    | { readonly type: 'text/plain'; readonly maxBytes?: number };
  /** Content types and their schemas; `null`: text that the summary describes. */
  readonly gives: Readonly<Record<string, z.ZodType | null>>;
  readonly status?: number;
}

/** A schema of another module with a name in the OpenAPI document. */
export function named<T extends z.ZodRawShape>(schema: z.ZodObject<T>, name: string): z.ZodObject<T, z.core.$strict> {
  return z.strictObject(schema.shape).openapi(name);
}

const PROBLEM = { content: { 'application/problem+json': { schema: named(problem, 'Problem') } } };

/** An app without routes; their validation and their admission throw what the error handler turns into problems. */
export function createOpenApp(admission: Admission): App {
  const app = new OpenAPIHono<{ Variables: Variables }>({
    defaultHook: (result) => {
      if (!result.success) {
        const given = (result as unknown as { data?: unknown }).data;
        throw invalidInput(result.target === 'json' ? 'body' : result.target, result.error as z.ZodError, given);
      }
    },
  });
  return Object.assign(app, { admission, methods: new Map<string, Set<string>>() });
}

/** Adds a route. The query is strict: a parameter it does not name is refused. */
export function addRoute<
  Q extends Shape | undefined = undefined,
  P extends Shape | undefined = undefined,
  B = undefined,
>(
  app: App,
  definition: RouteDefinition<Q, P, B>,
  answer: (c: RouteContext, input: { query: Parsed<Q>; params: Parsed<P>; body: B }) => Promise<Response> | Response,
): void {
  const { method, path, scope, summary, body, gives, status = 200 } = definition;
  declareMethod(app, path, method);
  const query = z.strictObject({ ...definition.query, ...(scope ? { key: KEY } : {}) });
  const params = definition.params ? z.strictObject(definition.params) : null;
  const content = Object.fromEntries(
    Object.entries(gives).map(([type, schema]) => [type, { schema: schema ?? z.string() }]),
  );
  const schema = body?.type === 'application/json' ? body.schema : z.string();
  const config: RouteConfig & { middleware: MiddlewareHandler[] } = {
    method,
    path,
    summary,
    // In this order: of whoever may not come in, no body is read.
    middleware: [app.admission(scope), ...(body ? bodyChecks(body.type, body.maxBytes ?? SMALL_BODY) : [])],
    security: scope ? [{ bearer: [scope] }, { header: [scope] }, { query: [scope] }] : [],
    request: {
      query,
      ...(params ? { params } : {}),
      ...(body ? { body: { required: true, content: { [body.type]: { schema } } } } : {}),
    },
    responses: {
      [status]: { description: summary, content },
      '4XX': { description: 'What was wrong, and what is accepted', ...PROBLEM },
      '5XX': { description: 'What failed here; trying again later may help', ...PROBLEM },
    },
  };
  app.openapi(createRoute(config), (async (c: RouteContext) => {
    const valid = (target: string) => (c.req as unknown as { valid(target: string): unknown }).valid(target);
    if (body?.type === 'application/json') checkTexts('body', valid('json'));
    const given = { query: valid('query'), params: params ? valid('param') : {} };
    checkTexts('query', given.query);
    checkTexts('path', given.params);
    return answer(c, {
      query: given.query as Parsed<Q>,
      params: given.params as Parsed<P>,
      body: (body?.type === 'application/json' ? valid('json') : undefined) as B,
    });
  }) as never);
}

/** Notes that a method may be asked of a path, for `Allow`. */
export function declareMethod(app: App, path: string, method: string): void {
  const methods = app.methods.get(path) ?? new Set(['OPTIONS']);
  methods.add(method.toUpperCase());
  if (method === 'get') methods.add('HEAD');
  app.methods.set(path, methods);
}

/** What may be asked of a path as it was requested, for `Allow`; empty where there is nothing. */
export function methodsAt(app: App, path: string): string[] {
  for (const [pattern, methods] of app.methods) {
    const parts = pattern.split('/');
    const given = path.split('/');
    if (
      parts.length === given.length &&
      parts.every((part, i) => (part.startsWith('{') ? given[i] !== '' : part === given[i]))
    )
      return [...methods].sort();
  }
  return [];
}

/** Enough for a note or a calendar entry. */
const SMALL_BODY = 64 * 1024;

const holdBody = heldBodies();

function bodyChecks(type: string, maxBytes: number): MiddlewareHandler[] {
  return [requireBody(type), holdBody(maxBytes), limitBody(maxBytes), requireUtf8];
}

/** Refuses a request without a body, or with JSON expected and something else named. */
function requireBody(type: string): MiddlewareHandler {
  return async (c, next) => {
    if (c.req.raw.body === null || c.req.header('content-length') === '0') {
      throw new UserError('missing-body', `${c.req.method} ${c.req.path} needs a body of type ${type}; got none`);
    }
    const given = c.req.header('content-type') ?? 'no content type';
    if (type === 'application/json' && !/^application\/([\w.-]+\+)?json\b/i.test(given)) {
      throw new UserError(
        'unsupported-media-type',
        `${c.req.method} ${c.req.path} needs a body of type ${type}; got ${given.slice(0, 80)}`,
      );
    }
    await next();
  };
}

function limitBody(maxSize: number): MiddlewareHandler {
  return bodyLimit({
    maxSize,
    onError: () => {
      throw new UserError('body-too-large', `the body is too large; at most ${maxSize} bytes are accepted here`);
    },
  });
}

/** Bytes of a body that are looked at together. */
const PIECE = 65_536;

/** Refuses a body that is no UTF-8: decoding it would put U+FFFD into names that nobody gave. */
const requireUtf8: MiddlewareHandler = async (c, next) => {
  // Kept by the request, which reads its text from there.
  const bytes = await c.req.arrayBuffer();
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    // Piece by piece: what a large body says is not held twice.
    for (let at = 0; at < bytes.byteLength; at += PIECE) {
      decoder.decode(new Uint8Array(bytes, at, Math.min(PIECE, bytes.byteLength - at)), { stream: true });
    }
    decoder.decode();
  } catch (cause) {
    const said = `the body of ${c.req.method} ${c.req.path} is not UTF-8; expected nothing else`;
    throw new UserError('invalid-text', said, { cause });
  }
  await next();
};

const KEY = z.string().optional().describe('API key, for clients that cannot set a header');
