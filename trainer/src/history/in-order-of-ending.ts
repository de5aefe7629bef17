/** Yields the values of promises as they come, whichever is first; the first failure is thrown. */
export async function* inOrderOfEnding<T>(promises: readonly Promise<T>[]): AsyncGenerator<T> {
  const pending = new Map(promises.map((promise, index) => [index, promise.then((value) => ({ index, value }))]));
  // What fails after the first failure is not unhandled: the first one tells.
  for (const promise of pending.values()) promise.catch(() => {});
  while (pending.size > 0) {
    const { index, value } = await Promise.race(pending.values());
    pending.delete(index);
    yield value;
  }
}
