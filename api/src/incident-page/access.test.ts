import { expect, test } from 'vitest';
import { type ApiKey, hashKey } from '../http/auth.ts';
import { pageAccess } from './access.ts';

const NOW = Date.parse('2026-11-16T12:00:00Z');
const HOUR = 3_600_000;
const key = (name: string, secret: string): ApiKey => ({ name, scopes: ['read'], hash: hashKey(secret) });
const keys = [key('ana', 'one'), key('bob', 'two')];
const access = pageAccess(keys);

test('a link opens its own incident until it expires, and nothing else', () => {
  const token = access.linkToken('c3-242200-low', NOW) as string;
  expect(access.opensIncident(token, 'c3-242200-low', NOW + 6 * 24 * HOUR)).toBe(true);
  expect(access.opensIncident(token, 'c3-242200-low', NOW + 7 * 24 * HOUR + 1_000)).toBe(false);
  expect(access.opensIncident(token, 'c3-242201-low', NOW)).toBe(false);
  expect(access.opensIncident(`${token}.more`, 'c3-242200-low', NOW)).toBe(false);
  const [expires, signature] = token.split('.');
  for (const forged of [`${Number(expires) + 9}.${signature}`, `${expires}.`, '', '.', `${expires}.${signature}x`]) {
    expect(access.opensIncident(forged, 'c3-242200-low', NOW)).toBe(false);
  }
});

test('a session is of its key while that is configured, and ends', () => {
  const session = access.session(keys[0] as ApiKey, NOW);
  expect(access.keyOf(session, NOW + 11 * HOUR)?.name).toBe('ana');
  expect(access.keyOf(session, NOW + 12 * HOUR + 1_000)).toBeNull();
  expect(access.keyOf(session.replace('ana', 'bob'), NOW)).toBeNull();
  expect(access.keyOf(`${session}~more`, NOW)).toBeNull();
  expect(pageAccess([keys[1] as ApiKey]).keyOf(session, NOW)).toBeNull();
  expect(pageAccess([key('ana', 'another'), keys[1] as ApiKey]).keyOf(session, NOW)).toBeNull();
  expect(access.keyOf(access.linkToken('ana', NOW) as string, NOW)).toBeNull();
});

test('a form is of its session and its incident', () => {
  const token = access.formToken('session', 'incident');
  expect(access.isFormToken(token, 'session', 'incident')).toBe(true);
  expect(access.isFormToken(token, 'other', 'incident')).toBe(false);
  expect(access.isFormToken(token, 'session', 'other')).toBe(false);
});

test('without keys links need no token', () => {
  expect(pageAccess([]).linkToken('c3-242200-low', NOW)).toBeNull();
});
