import { UserError } from '@tidemark/shared/errors';
import { RESOURCES, type Resource, type Send } from './service.ts';
import type { TokenSource } from './sign-in.ts';

/**
 * Sends requests over HTTPS with a fresh token each.
 * @throws UserError `service-unreachable` where the connection fails: whether the service took the request is not known.
 */
export function overHttp(token: TokenSource, urls: Readonly<Record<Resource, string>> = urlsOf()): Send {
  return async (resource, method, path, body) => {
    const headers = {
      authorization: `Bearer ${await token(RESOURCES[resource].scope)}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const sent = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    try {
      const response = await fetch(`${urls[resource]}${path}`, sent);
      return { status: response.status, headers: response.headers, body: parsed(await response.text()) };
    } catch (cause) {
      throw new UserError(
        'service-unreachable',
        `${method} ${path}: the connection failed (${reasonOf(cause)}); see that ${new URL(urls[resource]).host} can be reached from here`,
        { cause },
      );
    }
  };
}

/** What broke a connection: Node says it in the cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function urlsOf(): Record<Resource, string> {
  return { fabric: RESOURCES.fabric.url, powerBi: RESOURCES.powerBi.url };
}

/** JSON where it is JSON; a gateway's HTML page becomes a message. */
function parsed(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return { message: text.slice(0, 200) };
  }
}
