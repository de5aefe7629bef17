import { HOUR_MS } from '@tidemark/shared/forecasting';
import { type CountedTables, overScanned } from '@tidemark/shared/warehouse';
import { openFolder } from '@tidemark/shared/warehouse/duckdb';
import { askedColumns, columnCounts } from './asked-columns.ts';
import type { ActualsSource } from './source.ts';
import type { FolderSetting } from './source-setting.ts';
import { type Answering, statementSource } from './statement-source.ts';

/**
 * Actuals from files on this machine's disk, by an embedded DuckDB; see `statementSource`. The folder is opened for each
 * read, so that files that came since are seen. Node only.
 */
export function folderSource(setting: FolderSetting): ActualsSource {
  const { explain } = setting;
  const asked = askedColumns(explain, setting.tables);
  const using = async <T>(use: (folder: OpenFolder, tables: CountedTables) => Promise<T>): Promise<T> => {
    const folder = await opened(setting);
    try {
      return await use(folder, { ...setting.tables, ...folder.tables.config });
    } finally {
      await folder.close();
    }
  };
  return {
    stepMs: setting.tables.stepHours * HOUR_MS,
    timeoutMs: setting.timeoutMinutes * 60_000,
    read: (question) =>
      using((folder, tables) => statementSource(tables, folderAnswers(folder, setting)).read(question)),
    askColumns:
      asked.columns.length === 0
        ? undefined
        : (question) =>
            using(async (folder, tables) => {
              const names = asked.columns.map(({ column }) => column);
              const bytes = await folder.tables.scanBytes(names, question.windows);
              const most = explain.maxScannedMb * 1e6;
              if (bytes > most) throw overScanned(bytes, most);
              return columnCounts(tables, asked, folderAnswers(folder, setting), question);
            }),
  };
}

type OpenFolder = Awaited<ReturnType<typeof opened>>;

function opened({ folder, files, tables: { transactions, merchants } }: FolderSetting) {
  return openFolder(folder, { transactions, merchants, files });
}

function folderAnswers(open: OpenFolder, setting: FolderSetting): Answering {
  return {
    name: setting.folder,
    timeoutMs: setting.timeoutMinutes * 60_000,
    async *pages(statement, signal) {
      signal.throwIfAborted();
      const stop = () => open.duck.interrupt();
      signal.addEventListener('abort', stop);
      try {
        yield await open.ask(statement);
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}
