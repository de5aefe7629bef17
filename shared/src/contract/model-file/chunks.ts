import { UserError } from '../../errors.ts';

/** Characters in one chunk: a Power BI cell holds about 32,000. */
export const CHUNK_CHARACTERS = 30_000;

/** CSV header of `GET /v1/model.txt?format=csv`. */
export const CHUNK_COLUMNS = ['chunk', 'chunks', 'text'] as const;

/** One numbered piece of a long text, from 1. */
export interface TextChunk {
  readonly chunk: number;
  readonly chunks: number;
  readonly text: string;
}

/** Cuts a text into numbered chunks; joined in order they are the text again. */
export function chunksOfText(text: string): TextChunk[] {
  const chunks = Math.max(1, Math.ceil(text.length / CHUNK_CHARACTERS));
  return Array.from({ length: chunks }, (_, index) => ({
    chunk: index + 1,
    chunks,
    text: text.slice(index * CHUNK_CHARACTERS, (index + 1) * CHUNK_CHARACTERS),
  }));
}

/**
 * Joins chunks, given in any order.
 * @throws UserError `incomplete-chunks` when one is missing or comes twice.
 */
export function joinChunks(chunks: readonly TextChunk[]): string {
  const ordered = [...chunks].sort((one, other) => one.chunk - other.chunk);
  const expected = ordered[0]?.chunks ?? 0;
  if (ordered.length !== expected || ordered.some(({ chunk }, index) => chunk !== index + 1)) {
    throw new UserError('incomplete-chunks', `incomplete text: ${ordered.length} of ${expected} chunks`);
  }
  return ordered.map(({ text }) => text).join('');
}
