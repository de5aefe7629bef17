export { type Duck, identifier, literal, openDuck } from '../duckdb.ts';
