import type { SpecialDays } from '@tidemark/shared';
import Table from 'cli-table3';
import type { CalendarTrial } from './judge-calendar.ts';

/** What a list of special days holds, in a line. */
export function calendarLine({ days, through }: SpecialDays): string {
  const counts = (['holiday', 'payday', 'event'] as const).flatMap((kind) => {
    const n = days.reduce((sum, one) => sum + (one.kind === kind ? one.dates.length : 0), 0);
    return n === 0 ? [] : [`${n} ${kind === 'event' ? 'days of events' : `${kind}s`}`];
  });
  return `calendar: ${counts.join(', ') || 'no special days'} up to ${through}`;
}

/** What heeding the calendar came to on weeks nothing was learned from, and what was decided. */
export function calendarTable({ reason, everyDay, specialDay }: CalendarTrial, used: boolean): string {
  const table = new Table({
    head: ['loss on held-out weeks', 'without calendar', 'with calendar'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  if (everyDay) table.push(['all days', everyDay.without.toFixed(4), everyDay.with.toFixed(4)]);
  if (specialDay) table.push(['special days', specialDay.without.toFixed(4), specialDay.with.toFixed(4)]);
  return `${everyDay ? `${table.toString()}\n` : ''}calendar ${used ? 'heeded' : 'not heeded'}: ${reason}`;
}
