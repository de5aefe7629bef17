import { LANGUAGES, plainName } from './months.ts';

/** Levels of a date hierarchy, by what Intl calls them. */
const FIELDS = { year: 'Year', quarter: 'Quarter', month: 'Month', day: 'Day', hour: 'Hour' } as const;
export type Level = (typeof FIELDS)[keyof typeof FIELDS];

const known = new Map<string, Level | null>();

/** The level of a date hierarchy by its name, which Power BI Desktop gives it in the language it was made in: `Año`, `Jahr`. */
export function levelByName(name: string): Level | null {
  const plain = plainName(name);
  const found = known.has(plain) ? (known.get(plain) as Level | null) : findLevel(plain);
  known.set(plain, found);
  return found;
}

function findLevel(name: string): Level | null {
  for (const language of LANGUAGES) {
    const names = new Intl.DisplayNames(language, { type: 'dateTimeField' });
    for (const [field, level] of Object.entries(FIELDS)) {
      if (plainName(names.of(field) ?? '') === name) return level;
    }
  }
  return null;
}
