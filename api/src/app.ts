import { UserError } from '@tidemark/shared';
import type { Context, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { secureHeaders } from 'hono/secure-headers';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { covers, findKey } from './auth.ts';
import type { AppDeps } from './deps.ts';
import { problemOf } from './problem.ts';
import { type Admission, type App, createOpenApp, type Variables } from './route.ts';
import { addActuals } from './routes/actuals.ts';
import { addAlarms } from './routes/alarms.ts';
import { addBands } from './routes/bands.ts';
import { addDocs } from './routes/docs.ts';
import { addHealth } from './routes/health.ts';
import { addMaintenance } from './routes/maintenance.ts';
import { addMetrics } from './routes/metrics.ts';
import { addModel, addModelReads } from './routes/model.ts';
import { addRefresh } from './routes/refresh.ts';
import { addScore } from './routes/score.ts';
import { addSeries } from './routes/series.ts';

type Ctx = Context<{ Variables: Variables }>;

const MAX_BODY = 64 * 1024 * 1024;

const limitBody = bodyLimit({
  maxSize: MAX_BODY,
  onError: () => {
    throw new UserError('body-too-large', `the body is too large; at most ${MAX_BODY} bytes are accepted`);
  },
});

/** The service as a request handler; `app.request()` tries it without a socket. */
export function createApp(deps: AppDeps): App {
  const app = createOpenApp(admit(deps));
  app.onError((error, c) => {
    const problem = problemOf(error, c.get('requestId'));
    if (problem.status >= 500 && !(error instanceof UserError)) {
      deps.log('error', 'bug', { request_id: problem.request_id, error: describe(error) });
    }
    if (problem.status === 401) c.header('www-authenticate', 'Bearer');
    if (problem.status === 429) c.header('retry-after', '60');
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, {
      'content-type': 'application/problem+json',
    });
  });
  app.notFound((c) => {
    throw new UserError('not-found', `nothing at ${c.req.method} ${c.req.path}; /docs lists the routes`);
  });
  app.use(record(deps));
  app.use(secureHeaders({ crossOriginResourcePolicy: 'cross-origin' }));
  app.use(shared);
  if (deps.compress) app.use(compress({ threshold: 1_024 }));
  // Not for GET: merely asking whether there is a body costs as much as the rest of the request.
  app.on(['PUT', 'POST', 'DELETE'], '*', limitBody);
  addHealth(app, deps);
  addSeries(app, deps);
  addBands(app, deps);
  addAlarms(app, deps);
  addActuals(app, deps);
  addRefresh(app, deps);
  addModel(app, deps);
  addModelReads(app, deps);
  addMaintenance(app, deps);
  addScore(app, deps);
  addMetrics(app, deps);
  addDocs(app);
  return app;
}

/**
 * Lets pages of any origin read, a sandboxed visual (origin `null`) included: keys, not origins, guard the routes. Hono's
 * own CORS touches the response before there is one, which costs node-server its short way for texts.
 */
async function shared(c: Ctx, next: Next) {
  c.header('access-control-allow-origin', '*');
  c.header('access-control-expose-headers', 'ETag, X-Next-Cursor, X-Request-Id');
  if (c.req.method !== 'OPTIONS') return next();
  return c.body(null, 204, {
    'access-control-allow-methods': 'GET, HEAD, PUT, POST, DELETE',
    'access-control-allow-headers': 'Authorization, X-Api-Key, Content-Type, If-None-Match',
    'access-control-max-age': '86400',
  });
}

/** Gives each request an id and, once answered, a log line. Neither query string nor headers are logged: keys live there. */
function record({ log }: AppDeps) {
  return async (c: Ctx, next: Next) => {
    const given = c.req.header('x-request-id');
    const id = given && /^[\w-]{8,64}$/.test(given) ? given : crypto.randomUUID();
    c.set('requestId', id);
    c.set('caller', 'anonymous');
    const started = performance.now();
    await next();
    c.res.headers.set('x-request-id', id);
    log('info', 'request', {
      request_id: id,
      method: c.req.method,
      path: c.req.path,
      status: c.res.status,
      caller: c.get('caller'),
      milliseconds: Math.round((performance.now() - started) * 100) / 100,
    });
  };
}

/** Lets a request of a route through whose key covers the route's scope and is within its rate. */
function admit({ keys, rateLimit }: AppDeps): Admission {
  return (scope) => async (c, next) => {
    if (scope && keys.length > 0) {
      const presented = presentedKey(c);
      const key = presented === null ? null : findKey(keys, presented);
      if (!key) {
        throw new UserError(
          'unauthorized',
          `${presented === null ? 'no' : 'unknown'} API key; send one as "Authorization: Bearer …", X-Api-Key or ?key=`,
        );
      }
      if (!covers(key, scope))
        throw new UserError('forbidden', `the key "${key.name}" may not do this; it takes scope ${scope}`);
      c.set('caller', key.name);
    }
    if (scope && !(await rateLimit(c.get('caller')))) {
      throw new UserError('too-many-requests', 'too many requests with this key; try again in a minute');
    }
    await next();
  };
}

function presentedKey(c: Ctx): string | null {
  const bearer = /^Bearer (.+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  return bearer ?? c.req.header('x-api-key') ?? c.req.query('key') ?? null;
}

/** A bug for the log, with its causes; bound values may be long and are cut. */
function describe(error: Error): string {
  const own = (error.stack ?? String(error)).slice(0, 4_000);
  return error.cause instanceof Error ? `${own}\ncaused by ${describe(error.cause)}` : own;
}
