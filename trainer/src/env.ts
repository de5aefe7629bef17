import { existsSync } from 'node:fs';
import type { AthenaSettings } from '@tidemark/shared/warehouse/athena';

/**
 * Where Athena queries run, from `.env` and the environment: `ATHENA_WORKGROUP`, `ATHENA_CATALOG`, `ATHENA_DATABASE`,
 * `ATHENA_OUTPUT_LOCATION`. The `AWS_…` variables are the SDK's own affair.
 */
export function athenaSettings(): AthenaSettings {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const { env } = process;
  return {
    workgroup: env.ATHENA_WORKGROUP || 'primary',
    catalog: env.ATHENA_CATALOG || 'AwsDataCatalog',
    database: env.ATHENA_DATABASE || 'default',
    output: env.ATHENA_OUTPUT_LOCATION || undefined,
  };
}
