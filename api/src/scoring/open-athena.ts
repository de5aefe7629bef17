import { HOUR_MS } from '@tidemark/shared/forecasting';
import { type Athena, type AwsAccess, DEFAULT_RETRY_POLICY, openAthena } from '@tidemark/shared/warehouse/athena';
import { askedColumns, columnCounts } from './asked-columns.ts';
import { athenaAnswers, athenaSource, tokenOf } from './athena-source.ts';
import type { ActualsSource } from './source.ts';
import type { AthenaSetting } from './source-setting.ts';

/**
 * Actuals from the Athena that the settings name. Nothing is sent before the first cycle, and nothing is kept between two: on Workers
 * what one invocation began must not be waited for by another.
 * @param access for Workers; on Node the SDK finds region and credentials by itself.
 */
export function openAthenaSource(setting: AthenaSetting, access?: AwsAccess): ActualsSource {
  const { tables, timeoutMinutes, explain, ...settings } = setting;
  const timeoutMs = timeoutMinutes * 60_000;
  const asked = askedColumns(explain, tables);
  const opened = async <T>(use: (athena: Athena) => Promise<T>): Promise<T> => {
    const athena = openAthena({ ...settings, access });
    try {
      return await use(athena);
    } finally {
      athena.close();
    }
  };
  return {
    stepMs: tables.stepHours * HOUR_MS,
    timeoutMs,
    read: (question) => opened((athena) => athenaSource(athena, tables, timeoutMs).read(question)),
    askColumns:
      asked.columns.length === 0
        ? undefined
        : (question) =>
            opened((athena) => {
              const answers = athenaAnswers(athena, timeoutMs, DEFAULT_RETRY_POLICY, {
                maxScannedBytes: explain.maxScannedMb * 1e6,
                token: tokenOf,
              });
              return columnCounts(tables, asked, answers, question);
            }),
  };
}
