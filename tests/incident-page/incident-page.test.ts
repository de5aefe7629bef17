import { mkdirSync } from 'node:fs';
import { launchChrome } from '@tidemark/tools/power-bi-host/chrome';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KEYS, type PageService, startPageService } from './service.ts';

type Browser = Awaited<ReturnType<typeof launchChrome>>;
type Page = Awaited<ReturnType<Browser['newPage']>>;

const PHONE = { width: 390, height: 844 };
const DESKTOP = { width: 1_280, height: 900 };
/** Writes the pictures of `docs/pictures` anew. */
const PICTURES = process.env.TIDEMARK_TEST_PICTURES;
/** A name that would be a script if anything of it came through as markup. */
const NAME = PICTURES === undefined ? `Mercado "Sol" <img src=x onerror=alert(1)> & Søn` : 'Mercado Sol';

let service: PageService;
let browser: Browser;
beforeAll(async () => {
  [service, browser] = await Promise.all([startPageService(NAME), launchChrome()]);
});
afterAll(async () => {
  await browser?.close();
  await service?.stop();
});

const path = () => `${service.url}/incidents/${service.incident.id}`;
const signIn = async (page: Page, key: string) => {
  await page.goto(path());
  await page.fill('input[name=key]', key);
  await Promise.all([page.waitForLoadState('load'), page.click('button')]);
};
const shoot = async (page: Page, name: string) => {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: `${PICTURES}/${name}.png`, fullPage: true });
};

describe('a page of an incident', () => {
  test('tells nothing before somebody has signed in, and nothing to a wrong key', async () => {
    const page = await browser.newPage({ viewport: PHONE });
    const answer = await page.goto(path());
    expect(answer?.status()).toBe(401);
    expect(await page.content()).not.toContain('Mercado');
    await page.fill('input[name=key]', 'wrong');
    await page.click('button');
    expect(await page.textContent('[role=alert]')).toBe('No such key, or it may not read.');
    await page.close();
  });

  test.each([
    ['phone', PHONE, 'light'],
    ['desktop', DESKTOP, 'light'],
    ['dark', PHONE, 'dark'],
  ] as const)('fits a %s, escapes names, runs no script and loads nothing', async (name, viewport, colorScheme) => {
    const context = await browser.newContext({
      viewport,
      colorScheme,
      locale: 'en',
      deviceScaleFactor: 2,
      javaScriptEnabled: false,
    });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await signIn(page, KEYS.admin);
    expect(await page.textContent('h1')).toContain(NAME);
    expect(await page.locator('img').count()).toBe(0);
    expect(await page.locator('svg.picture path.actual').count()).toBe(1);
    expect(await page.textContent('.where')).toMatch(/channel web/i);
    const box = await page.locator('main').boundingBox();
    expect(box?.width).toBeLessThanOrEqual(viewport.width);
    expect(asked.every((url) => url.startsWith(`${service.url}/incidents/`))).toBe(true);
    await shoot(page, `incident-${name}`);
    await context.close();
  });

  test('takes an acknowledgement, a label, a note and a mute, with nothing but forms', async () => {
    const context = await browser.newContext({ viewport: PHONE, locale: 'en', javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, KEYS.admin);
    await page.fill('textarea', 'known: <b>release</b> of the web shop');
    await page.click('button[value=ack]');
    expect(await page.textContent('main')).toContain('Acknowledged by ana');
    expect(await page.textContent('main')).toContain('<b>release</b>');
    await page.click('button[value=normal]');
    expect(await page.textContent('main')).toContain('Answered: was normal.');
    await page.click('button[value=mute]');
    expect(await page.textContent('[role=alert]')).toMatch(
      /^Not muted: choose a time from now on, within 90 days \(America\/Lima\)\.$/,
    );
    const until = new Date(Date.now() + 86_400_000).toISOString().slice(0, 16);
    await page.fill('input[name=until]', until);
    await page.click('button[value=mute]');
    const { rows } = (await (await service.ask('GET', '/v1/maintenance')).json()) as {
      rows: { series: string; effect: string }[];
    };
    expect(rows).toMatchObject([{ series: NAME, effect: 'mute' }]);
    expect(await page.textContent('main')).toMatch(/Client muted until \w{3}, \w{3} \d+, \d\d:\d\d\./);
    await context.close();
  });

  test('says that a sign-in has ended before anything was saved, and gives the note back to be copied', async () => {
    const context = await browser.newContext({ viewport: PHONE, locale: 'en', javaScriptEnabled: false });
    const page = await context.newPage();
    await signIn(page, KEYS.admin);
    await page.fill('textarea', 'a long story of <b>acquirers</b>');
    await context.clearCookies();
    await page.click('button[value=note]');
    expect(await page.textContent('[role=alert]')).toBe('The sign-in has ended: nothing was saved.');
    expect(await page.inputValue('textarea')).toBe('a long story of <b>acquirers</b>');
    expect(await page.content()).not.toContain('Mercado');
    await context.close();
  });

  test('speaks Spanish and Portuguese', async () => {
    for (const [locale, word] of [
      ['es', 'Dinero por causa'],
      ['pt-BR', 'Dinheiro por causa'],
    ]) {
      const context = await browser.newContext({ viewport: PHONE, locale: locale as string });
      const page = await context.newPage();
      await signIn(page, KEYS.read);
      expect(await page.textContent('main')).toContain(word);
      await context.close();
    }
  });
});

describe('who may do what', () => {
  const cookieOf = async (key: string) => {
    const answer = await fetch(`${path()}/sign-in`, {
      method: 'POST',
      body: new URLSearchParams({ key }),
      redirect: 'manual',
    });
    return { answer, cookie: answer.headers.get('set-cookie') ?? '' };
  };
  const tokenIn = (text: string) => /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';

  test('the cookie is kept from scripts and from other sites, and ends', async () => {
    const { answer, cookie } = await cookieOf(KEYS.read);
    expect(answer.status).toBe(303);
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Lax/);
    expect(cookie).toMatch(/Max-Age=43200/);
    expect(cookie).toMatch(/Path=\/incidents/);
    expect(cookie).not.toContain(KEYS.read);
  });

  test('who may read only sees no buttons, and a form without the page’s token is refused', async () => {
    const reader = (await cookieOf(KEYS.read)).cookie.split(';')[0] as string;
    const text = await (await fetch(path(), { headers: { cookie: reader } })).text();
    expect(text).not.toContain('name="do"');
    const admin = (await cookieOf(KEYS.admin)).cookie.split(';')[0] as string;
    const post = (cookie: string, token: string, headers: Record<string, string> = {}) =>
      fetch(path(), {
        method: 'POST',
        body: new URLSearchParams({ do: 'incident', token }),
        headers: { cookie, ...headers },
        redirect: 'manual',
      });
    const token = tokenIn(await (await fetch(path(), { headers: { cookie: admin } })).text());
    expect((await post(admin, '')).status).toBe(403);
    expect((await post(reader, token)).status).toBe(403);
    expect((await post(admin, token, { origin: 'https://elsewhere.example' })).status).toBe(403);
    expect((await post(admin, token, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post('', token)).status).toBe(401);
    expect((await post(admin, token)).status).toBe(303);
    // As through a proxy that asks the service by another name than people do.
    const proxied = { origin: 'https://tidemark.example', 'sec-fetch-site': 'same-origin' };
    expect((await post(admin, token, proxied)).status).toBe(303);
  });

  test('its policy lets no script run and no frame hold it', async () => {
    const answer = await fetch(path());
    expect(answer.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'nonce-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
    );
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('referrer-policy')).toBe('same-origin');
  });
});
