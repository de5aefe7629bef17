import { type AwsAccess, openAthena } from '@tidemark/shared/athena/client';
import { type AthenaSetting, athenaSource } from './athena-source.ts';
import type { ActualsSource } from './source.ts';

/**
 * The source that the settings name. Nothing is sent before the first cycle.
 * @param access for Workers; on Node the SDK finds region and credentials by itself.
 */
export function openSource(setting: AthenaSetting, access?: AwsAccess): ActualsSource {
  const { tables, timeoutMinutes, ...settings } = setting;
  return athenaSource(openAthena({ ...settings, access }), tables, timeoutMinutes * 60_000);
}
