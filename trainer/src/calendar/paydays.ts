import { DAY_MS } from '@tidemark/shared/forecasting';

/** A day of every month on which wages are paid: 1 – 31 (the last day, where a month is shorter) or the last day. */
export type DayOfMonth = number | 'last';

/**
 * Local dates of paydays between two dates, both included, rising. A payday on a Saturday, a Sunday or a holiday is paid
 * on the working day before it.
 * @param isHoliday whether a date `YYYY-MM-DD` is a public holiday.
 */
export function paydays(
  days: readonly DayOfMonth[],
  from: string,
  through: string,
  isHoliday: (date: string) => boolean,
): string[] {
  const found = new Set<string>();
  const [year = 0, month = 0] = from.split('-').map(Number);
  // One month beyond the end: its first payday may be moved back into the span.
  for (let k = 0; ; k++) {
    const first = new Date(Date.UTC(year, month - 1 + k, 1));
    if (first.getTime() > Date.parse(through) + 31 * DAY_MS) break;
    const length = new Date(Date.UTC(year, month + k, 0)).getUTCDate();
    for (const day of days) {
      let at = first.getTime() + (Math.min(day === 'last' ? length : day, length) - 1) * DAY_MS;
      while (!isWorkingDay(at, isHoliday)) at -= DAY_MS;
      const date = textOf(at);
      if (date >= from && date <= through) found.add(date);
    }
  }
  return [...found].sort();
}

function isWorkingDay(ms: number, isHoliday: (date: string) => boolean): boolean {
  const weekday = new Date(ms).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !isHoliday(textOf(ms));
}

function textOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
