export { lastCycle } from '../store/cycles.ts';
export { commit } from '../store/db.ts';
export { openDatabaseFile } from '../store/libsql.ts';
