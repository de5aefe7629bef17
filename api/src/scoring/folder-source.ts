import { HOUR_MS } from '@tidemark/shared/forecasting';
import { openFolder } from '@tidemark/shared/warehouse/duckdb';
import type { ActualsSource } from './source.ts';
import type { FolderSetting } from './source-setting.ts';
import { type Answering, statementSource } from './statement-source.ts';

/**
 * Actuals from files on this machine's disk, by an embedded DuckDB; see `statementSource`. The folder is opened for each
 * read, so that files that came since are seen. Node only.
 */
export function folderSource(setting: FolderSetting): ActualsSource {
  return {
    stepMs: setting.tables.stepHours * HOUR_MS,
    async read(question) {
      const folder = await opened(setting);
      try {
        const tables = { ...setting.tables, ...folder.tables.config };
        return await statementSource(tables, folderAnswers(folder, setting)).read(question);
      } finally {
        await folder.close();
      }
    },
  };
}

function opened({ folder, files, tables: { transactions, merchants } }: FolderSetting) {
  return openFolder(folder, { transactions, merchants, files });
}

function folderAnswers(open: Awaited<ReturnType<typeof opened>>, setting: FolderSetting): Answering {
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
