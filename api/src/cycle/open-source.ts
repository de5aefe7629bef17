import { openAthena } from '@tidemark/shared/athena/client';
import { type AthenaSetting, athenaSource } from './athena-source.ts';
import type { ActualsSource } from './source.ts';

/** The source that the settings name. Nothing is sent before the first cycle. */
export function openSource({ tables, timeoutMinutes, ...settings }: AthenaSetting): ActualsSource {
  return athenaSource(openAthena(settings), tables, timeoutMinutes * 60_000);
}
