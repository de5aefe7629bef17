import type { AlarmRow } from '@tidemark/shared/contract';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hashKey } from '../http/auth.ts';
import { createService, madeUpSeries, publishedService, type Service, stoppedClock, WEEK } from '../testing/service.ts';

const DOWN = 6 * WEEK + 3;
const shop = madeUpSeries('shop', 7);
shop.values.fill(0, DOWN, DOWN + 2);
const ADMIN = 'tm_admin_behind_a_proxy';

let service: Service;
let incident: string;
beforeEach(async () => {
  const clock = stoppedClock();
  clock.endOf(DOWN);
  service = await publishedService({
    clock,
    series: [shop],
    until: DOWN + 1,
    environment: { TIDEMARK_BACKFILL_DAYS: '7', TIDEMARK_PUBLIC_URL: 'https://pay.example/watch/tidemark/' },
  });
  await service.cycle.run('refresh');
  incident = (await service.rows<AlarmRow>('/v1/alarms')).at(-1)?.id ?? '';
});
afterEach(() => service.close());

/** The service of the same database with a key, as a proxy that takes `/watch/tidemark` off asks it. */
async function behindProxy() {
  const clock = stoppedClock();
  clock.endOf(DOWN);
  const { app } = await createService({
    clock,
    db: service.db,
    keys: [{ name: 'ana', scopes: ['admin'], hash: hashKey(ADMIN) }],
    environment: { TIDEMARK_PUBLIC_URL: 'https://pay.example/watch/tidemark/' },
  });
  return (path: string, init: RequestInit = {}) => {
    expect(path).toMatch(/^\/watch\/tidemark\//);
    return app.request(path.replace('/watch/tidemark', ''), init);
  };
}

test('behind a path prefix all links, forms, redirects and the cookie keep it', async () => {
  const ask = await behindProxy();
  const page = `/watch/tidemark/incidents/${incident}`;
  const host = { host: 'pay.example' };
  const asked = await (await ask(page, { headers: host })).text();
  const action = /action="([^"]+)"/.exec(asked)?.[1] ?? '';
  const wrong = await (await ask(action, { method: 'POST', body: new URLSearchParams({ key: 'wrong' }) })).text();
  expect(/action="([^"]+)"/.exec(wrong)?.[1]).toBe(action);
  // As a phone does that opens a tab anew after a wrong key.
  const again = await ask(action);
  expect([again.status, again.headers.get('location')]).toEqual([303, `${page}?language=en`]);
  const signedIn = await ask(action, { method: 'POST', headers: host, body: new URLSearchParams({ key: ADMIN }) });
  expect(signedIn.headers.get('location')).toBe(`${page}?language=en`);
  const cookie = signedIn.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/; Path=\/watch\/tidemark\/incidents; HttpOnly; Secure; SameSite=Lax/);
  const headers = { cookie: cookie.split(';')[0] ?? '' };
  const text = await (await ask(page, { headers })).text();
  const links = [...text.matchAll(/(?:href|action)="(\/[^"]*)"/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(0);
  for (const path of links) expect(path).toMatch(/^\/watch\/tidemark\/incidents\//);
  const token = /name="token" value="([^"]+)"/.exec(text)?.[1] ?? '';
  const answered = await ask(page, { method: 'POST', headers, body: new URLSearchParams({ token, do: 'ack' }) });
  expect([answered.status, answered.headers.get('location')]).toEqual([303, `${page}?language=en`]);
});

test.each([
  [{ 'x-forwarded-proto': 'https, http' }, true],
  [{ 'x-forwarded-proto': 'http', host: 'pay.example' }, false],
  [{ host: 'pay.example' }, true],
  [{ host: '10.0.0.5:8787' }, false],
])('a sign-in with %o has a cookie for TLS only: %s', async (headers, isSecure) => {
  const ask = await behindProxy();
  const body = new URLSearchParams({ key: ADMIN });
  const answer = await ask(`/watch/tidemark/incidents/${incident}/sign-in`, { method: 'POST', headers, body });
  expect(/; Secure/.test(answer.headers.get('set-cookie') ?? '')).toBe(isSecure);
});
