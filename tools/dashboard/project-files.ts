import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { readTmdl, type TmdlObject } from './tmdl.ts';

export const DASHBOARD_DIR = resolve(import.meta.dirname, '../../dashboard');

/** The committed project's files by path below `dashboard/`. */
export function committedFiles(): Map<string, string> {
  const paths = readdirSync(DASHBOARD_DIR, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(DASHBOARD_DIR, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((path) => /^Tidemark\./.test(path));
  return new Map(paths.sort().map((path) => [path, readFileSync(join(DASHBOARD_DIR, path), 'utf8')]));
}

export interface CommittedModel {
  readonly objects: readonly TmdlObject[];
  readonly tables: readonly TmdlObject[];
  /** Query text by name: tables, functions and parameters. */
  readonly queries: ReadonlyMap<string, string>;
}

/** The committed semantic model, read back from its text. */
export function committedModel(): CommittedModel {
  const objects = [...committedFiles()]
    .filter(([path]) => path.endsWith('.tmdl'))
    .flatMap(([, text]) => readTmdl(text));
  const tables = objects.filter(({ kind }) => kind === 'table');
  const queries = new Map<string, string>();
  for (const { kind, name, expression } of objects) {
    if (kind === 'expression') queries.set(name, expression as string);
  }
  for (const table of tables) {
    const partition = table.children.find(({ kind }) => kind === 'partition');
    queries.set(table.name, partition?.properties.get('source') ?? '');
  }
  return { objects, tables, queries };
}
