export { athenaSource } from '../history/athena-source.ts';
export { examine, type Finding } from '../history/doctor.ts';
export { duckdbSource } from '../history/duckdb-source.ts';
export { type Asked, type FetchEvent, planFetch, runFetch } from '../history/fetch.ts';
export type { Manifest } from '../history/manifest.ts';
export { type CountedSeries, readPrepared, writePrepared } from '../history/prepared.ts';
export type { HistorySource } from '../history/source.ts';
export { totalsOf } from '../history/totals.ts';
export { workConfig } from '../history/work-config.ts';
