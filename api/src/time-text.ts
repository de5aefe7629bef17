import type { Language } from '@tidemark/shared/vocabulary';

/** Moments for people: day of the week, date and time on the clock of a zone, e.g. `Sat, Nov 14, 13:00`. */
export function timeText(language: Language, timeZone: string): (at: number) => string {
  const format = new Intl.DateTimeFormat(language, {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return (at) => format.format(at);
}

/** A wall-clock text without a zone (`2026-11-14T13:00:00`) for people, as it stands on that clock. */
export function wallClockText(local: string, language: Language): string {
  return timeText(language, 'UTC')(Date.parse(`${local}Z`));
}
