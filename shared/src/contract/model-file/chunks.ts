import { UserError } from '../../errors.ts';

/** CSV header of `GET /v1/model.txt?format=csv`. */
export const CHUNK_COLUMNS = ['chunk', 'chunks', 'text'] as const;

/** One numbered piece of a long text, from 1. */
export interface TextChunk {
  readonly chunk: number;
  readonly chunks: number;
  readonly text: string;
}

/**
 * A text as numbered chunks; joined in order they are the text again.
 * @param size characters in one chunk at most; unless given, what a Power BI cell of about 32,000 holds.
 */
export function chunksOfText(text: string, size = 30_000): TextChunk[] {
  const chunks = Math.max(1, Math.ceil(text.length / size));
  return Array.from({ length: chunks }, (_, index) => ({
    chunk: index + 1,
    chunks,
    text: text.slice(index * size, (index + 1) * size),
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
