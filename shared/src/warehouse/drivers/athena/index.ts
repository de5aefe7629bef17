export { type Athena, type AthenaSettings, type AwsAccess, type Execution, openAthena } from './client.ts';
export { isGone } from './failure.ts';
export { resultRows, runQuery } from './run.ts';
export { type Pace, persist, USUAL_PACE } from './timeout.ts';
