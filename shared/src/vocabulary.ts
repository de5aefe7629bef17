/**
 * The words that cross processes, each list once and without a dependency. Types, schemas, columns of the store,
 * choices of the format pane, colours, shapes and ranks derive from them: what has to decide something for a new word
 * is a `Record` of it, and does not compile until it does.
 */

/** How bad an alarm is, from mild to bad. */
export const SEVERITIES = ['info', 'warning', 'critical'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** The severities from bad to mild, as people read them. */
export const WORST_FIRST: readonly Severity[] = [...SEVERITIES].reverse();

/** The side on which an actual left its band. */
export const DIRECTIONS = ['low', 'high'] as const;
export type Direction = (typeof DIRECTIONS)[number];

/** Which sides may alarm. */
export const WATCHED_SIDES = [...DIRECTIONS, 'both'] as const;
export type WatchedSide = (typeof WATCHED_SIDES)[number];

/** Which sum a series carries; `net` = gross − refunds and may be negative. */
export const MEASURES = ['net', 'gross', 'refunds'] as const;
export type Measure = (typeof MEASURES)[number];

/**
 * What is known of one bucket.
 * - `observed`: at least one transaction was seen;
 * - `zero`: the feed was running and nothing happened;
 * - `missing`: the feed was down, so nothing is known;
 * - `open`: the bucket is not complete yet and is never judged.
 */
export const BUCKET_STATES = ['observed', 'zero', 'missing', 'open'] as const;
export type BucketState = (typeof BUCKET_STATES)[number];

/** The state of a bucket in a row: `future` has not begun. */
export const ROW_STATES = [...BUCKET_STATES, 'future'] as const;
export type RowState = (typeof ROW_STATES)[number];

/**
 * Who serves a series: the network, the seasonal base forecast, last week's value, or a hurdle model, of how often it
 * trades and how much, for a merchant with little trade. `cold-start`: a series without parameters of
 * its own is served by what all series have in common: network, base forecast and scores.
 */
export const SERVED_BY = ['lstm', 'base', 'seasonal-naive', 'hurdle', 'cold-start'] as const;
export type ServedBy = (typeof SERVED_BY)[number];

/** How an incident stands; `withdrawn`: what was learned later took the alarm away. */
export const INCIDENT_STATUSES = ['open', 'closed', 'withdrawn'] as const;
export type IncidentStatus = (typeof INCIDENT_STATUSES)[number];

/** Why an incident is withdrawn: corrected figures show no trouble, or maintenance that was entered later covers it. */
export const WITHDRAWALS = ['correction', 'maintenance'] as const;
export type Withdrawal = (typeof WITHDRAWALS)[number];

/** What happens to an incident that somebody may want to hear of. */
export const INCIDENT_EVENTS = ['open', 'escalate', 'close', 'withdraw'] as const;
export type IncidentEventKind = (typeof INCIDENT_EVENTS)[number];

/** What can be wrong with the service itself, as opposed to what it watches. */
export const SERVICE_INCIDENT_KINDS = [
  'database-failing',
  'database-full',
  'disk-filling',
  'clock-jumped',
  'service-was-down',
  'feed-late',
  'feed-down',
  'feed-partial',
  'series-silent',
  'counts-late',
  'bucket-ahead',
  'source-failing',
  'names-refused',
  'names-alike',
  'model-missing',
  'model-unreadable',
  'model-without-series',
  'calendar-ended',
  'series-unserved',
  'series-isolated',
  'coverage-off',
  'cycle-failing',
  'cycle-stuck',
  'cycle-overdue',
  'cycle-slow',
  'queue-stuck',
  'messages-stuck',
  'webhook-failing',
  'heartbeat-failing',
  'retention-failing',
] as const;
export type ServiceIncidentKind = (typeof SERVICE_INCIDENT_KINDS)[number];

/** What money lost or in excess is made of, in the order in which it is shown. */
export const LOSS_CAUSES = ['attempts', 'approval', 'ticket', 'refunds'] as const;
export type LossCause = (typeof LOSS_CAUSES)[number];

/** What people say of an incident afterwards. */
export const LABELS = ['normal', 'incident'] as const;
export type Label = (typeof LABELS)[number];

/** What a maintenance entry does: `mute`: no alarms; `widen`: limits move away from the median. */
export const MAINTENANCE_EFFECTS = ['mute', 'widen'] as const;
export type MaintenanceEffectKind = (typeof MAINTENANCE_EFFECTS)[number];

/** Languages that sentences are written in. */
export const LANGUAGES = ['en', 'es', 'pt'] as const;
export type Language = (typeof LANGUAGES)[number];

/** The words of a list for people, e.g. `info, warning or critical`. */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
