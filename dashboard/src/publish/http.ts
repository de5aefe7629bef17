import { RESOURCES, type Resource, type Send } from './service.ts';
import type { TokenSource } from './sign-in.ts';

/** Sends requests over HTTPS with a fresh token each. */
export function overHttp(token: TokenSource, urls: Readonly<Record<Resource, string>> = urlsOf()): Send {
  return async (resource, method, path, body) => {
    const response = await fetch(`${urls[resource]}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${await token(RESOURCES[resource].scope)}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) };
  };
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
