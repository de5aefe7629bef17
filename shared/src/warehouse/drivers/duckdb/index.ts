export { type Duck, identifier, literal, lockFile, openDuck } from './duckdb.ts';
export type { FolderTables } from './files/file-tables.ts';
export { openFolder } from './folder.ts';
