export * from './inspect.ts';
export * from './query.ts';
export * from './statement.ts';
export * from './tables.ts';
export { instantOf } from './time-column.ts';
export * from './windows.ts';
