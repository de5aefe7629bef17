import type { TrinoPlace } from '../trino/tables.ts';

/** The Trino that `pnpm test:trino` has started, as its child processes are told. */
export function realTrino(): TrinoPlace | undefined {
  const { TIDEMARK_TRINO_URL: url, TIDEMARK_TRINO_LAKE: lake } = process.env;
  return url && lake ? { url, lake } : undefined;
}

/** Environment that tells a child process of a running Trino. */
export function trinoEnvironment({ url, lake }: TrinoPlace): Readonly<Record<string, string>> {
  return { TIDEMARK_TRINO_URL: url, TIDEMARK_TRINO_LAKE: lake };
}
