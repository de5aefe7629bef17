import type { SeriesIncident, Storm } from '@tidemark/shared/detection';
import { type IncidentEventKind, SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';

interface Told {
  readonly severity: Severity;
  readonly open: boolean;
}

/**
 * What somebody may want to hear of an incident of the detectors. Nothing while it is not told of by itself; while its
 * storm goes on, that tells how bad it is.
 * @param before as it was at the last telling; nothing where nobody could have heard of it.
 * @param ongoing id of the storm that goes on.
 */
export function incidentEvents(
  before: SeriesIncident | undefined,
  now: SeriesIncident,
  ongoing: string | null,
): IncidentEventKind[] {
  if (!now.told) return [];
  const events = eventsOf(before?.told ? before : undefined, now);
  return now.storm !== null && now.storm === ongoing ? events.filter((kind) => kind !== 'escalate') : events;
}

/** What somebody may want to hear of a storm. */
export function stormEvents(before: Storm | undefined, now: Storm): IncidentEventKind[] {
  return eventsOf(before, now);
}

function eventsOf(before: Told | undefined, now: Told): IncidentEventKind[] {
  const events: IncidentEventKind[] = [];
  if (!before) events.push('open');
  else if (SEVERITIES.indexOf(now.severity) > SEVERITIES.indexOf(before.severity)) events.push('escalate');
  if (!now.open) events.push('close');
  return events;
}
