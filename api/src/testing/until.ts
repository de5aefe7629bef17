/** Looks until something holds; fails with what it last saw after a minute. */
export async function until<T>(look: () => Promise<T> | T, holds: (seen: T) => boolean): Promise<T> {
  const started = performance.now();
  for (;;) {
    const seen = await look();
    if (holds(seen)) return seen;
    if (performance.now() - started > 60_000) throw new Error(`it never came to hold: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
