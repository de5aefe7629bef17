import type { ArtifactMetadata, SpecialDays } from '@tidemark/shared/forecasting';
import Table from 'cli-table3';
import type { CalendarTrial } from './judge-calendar.ts';

/** Counts of special days by kind, in a line. */
export function calendarLine({ days, through }: SpecialDays): string {
  const counts = (['holiday', 'payday', 'event'] as const).flatMap((kind) => {
    const n = days.reduce((sum, one) => sum + (one.kind === kind ? one.dates.length : 0), 0);
    return n === 0 ? [] : [`${n} ${kind === 'event' ? 'days of events' : `${kind}s`}`];
  });
  return `calendar: ${counts.join(', ') || 'no special days'} up to ${through}`;
}

/** The decision on the calendar with its reason, in a sentence; `null` if no calendar was configured. */
export function calendarDecision({ provenance, specialDays }: ArtifactMetadata): string | null {
  const trial = provenance.calendar as CalendarTrial | undefined;
  if (trial === undefined) return null;
  const used = specialDays !== undefined;
  return `calendar ${used ? 'used' : 'not used'}${used && !trial.used ? ' (--calendar always)' : ''}: ${trial.reason}`;
}

/** The losses it was decided by, then the decision; empty if no calendar was configured. */
export function calendarTable(metadata: ArtifactMetadata): string {
  const decision = calendarDecision(metadata);
  if (decision === null) return '';
  const { everyDay, specialDay } = metadata.provenance.calendar as CalendarTrial;
  const table = new Table({
    head: ['loss on held-out weeks', 'without calendar', 'with calendar'],
    colAligns: ['left', 'right', 'right'],
    style: { head: [], border: [] },
  });
  if (everyDay) table.push(['all days', everyDay.without.toFixed(4), everyDay.with.toFixed(4)]);
  if (specialDay) table.push(['special days', specialDay.without.toFixed(4), specialDay.with.toFixed(4)]);
  return `${everyDay ? `${table.toString()}\n` : ''}${decision}\n`;
}
