export { processLeaseOwner } from '../scoring/lease-owner.ts';
export { upsertActuals } from '../store/actuals.ts';
export { lastCycle } from '../store/cycles.ts';
export { commit } from '../store/db.ts';
export { copyDatabaseFile, openDatabaseFile } from '../store/libsql.ts';
export { openStore } from '../store/open.ts';
