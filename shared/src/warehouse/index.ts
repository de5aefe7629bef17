export { clientStatement, merchantStatement, profileStatement } from './inspect.ts';
export { BUCKET_COLUMNS, bucketStatement, rangeStatement } from './query.ts';
export { executionParameters, type Statement } from './statement.ts';
export type { CountedTables, Dimension, PaymentTables } from './tables.ts';
export { instantOf } from './time-column.ts';
export { monthWindows, type Window } from './windows.ts';
