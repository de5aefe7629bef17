import { foldName, nameFault } from '@tidemark/shared/contract';

/** Names that are known, found again by what people would take for the same. */
export interface NameIndex {
  /** The known name that a new one equals but for case, blanks or Unicode form; `null`: none, or the very same. */
  conflictOf(name: string): string | null;
  add(name: string): void;
}

/** An index of some names; of two that equal each other the first counts. */
export function nameIndex(names: Iterable<string>): NameIndex {
  const exact = new Set<string>();
  const byFold = new Map<string, string>();
  const index: NameIndex = {
    conflictOf: (name) => (exact.has(name) ? null : (byFold.get(foldName(name)) ?? null)),
    add(name) {
      exact.add(name);
      const fold = foldName(name);
      if (!byFold.has(fold)) byFold.set(fold, name);
    },
  };
  for (const name of names) index.add(name);
  return index;
}

/** Two names that people would take for the same. */
export interface NameConflict {
  readonly given: string;
  readonly other: string;
}

/** Names that equal another (given before or known) but for case, blanks or Unicode form, in their order. */
export function findConflicts(given: Iterable<string>, known: Iterable<string> = []): NameConflict[] {
  const index = nameIndex(known);
  const conflicts: NameConflict[] = [];
  for (const name of given) {
    const other = index.conflictOf(name);
    if (other !== null) conflicts.push({ given: name, other });
    index.add(name);
  }
  return conflicts;
}

/** Why a name cannot be taken in beside those known, as the end of a sentence; `null`: it can. */
export function refusalOf(name: string, known: NameIndex): string | null {
  const fault = nameFault(name);
  if (fault !== null) return fault;
  const other = known.conflictOf(name);
  return other && `it equals "${other}" but for case, blanks or Unicode form`;
}

/** Of databases of earlier versions, which took such names in: what is wrong with stored names, in sentences; at most 10. */
export function findNameFaults(known: readonly { readonly id: string; readonly key: number }[]): string[] {
  const conflicts = findConflicts(known.map(({ id }) => id));
  const faults = known.flatMap(({ id, key }) => {
    const fault = nameFault(id);
    return fault === null ? [] : [`series ${JSON.stringify(id)} (row ${key}): ${fault}`];
  });
  return [
    ...conflicts.map(
      ({ given, other }) => `series "${given}" and "${other}" differ by case, blanks or Unicode form only`,
    ),
    ...faults,
  ].slice(0, 10);
}
