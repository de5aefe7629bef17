import { UserError } from '@tidemark/shared/errors';
import type { MiddlewareHandler } from 'hono';

/** Bytes of large bodies that may be in memory at once: eight of the largest push. */
const MOST_HELD = 256 * 1024 * 1024;
/** Whatever else is held, bodies up to this size come in: a feed's are. */
const ALWAYS_TAKEN = 1024 * 1024;

/**
 * Lets large bodies in only as long as those in memory leave room: a flood of them would end the process. One that does
 * not say its length may be as large as the route allows.
 * @returns the middleware of a route whose bodies have at most `maxBytes`, which throws UserError `too-many-requests`.
 */
export function heldBodies(): (maxBytes: number) => MiddlewareHandler {
  let held = 0;
  return (maxBytes) => async (c, next) => {
    const length = Number(c.req.header('content-length') ?? maxBytes);
    const bytes = length >= 0 ? Math.min(length, maxBytes) : maxBytes;
    if (bytes <= ALWAYS_TAKEN) return next();
    if (held > 0 && held + bytes > MOST_HELD) {
      throw new UserError('too-many-requests', 'too many large bodies at once; try again in a minute');
    }
    held += bytes;
    try {
      await next();
    } finally {
      held -= bytes;
    }
  };
}
