/** Languages whose names of months and of levels of a hierarchy are read. */
export const LANGUAGES = 'en es pt fr de it nl pl tr sv da nb fi cs sk hu ro ca eu gl id vi el ru uk ja zh ko'.split(
  ' ',
);

/** A name without accents, capitals and full stops, to be compared. */
export const plainName = (name: string) =>
  name
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll('.', '')
    .trim();

let known: ReadonlyMap<string, number> | null = null;

/** Number of a month, 0 to 11, by its long or short name in many languages; `null` for a name of none of them. */
export function monthByName(name: string): number | null {
  known ??= namesOfMonths();
  return known.get(plainName(name)) ?? null;
}

/** Every name that means one month only, alone (`styczeń`) and beside a day (`stycznia`). */
function namesOfMonths(): Map<string, number> {
  const names = new Map<string, number>();
  const ambiguous = new Set<string>();
  for (const language of LANGUAGES) {
    for (const month of ['long', 'short'] as const) {
      const alone = new Intl.DateTimeFormat(language, { month, timeZone: 'UTC' });
      const dated = new Intl.DateTimeFormat(language, { month, day: 'numeric', timeZone: 'UTC' });
      for (let number = 0; number < 12; number++) {
        const day = Date.UTC(2024, number, 1);
        const within = dated.formatToParts(day).find((part) => part.type === 'month')?.value ?? '';
        for (const name of [plainName(alone.format(day)), plainName(within)]) {
          if (name === '' || /^\d+$/.test(name)) continue;
          const other = names.get(name);
          if (other !== undefined && other !== number) ambiguous.add(name);
          names.set(name, number);
        }
      }
    }
  }
  for (const name of ambiguous) names.delete(name);
  return names;
}
