export { lastCycle } from '../store/cycles.ts';
export { commit } from '../store/db.ts';
export { copyDatabaseFile, openDatabaseFile } from '../store/libsql.ts';
