import { UserError } from '@tidemark/shared/errors';
import type { Context, Next } from 'hono';
import { compress } from 'hono/compress';
import { secureHeaders } from 'hono/secure-headers';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { addIncidentPages, pageHeaders } from '../incident-page/routes.ts';
import { addActuals } from '../routes/actuals.ts';
import { addAlarmDetail } from '../routes/alarm-detail.ts';
import { addAlarms } from '../routes/alarms.ts';
import { addBands } from '../routes/bands.ts';
import { addDocs } from '../routes/docs.ts';
import { addHealth } from '../routes/health.ts';
import { addMaintenance } from '../routes/maintenance.ts';
import { addMetrics } from '../routes/metrics.ts';
import { addModel, addModelReads } from '../routes/model.ts';
import { addRefresh } from '../routes/refresh.ts';
import { addScore } from '../routes/score.ts';
import { addSeries } from '../routes/series.ts';
import { addStorms } from '../routes/storms.ts';
import { covers } from './auth.ts';
import type { AppDeps } from './deps.ts';
import { type KeyGuard, keyGuard } from './key-guard.ts';
import { problemHeaders, problemOf } from './problem.ts';
import { type Admission, type App, createOpenApp, declareMethod, methodsAt, type Variables } from './route.ts';

type Ctx = Context<{ Variables: Variables }>;

/** The service as a request handler; `app.request()` tries it without a socket. */
export function createApp(deps: AppDeps): App {
  const guard = keyGuard(deps);
  const app = createOpenApp(admit(deps, guard));
  app.onError((error, c) => {
    const problem = problemOf(error, c.get('requestId'));
    if (problem.status >= 500 && !(error instanceof UserError)) {
      deps.log('error', problem.status === 500 ? 'bug' : problem.type.replace('/problems/', ''), {
        request_id: problem.request_id,
        error: describe(error),
      });
    }
    return c.body(JSON.stringify(problem), problem.status as ContentfulStatusCode, problemHeaders(problem));
  });
  app.notFound((c) => {
    const allowed = methodsAt(app, c.req.path);
    if (allowed.length === 0) {
      throw new UserError('not-found', `nothing at ${c.req.method} ${c.req.path}; /docs lists the routes`);
    }
    c.header('allow', allowed.join(', '));
    throw new UserError(
      'method-not-allowed',
      `${c.req.method} may not be asked of ${c.req.path}; expected ${allowed.join(', ')}`,
    );
  });
  app.use(record(deps));
  app.use('/incidents/*', pageHeaders);
  app.use(
    secureHeaders({
      crossOriginResourcePolicy: 'cross-origin',
      contentSecurityPolicy: { defaultSrc: ["'none'"], styleSrc: ["'unsafe-inline'"], frameAncestors: ["'none'"] },
    }),
  );
  app.use(shared(app));
  if (deps.keys.length === 0) app.use(onlyThisMachine);
  if (deps.compress) app.use(compress({ threshold: 1_024 }));
  addHealth(app, deps);
  addSeries(app, deps);
  addBands(app, deps);
  addAlarms(app, deps);
  addAlarmDetail(app, deps);
  addStorms(app, deps);
  addActuals(app, deps);
  addRefresh(app, deps);
  addModel(app, deps);
  addModelReads(app, deps);
  addMaintenance(app, deps);
  addScore(app, deps);
  addMetrics(app, deps);
  addIncidentPages(app, deps, guard);
  addDocs(app);
  for (const path of ['/docs', '/openapi.json', '/']) declareMethod(app, path, 'get');
  return app;
}

/**
 * Lets pages of any origin read, a sandboxed visual (origin `null`) included: keys, not origins, guard the routes. Hono's
 * own CORS touches the response before there is one, which costs node-server its short way for texts.
 */
function shared(app: App) {
  return async (c: Ctx, next: Next) => {
    c.header('access-control-allow-origin', '*');
    c.header('access-control-expose-headers', 'ETag, Retry-After, X-Next-Cursor, X-Request-Id');
    const allowed = c.req.method === 'OPTIONS' ? methodsAt(app, c.req.path) : [];
    if (allowed.length === 0) return next();
    return c.body(null, 204, {
      'access-control-allow-methods': allowed.join(', '),
      allow: allowed.join(', '),
      'access-control-allow-headers': 'Authorization, X-Api-Key, Content-Type, If-None-Match',
      'access-control-max-age': '86400',
    });
  };
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Without keys anybody who gets through may do anything, and a browser on this machine carries strangers' pages. So the
 * name asked for must be this machine's own, and a page from elsewhere (a sandboxed one included) may only read.
 */
async function onlyThisMachine(c: Ctx, next: Next) {
  const asked = new URL(c.req.url).hostname;
  if (!LOOPBACK.has(asked)) {
    throw new UserError('forbidden', `without keys this service answers as localhost only, not as ${asked}`);
  }
  const origin = c.req.header('origin');
  const reads = ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method);
  if (!reads && origin !== undefined && !(URL.canParse(origin) && LOOPBACK.has(new URL(origin).hostname))) {
    throw new UserError('forbidden', 'without keys, pages of other origins may only read');
  }
  return next();
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
function admit({ keys, rateLimit }: AppDeps, guard: KeyGuard): Admission {
  return (scope) => async (c, next) => {
    if (scope && keys.length > 0) {
      const presented = presentedKey(c);
      const key = presented === null ? null : await guard(c as Context, presented);
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
