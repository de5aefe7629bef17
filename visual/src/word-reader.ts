/** Reads one of some words, whatever its case; `null` for anything else. A word that comes again is not looked up again. */
export function wordReader<Word extends string>(words: readonly Word[]): (value: unknown) => Word | null {
  let last: unknown;
  let found: Word | null = null;
  return (value) => {
    if (value === last) return found;
    last = value;
    const word = typeof value === 'string' ? value.trim().toLowerCase() : '';
    found = words.find((one) => one === word) ?? null;
    return found;
  };
}
