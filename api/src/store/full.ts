/** Whether an error, or what caused it, says that there was no room for what was to be written. */
export function isStorageFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (code === 'SQLITE_FULL' || code === '53100' || code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
      return true;
    if (/database or disk is full/i.test(at.message)) return true;
  }
  return false;
}
