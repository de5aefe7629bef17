/** Longest that others of the same thread are kept waiting, apart from one piece of work itself. */
const YIELD_AFTER_MS = 40;

/**
 * Gives what long work calls between its pieces: it lets others of the same thread have their turn now and then. The
 * embedded database answers at once, so that waiting for it lets nobody in.
 * @throws the reason of `outOfTime` (what is returned does) once it is aborted.
 */
export function pauses(outOfTime?: AbortSignal): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since >= YIELD_AFTER_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      since = performance.now();
    }
    outOfTime?.throwIfAborted();
  };
}
