export { parseTimeFormat } from '../time-format.ts';
export { type AmountFormat, amountPattern, isPlainFormat, PLAIN_AMOUNT } from './amount-text.ts';
export { COLUMN_COLUMNS, columnStatement } from './columns.ts';
export { REPEAT_DAYS } from './distinct.ts';
export {
  ACCOUNT_COLUMNS,
  accountStatement,
  clientStatement,
  DAY_COLUMNS,
  daysStatement,
  idStatement,
  keyStatement,
  merchantStatement,
  ownerStatement,
  REPEAT_COLUMNS,
  repeatsStatement,
  shapesStatement,
  unreadableStatement,
} from './inspect.ts';
export { BUCKET_COLUMNS, bucketStatement, PAIR_MARK, rangeStatement } from './query.ts';
export { overScanned } from './scan-budget.ts';
export { type Proposal, type Shape, shapesOf } from './shapes.ts';
export { executionParameters, type Statement } from './statement.ts';
export { type CountedTables, type Dimension, EPOCH_UNITS, type EpochUnit, type PaymentTables } from './tables.ts';
export { instantOf, type TimeRange } from './time-column.ts';
export { monthWindows, type Window } from './windows.ts';
