import { DAY_MS } from '@tidemark/shared/forecasting';

/** Days with a name: a holiday, a campaign. */
export interface NamedDays {
  readonly name: string;
  /** Midnight of the first day and of the day after the last, in ms of wall-clock time. */
  readonly from: number;
  readonly to: number;
}

const ENTRY = /^(\d{4}-\d{2}-\d{2})(?:\s*\/\s*(\d{4}-\d{2}-\d{2}))?\s+(\S.*)$/;

/**
 * Days an author names, separated by `;`, each as `2026-12-25 Christmas` or `2026-11-20 / 2026-11-23 Buen Fin`.
 * @returns the days in order, and the entries that could not be read
 */
export function parseEvents(text: string): { events: NamedDays[]; unread: string[] } {
  const events: NamedDays[] = [];
  const unread: string[] = [];
  for (const entry of text.split(';').map((part) => part.trim())) {
    if (entry === '') continue;
    const match = ENTRY.exec(entry);
    const from = dayOf(match?.[1]);
    const last = match?.[2] === undefined ? from : dayOf(match[2]);
    if (match === null || from === null || last === null || last < from) unread.push(entry);
    else events.push({ name: match[3] as string, from, to: last + DAY_MS });
  }
  return { events: events.sort((a, b) => a.from - b.from), unread };
}

/** Midnight of a day that exists; `null` for any other text. */
function dayOf(text: string | undefined): number | null {
  const time = text === undefined ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== text ? null : time;
}
