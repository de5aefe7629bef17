import { UserError } from '@tidemark/shared';
import type { Config } from '../config.ts';
import type { HistorySource } from './source.ts';

/** History from Amazon Athena. */
export async function athenaSource(config: Config): Promise<HistorySource> {
  throw new UserError('not-yet', `Athena ${config.athena.concurrency}`);
}
