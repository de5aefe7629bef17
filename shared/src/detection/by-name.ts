/** Entries by names that anybody may have given: `constructor` and `__proto__` are names like any other. */
export type ByName<Entry> = Record<string, Entry>;

/** The entry of a name; `undefined` where it has none of its own. */
export function entryOf<Entry>(entries: Readonly<ByName<Entry>>, name: string): Entry | undefined {
  return Object.hasOwn(entries, name) ? entries[name] : undefined;
}

/** Sets the entry of a name. An assignment to `__proto__` would make it what all objects have in common. */
export function setEntry<Entry>(entries: ByName<Entry>, name: string, value: Entry): void {
  Object.defineProperty(entries, name, { value, writable: true, enumerable: true, configurable: true });
}
