import { randomBytes } from 'node:crypto';
import { toWellFormed } from '@tidemark/shared/contract';
import { UserError } from '@tidemark/shared/errors';
import { DAY_MS, zoneClock } from '@tidemark/shared/forecasting';
import type { Language } from '@tidemark/shared/vocabulary';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { getCookie, setCookie } from 'hono/cookie';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ApiKey, covers } from '../http/auth.ts';
import { checkTexts, withoutControls } from '../http/body-text.ts';
import type { AppDeps } from '../http/deps.ts';
import type { KeyGuard } from '../http/key-guard.ts';
import { languageOf } from '../http/language.ts';
import { type App, declareMethod, type RouteContext, type Variables } from '../http/route.ts';
import { noteIncident } from '../store/incident-story.ts';
import { acknowledgeIncident, findIncident, labelIncident } from '../store/incidents.ts';
import { putMaintenance, readMaintenance } from '../store/maintenance.ts';
import { COOKIE, type PageAccess, pageAccess, SESSION_SECONDS } from './access.ts';
import { muteFrom, muteInForce } from './mute.ts';
import { incidentPage, noticePage, signInPage, type Viewer } from './page.ts';
import { pageData } from './page-data.ts';
import { PAGE_WORDS } from './words.ts';

type Ctx = Context<{ Variables: Variables }>;

const LANGUAGES: readonly string[] = ['en', 'es', 'pt'];
const NOTE_LENGTH = 2_000;
/** Bytes of a form: the note as it is and as it was, nine for a letter of the longest scripts, a time and two tokens. */
const FORM_BYTES = 2 * 9 * NOTE_LENGTH + 4 * 1024;
/** Letters of the reason of a calendar entry, as `PUT /v1/maintenance` takes them. */
const REASON_LENGTH = 500;
/** Longest that an alarm may be muted from its page. */
const LONGEST_MUTE_DAYS = 90;
/** What stands for the session where no keys are needed. */
const OPEN = 'open';

/**
 * Headers of incident pages: no script, nothing from elsewhere, no frame, no cache, nothing for other origins. Added before
 * those of the API, which would else replace them.
 */
export const pageHeaders: MiddlewareHandler<{ Variables: Variables }> = async (c, next) => {
  const nonce = randomBytes(16).toString('base64');
  c.set('nonce', nonce);
  await next();
  if (!c.res.headers.get('content-type')?.startsWith('text/html') && c.res.status !== 303) return;
  c.res.headers.set(
    'content-security-policy',
    `default-src 'none'; style-src 'nonce-${nonce}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  );
  c.res.headers.set('cache-control', 'no-store');
  c.res.headers.set('cross-origin-resource-policy', 'same-origin');
  // With no referrer at all browsers would not say where a form comes from either.
  c.res.headers.set('referrer-policy', 'same-origin');
  c.res.headers.delete('access-control-allow-origin');
};

/** Pages of incidents for people: `/incidents/{id}`, read with a link's token or after signing in, answered by admins. */
export function addIncidentPages(app: App, deps: AppDeps, guard: KeyGuard): void {
  const pages: Pages = { deps, access: pageAccess(deps.keys), path: pagesPath(deps.publicUrl ?? null) };
  const { access } = pages;
  const page = '/incidents/:id' as const;
  for (const path of ['/incidents/{id}', '/incidents/{id}/sign-in']) {
    declareMethod(app, path, 'get');
    declareMethod(app, path, 'post');
  }
  const limited = bodyLimit({
    maxSize: FORM_BYTES,
    onError: () => {
      throw new UserError('body-too-large', `the form is too large; at most ${FORM_BYTES} bytes are accepted here`);
    },
  });

  app.use(`${page}/*`, async (c, next) => {
    checkTexts('path', { id: c.req.param('id') });
    await next();
  });
  app.get(page, async (c) => {
    await deps.cycle.ensure();
    return answerPage(c, pages, visitorOf(c, pages));
  });

  // After a wrong key this is the page's address: a phone that has put it aside asks for it again.
  app.get(`${page}/sign-in`, (c) => c.redirect(pageAddress(c, pages), 303));

  app.post(`${page}/sign-in`, limited, async (c) => {
    refuseOtherSites(c);
    const form = await formOf(c);
    const id = c.req.param('id');
    const key = typeof form.key === 'string' ? await guard(c as Context, form.key.trim()) : null;
    if (!key || !covers(key, 'read')) {
      const language = pageLanguage(c, deps);
      return c.html(
        signInPage({ id, pages: pages.path, notice: PAGE_WORDS[language].wrongKey }, language, nonceOf(c)),
        401,
      );
    }
    setCookie(c, COOKIE, access.session(key, deps.clock.wall()), {
      path: pages.path,
      httpOnly: true,
      // Links in messages come from other sites; forms from there carry no token and are refused.
      sameSite: 'Lax',
      secure: isSecure(c, deps),
      maxAge: SESSION_SECONDS,
    });
    return c.redirect(pageAddress(c, pages), 303);
  });

  app.post(page, limited, async (c) => {
    refuseOtherSites(c);
    const who = visitorOf(c, pages);
    const form = await formOf(c);
    const id = c.req.param('id');
    const words = PAGE_WORDS[pageLanguage(c, deps)];
    const unsaved = unsavedNote(form);
    if (who.kind !== 'session') return answerPage(c, pages, who, { notice: words.ended, status: 401, unsaved });
    if (typeof form.token !== 'string' || !access.isFormToken(form.token, who.session, id)) {
      return answerPage(c, pages, who, { notice: words.stale, status: 403, unsaved });
    }
    if (who.key && !covers(who.key, 'admin')) {
      throw new UserError('forbidden', `the key "${who.key.name}" may not answer; it takes scope admin`);
    }
    const by = who.key?.name ?? 'anonymous';
    checkTexts('form', { ...form, note: noteIn(form.note), before: noteIn(form.before) });
    const notice = await takeAnswer(deps, id, { by, form, language: pageLanguage(c, deps) });
    if (notice !== null) return answerPage(c, pages, who, { notice, status: 422, unsaved });
    return c.redirect(pageAddress(c, pages), 303);
  });
}

/** Path of the pages as browsers ask for them: a proxy may take a prefix off, which the public address has. */
function pagesPath(publicUrl: string | null): string {
  return `${publicUrl === null ? '' : new URL(publicUrl).pathname.replace(/\/+$/, '')}/incidents`;
}

/** Address of the page that a form of it leads back to. */
function pageAddress(c: Ctx, { path, deps }: Pages): string {
  return `${path}/${encodeURIComponent(c.req.param('id') ?? '')}?language=${pageLanguage(c, deps)}`;
}

/** Whether a browser asked over TLS: here, at the proxy in front (the first of several), or by the public address. */
function isSecure(c: Ctx, { publicUrl }: AppDeps): boolean {
  const forwarded = c.req.header('x-forwarded-proto')?.split(',')[0]?.trim().toLowerCase();
  if (forwarded !== undefined) return forwarded === 'https';
  if (new URL(c.req.url).protocol === 'https:') return true;
  const known = publicUrl ? new URL(publicUrl) : null;
  return known?.protocol === 'https:' && known.host === c.req.header('host');
}

/** What pages are answered with: the service, and who may open them. */
interface Pages {
  readonly deps: AppDeps;
  readonly access: PageAccess;
  /** Path of the pages as browsers ask for them. */
  readonly path: string;
}

/** Who asks for a page: somebody signed in, somebody with a link, or nobody we know. */
type Visitor =
  | { readonly kind: 'session'; readonly session: string; readonly key: ApiKey | null }
  | { readonly kind: 'link'; readonly token: string }
  | { readonly kind: 'nobody'; readonly hadToken: boolean };

function visitorOf(c: Ctx, { deps: { keys, clock }, access }: Pages): Visitor {
  if (keys.length === 0) return { kind: 'session', session: OPEN, key: null };
  const session = getCookie(c, COOKIE);
  const key = session === undefined ? null : access.keyOf(session, clock.wall());
  if (session !== undefined && key && covers(key, 'read')) return { kind: 'session', session, key };
  const token = c.req.query('t') ?? '';
  if (access.opensIncident(token, c.req.param('id') ?? '', clock.wall())) return { kind: 'link', token };
  return { kind: 'nobody', hadToken: token !== '' };
}

/** Why nothing of a form was saved, and the note in it that would be lost. */
interface NotSaved {
  readonly notice: string | null;
  readonly status: ContentfulStatusCode;
  readonly unsaved: string | null;
}

const READ: NotSaved = { notice: null, status: 200, unsaved: null };

async function answerPage(
  c: Ctx,
  { deps, access, path }: Pages,
  who: Visitor,
  { notice, status, unsaved }: NotSaved = READ,
): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const language = pageLanguage(c, deps);
  const words = PAGE_WORDS[language];
  if (who.kind === 'nobody') {
    const why = notice ?? (who.hadToken ? words.expired : null);
    return c.html(signInPage({ id, pages: path, notice: why, unsaved }, language, nonceOf(c)), 401);
  }
  c.set('caller', who.kind === 'link' ? 'link' : (who.key?.name ?? 'anonymous'));
  if (!(await deps.rateLimit(c.get('caller')))) {
    throw new UserError('too-many-requests', 'too many requests; try again in a minute');
  }
  const model = await deps.live();
  const data =
    model &&
    (await pageData(deps.db, model, id, {
      language,
      coverage: deps.settings.rules.coverage,
      now: deps.clock.wall(),
    }));
  if (!data) return c.html(noticePage(words.unknown, language, nonceOf(c)), 404);
  const viewer: Viewer = {
    mayAnswer: who.kind === 'link' ? null : who.key === null || covers(who.key, 'admin'),
    formToken: who.kind === 'session' ? access.formToken(who.session, id) : '',
    notice,
    unsaved,
    linkToken: who.kind === 'link' ? who.token : null,
    pages: path,
  };
  return c.html(incidentPage(data, language, nonceOf(c), viewer), status);
}

/** What somebody sent from an incident's page, and the language of what is wrong with it. */
interface FormAnswer {
  readonly by: string;
  readonly form: Readonly<Record<string, unknown>>;
  readonly language: Language;
}

/** Does what a form asks for; returns what is wrong with it, in words for people, or `null`. */
async function takeAnswer(deps: AppDeps, id: string, { by, form, language }: FormAnswer): Promise<string | null> {
  const { db, clock } = deps;
  const incident = await findIncident(db, id);
  const model = await deps.live();
  if (!incident || !model) throw new UserError('unknown-alarm', `unknown incident: "${id}"; GET /v1/alarms lists them`);
  const note = noteIn(form.note);
  // Who left the note as it was does not take away what somebody else has written meanwhile.
  const isChanged = note !== noteIn(form.before);
  const kept = isChanged && note !== '' ? note : null;
  const stored = noteIn(incident.note);
  if (isChanged && stored !== noteIn(form.before) && stored !== note) return PAGE_WORDS[language].otherNote;
  const now = clock.wall();
  switch (form.do) {
    case 'ack':
      await acknowledgeIncident(db, id, { by, note: kept, now });
      return null;
    case 'normal':
    case 'incident':
      await labelIncident(db, id, form.do, { by, note: kept, now });
      return null;
    case 'unlabel':
      await labelIncident(db, id, null, { by, note: kept, now });
      return null;
    case 'unmute': {
      const current = muteInForce(await readMaintenance(db), id, now);
      // It stays for what it has muted so far.
      const over = current && { ...current, to: Math.max(now, current.from + 1) };
      if (over) await putMaintenance(db, over, model.forecaster.stepMs);
      return null;
    }
    case 'note':
      if (isChanged) await noteIncident(db, id, note === '' ? null : note);
      return null;
    case 'mute': {
      const { timeZone } = model.artifact.metadata;
      const until = localInstant(typeof form.until === 'string' ? form.until : '', timeZone);
      const words = PAGE_WORDS[language];
      if (until === null || until <= now || until > now + LONGEST_MUTE_DAYS * DAY_MS) {
        return words.notThen(LONGEST_MUTE_DAYS, timeZone);
      }
      const entry = {
        ...muteFrom(await readMaintenance(db), id, now),
        series: incident.seriesId,
        to: until,
        effect: 'mute' as const,
        factor: 1,
        reason:
          kept === null ? `muted by ${by} from the page of incident ${id}` : toWellFormed(kept.slice(0, REASON_LENGTH)),
      };
      await putMaintenance(db, entry, model.forecaster.stepMs);
      if (kept !== null) await noteIncident(db, id, kept);
      return null;
    }
    default:
      throw new UserError(
        'invalid-request',
        'invalid form: expected do=ack, normal, incident, unlabel, mute, unmute or note',
      );
  }
}

/** The note of a form where it says something new; `null` otherwise. */
function unsavedNote({ note, before }: Readonly<Record<string, unknown>>): string | null {
  return noteIn(note) === noteIn(before) ? null : noteIn(note);
}

/** A note as it is stored; browsers send line ends of their own, and what is pasted from elsewhere. */
function noteIn(text: unknown): string {
  if (typeof text !== 'string') return '';
  return toWellFormed(withoutControls(text).replaceAll(/\r\n?/g, '\n').trim().slice(0, NOTE_LENGTH));
}

/** The fields of a form. @throws UserError `invalid-request` where the body is none, or cut off. */
async function formOf(c: Ctx): Promise<Record<string, unknown>> {
  try {
    return await c.req.parseBody();
  } catch (cause) {
    throw new UserError('invalid-request', 'the form cannot be read; open the incident again', { cause });
  }
}

/** The instant of a local time such as `2026-11-16T14:30` in a zone; `null` where the text is none. */
function localInstant(text: string, timeZone: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text)) return null;
  const wall = Date.parse(`${text}:00Z`);
  if (Number.isNaN(wall)) return null;
  const { offsetMs } = zoneClock(timeZone);
  // Twice: the offset at the first guess may be that of the other side of a clock change.
  return wall - offsetMs(wall - offsetMs(wall));
}

/**
 * Browsers say where a form comes from; one of another site is refused. What they say themselves of it goes first: a proxy
 * may ask the service by another name than people do, and then no origin is that of the host.
 */
function refuseOtherSites(c: Ctx): void {
  const site = c.req.header('sec-fetch-site');
  const origin = c.req.header('origin');
  const host = c.req.header('host') ?? new URL(c.req.url).host;
  const isOther =
    site === undefined
      ? origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host)
      : site !== 'same-origin' && site !== 'none';
  if (isOther)
    throw new UserError('forbidden', 'this form comes from another site; open the incident here and answer there');
}

function pageLanguage(c: Ctx, { settings }: AppDeps): Language {
  const asked = c.req.query('language') ?? '';
  return languageOf(c as RouteContext, LANGUAGES.includes(asked) ? (asked as Language) : undefined, settings.language);
}

const nonceOf = (c: Ctx) => c.get('nonce') as string;
