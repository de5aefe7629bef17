import type { ArtifactMetadata, SpecialDays } from '@tidemark/shared/forecasting';
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

/** What was decided about the calendar a model was trained with, and why, in a sentence; `null` if it had none. */
export function calendarDecision({ provenance, specialDays }: ArtifactMetadata): string | null {
  const trial = provenance.calendar as CalendarTrial | undefined;
  if (trial === undefined) return null;
  const heeded = specialDays !== undefined;
  return `calendar ${heeded ? 'heeded' : 'not heeded'}${heeded && !trial.used ? ', as asked' : ''}: ${trial.reason}`;
}

/** The same below what it was measured by; empty if there was no calendar. */
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
