import { HOUR_MS } from '@tidemark/shared/forecasting';
import { type AwsAccess, openAthena } from '@tidemark/shared/warehouse/athena';
import { athenaSource } from './athena-source.ts';
import type { ActualsSource } from './source.ts';
import type { AthenaSetting } from './source-setting.ts';

/**
 * Actuals from the Athena that the settings name. Nothing is sent before the first cycle, and nothing is kept between two: on Workers
 * what one invocation began must not be waited for by another.
 * @param access for Workers; on Node the SDK finds region and credentials by itself.
 */
export function openAthenaSource(setting: AthenaSetting, access?: AwsAccess): ActualsSource {
  const { tables, timeoutMinutes, ...settings } = setting;
  return {
    stepMs: tables.stepHours * HOUR_MS,
    async read(question) {
      const athena = openAthena({ ...settings, access });
      try {
        return await athenaSource(athena, tables, timeoutMinutes * 60_000).read(question);
      } finally {
        athena.close();
      }
    },
  };
}
