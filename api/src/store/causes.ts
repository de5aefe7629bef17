/** An error, or what caused it, as drivers and the operating system say it. */
export interface Cause {
  /** Empty where it has none. */
  readonly code: string;
  readonly message: string;
  /** Of an error that a PostgreSQL server sent. */
  readonly severity?: unknown;
}

/** An error and what caused it, outermost first; nothing where something else was thrown. */
export function causesOf(error: unknown): Cause[] {
  if (!(error instanceof Error)) return [];
  const { code, message, severity } = error as Error & { code?: unknown; severity?: unknown };
  return [{ code: String(code ?? ''), message, severity }, ...causesOf(error.cause)];
}
