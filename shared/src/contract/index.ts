export { ALARM_COLUMNS, type AlarmRow, alarmRow } from './alarm.ts';
export { BAND_COLUMNS, type BandRow, bandRow } from './band.ts';
export { type BandRowBucket, type BandRowReason, type BandRowTerms, type IssuedFan, toBandRow } from './band-row.ts';
export { encodeCsv } from './csv.ts';
export { formatCursor, parseCursor } from './cursor.ts';
export { type AlarmColumns, type AlarmExplanation, alarmColumns, alarmExplanation } from './explanation.ts';
export { type Health, health } from './health.ts';
export { localClock, utcText } from './local-time.ts';
export { checkedArtifact } from './model-schema.ts';
export { foldName, isWellFormed, nameFault, nameSchema, toWellFormed } from './name.ts';
export { type Problem, problem } from './problem.ts';
export {
  type PushedActuals,
  type PushedSeries,
  pushedActuals,
  SERIES_COLUMNS,
  type SeriesRow,
  seriesRow,
} from './series.ts';
export { type ServiceIncidentRow, serviceIncidentRow } from './service-incident.ts';
export { STORM_COLUMNS, type StormRow, stormRow } from './storm.ts';
export {
  clientsSchema,
  dimensionsSchema,
  explainSchema,
  merchantsSchema,
  paymentTablesSchema,
  stepHoursSchema,
  tableNameSchema,
  timeZoneSchema,
  transactionsSchema,
} from './tables.ts';
