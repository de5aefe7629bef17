import { Buffer } from 'node:buffer';
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { ApiKey } from '../http/auth.ts';

/** Days for which the link of a message opens its incident, and hours for which a sign-in holds. */
const LINK_DAYS = 7;
const SESSION_HOURS = 12;
/** Name of the cookie of a sign-in. */
export const COOKIE = 'tidemark_session';
export const SESSION_SECONDS = SESSION_HOURS * 3_600;

/** Makes and checks what opens incident pages: tokens in links, sessions in cookies, and tokens in forms. */
export interface PageAccess {
  /** Opens one incident for reading until it expires; `null` where no keys are needed. */
  linkToken(incident: string, now: number): string | null;
  opensIncident(token: string, incident: string, now: number): boolean;
  /** Value of the cookie after a key was given. */
  session(key: ApiKey, now: number): string;
  /** The key a session was made with, while it is configured and the session holds. */
  keyOf(session: string, now: number): ApiKey | null;
  /** What a form of an incident's page carries, so that no other page can send it. */
  formToken(session: string, incident: string): string;
  isFormToken(token: string, session: string, incident: string): boolean;
}

/**
 * Access by the configured keys: everything is signed with their hashes, so it ends when they are replaced, and nothing has
 * to be stored. Signatures are compared in constant time.
 */
export function pageAccess(keys: readonly ApiKey[]): PageAccess {
  const secret = createHash('sha256').update('tidemark incident pages');
  for (const { name, hash } of keys) secret.update(name).update(hash);
  const secretKey = secret.digest();
  const sign = (...parts: readonly string[]) =>
    createHmac('sha256', secretKey).update(JSON.stringify(parts)).digest('base64url');
  const isSigned = (signature: string, ...parts: readonly string[]) => {
    const [given, right] = [Buffer.from(signature), Buffer.from(sign(...parts))];
    return given.length === right.length && timingSafeEqual(given, right);
  };
  const expiryOf = (text: string) => (/^\d{1,12}$/.test(text) ? Number(text) * 1_000 : 0);
  return {
    linkToken(incident, now) {
      if (keys.length === 0) return null;
      const expires = String(Math.floor(now / 1_000) + LINK_DAYS * 86_400);
      return `${expires}.${sign('link', incident, expires)}`;
    },
    opensIncident(token, incident, now) {
      const [expires = '', signature = '', ...more] = token.split('.');
      return more.length === 0 && expiryOf(expires) > now && isSigned(signature, 'link', incident, expires);
    },
    session({ name, hash }, now) {
      const expires = String(Math.floor(now / 1_000) + SESSION_SECONDS);
      return `${name}~${expires}~${sign('session', name, Buffer.from(hash).toString('hex'), expires)}`;
    },
    keyOf(session, now) {
      const [name = '', expires = '', signature = '', ...more] = session.split('~');
      if (more.length > 0 || expiryOf(expires) <= now) return null;
      const isOf = (key: ApiKey) =>
        key.name === name && isSigned(signature, 'session', name, Buffer.from(key.hash).toString('hex'), expires);
      return keys.find(isOf) ?? null;
    },
    formToken: (session, incident) => sign('form', session, incident),
    isFormToken: (token, session, incident) => isSigned(token, 'form', session, incident),
  };
}
