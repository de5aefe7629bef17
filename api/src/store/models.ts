import { chunksOfText, joinChunks, type TextChunk } from '@tidemark/shared/contract/model-file';
import { sql } from 'drizzle-orm';
import { commit, type Db, first } from './db.ts';

/** Characters of a model's text in one row: below D1's limit on a value. */
const PART_LENGTH = 500_000;

/** A published model without its text. */
export interface StoredModel {
  readonly key: number;
  readonly version: string;
  readonly publishedAt: number;
  /** When it last went live. */
  readonly liveSince: number;
}

/** The model that is live now; `null` before the first was published. */
export async function liveModel(db: Db): Promise<StoredModel | null> {
  const row = await first<StoredModel>(
    db,
    sql`SELECT m.key, m.version, m.published_at AS "publishedAt", g.at AS "liveSince"
        FROM go_live g JOIN model m ON m.key = g.model ORDER BY g.id DESC LIMIT 1`,
  );
  return row ?? null;
}

/** The text of a model, as it was published. */
export async function modelText(db: Db, key: number): Promise<string> {
  const rows = await db.all<TextChunk>(
    sql`SELECT p.part + 1 AS chunk, m.parts AS chunks, p.text FROM model m JOIN model_part p ON p.model = m.key
        WHERE m.key = ${key}`,
  );
  return joinChunks(rows);
}

/** Stores a model and makes it live; a version that is stored already only goes live. */
export async function publishModel(db: Db, version: string, text: string, now: number): Promise<void> {
  const parts = chunksOfText(text, PART_LENGTH);
  await commit(db, [
    sql`INSERT INTO model (version, published_at, parts) VALUES (${version}, ${now}, ${parts.length}) ON CONFLICT DO NOTHING`,
    ...parts.map(
      (part) =>
        sql`INSERT INTO model_part (model, part, text)
            SELECT key, ${part.chunk - 1}, ${part.text} FROM model WHERE version = ${version} ON CONFLICT DO NOTHING`,
    ),
    sql`INSERT INTO go_live (model, at) SELECT key, ${now} FROM model WHERE version = ${version}
          AND key <> COALESCE((SELECT model FROM go_live ORDER BY id DESC LIMIT 1), -1)`,
  ]);
}

/** Key of the model that was live before the present one; `null` where none was. */
export async function modelBefore(db: Db): Promise<number | null> {
  const row = await first<{ model: number }>(db, sql`SELECT model FROM go_live ORDER BY id DESC LIMIT 1 OFFSET 1`);
  return row?.model ?? null;
}

/** Makes the model live again that was live before the present one, unless it is no longer the one that `modelBefore` gave. */
export async function rollBackModel(db: Db, before: number): Promise<void> {
  await commit(db, [
    sql`DELETE FROM go_live WHERE id = (SELECT MAX(id) FROM go_live)
          AND ${before} = (SELECT model FROM go_live ORDER BY id DESC LIMIT 1 OFFSET 1)`,
  ]);
}

/** All published models, newest first. */
export function readModels(db: Db): Promise<StoredModel[]> {
  return db.all<StoredModel>(
    sql`SELECT m.key, m.version, m.published_at AS "publishedAt", MAX(g.at) AS "liveSince"
        FROM model m LEFT JOIN go_live g ON g.model = m.key GROUP BY m.key ORDER BY m.key DESC`,
  );
}
