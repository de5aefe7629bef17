import { UserError } from '@tidemark/shared/errors';
import type { Athena } from '@tidemark/shared/warehouse/athena';
import { type Command, Option } from 'commander';
import type { Config } from '../config.ts';
import { athenaSettings } from '../env.ts';
import { duckdbSource } from '../history/duckdb-source.ts';
import type { HistorySource } from '../history/source.ts';

/** What says where history comes from. */
export interface SourceOptions {
  readonly source?: HistorySource['kind'];
  readonly history?: string;
}

/** Adds `--source` and `--history` to a command. */
export function historyOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--source <kind>', 'where history comes from (default: duckdb with --history, else athena)').choices([
        'duckdb',
        'athena',
      ]),
    )
    .option('--history <folder>', 'for duckdb: folder with the transaction and the merchant table, Parquet or CSV');
}

/** Opens the source that the options name. */
export async function openSource(
  { history, source = history === undefined ? 'athena' : 'duckdb' }: SourceOptions,
  config: Config,
): Promise<HistorySource & { readonly athena?: Athena }> {
  if (source === 'athena') {
    // The AWS SDK takes a while to load, and is not needed for files.
    const { athenaSource } = await import('../history/athena-source.ts');
    return athenaSource(config, athenaSettings());
  }
  if (history === undefined) {
    throw new UserError(
      'no-history',
      '--source duckdb needs --history <folder> with the transaction and merchant tables',
    );
  }
  return duckdbSource(history, config);
}
