export { type Athena, type AthenaSettings, type AwsAccess, type Execution, openAthena } from './client.ts';
export { isGone } from './failure.ts';
export { resultRows, runQuery } from './run.ts';
export { DEFAULT_RETRY_POLICY, type RetryPolicy, retry } from './timeout.ts';
