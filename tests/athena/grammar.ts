import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Complaints of Trino's own grammar about a statement; none when it parses. */
export type GrammarCheck = (sql: string) => string[];

/** The Trino parser of dt-sql-parser, generated from Trino's ANTLR grammar; bundled because Node cannot load it as it is. */
export async function trinoGrammar(): Promise<GrammarCheck> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-grammar-'));
  try {
    const outfile = join(folder, 'trino.mjs');
    await build({
      stdin: {
        contents: "export { TrinoSQL } from 'dt-sql-parser/dist/parser/trino/index.js'",
        resolveDir: import.meta.dirname,
      },
      bundle: true,
      format: 'esm',
      platform: 'node',
      outfile,
      logLevel: 'silent',
    });
    const { TrinoSQL } = await import(pathToFileURL(outfile).href);
    const parser = new TrinoSQL() as { validate(sql: string): { startLine: number; message: string }[] };
    return (sql) => parser.validate(sql).map(({ startLine, message }) => `line ${startLine}: ${message}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
