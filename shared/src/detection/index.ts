export { alarms } from './alarms.ts';
export { topContributions } from './contribution.ts';
export { type Incident, incidents } from './incident.ts';
export { judge, severityOf } from './judge.ts';
export { type CalendarEntry, maintenanceEffect as excuseFor, mutedVerdict, widened } from './maintenance.ts';
export { type AlarmRules, checkedRules, DEFAULT_RULES } from './rules.ts';
export type { Verdict } from './verdict.ts';
