import { UserError } from '../../errors.ts';
import { FORMULA_STARTS } from '../csv.ts';

/** CSV header of `GET /v1/model.txt?format=csv`. */
export const CHUNK_COLUMNS = ['chunk', 'chunks', 'text'] as const;

/** One numbered piece of a long text, from 1. */
export interface TextChunk {
  readonly chunk: number;
  readonly chunks: number;
  readonly text: string;
}

/** What a CSV cell may not begin with as it is; see `guardFormula`. */
const FORMULA = new RegExp(`['${FORMULA_STARTS}]`);

/**
 * A text as numbered chunks; joined in order they are the text again. None but the first begins like a formula, so that
 * CSV leaves them as they are.
 * @param size characters in one chunk at most; unless given, what a Power BI cell of about 32,000 holds.
 */
export function chunksOfText(text: string, size = 30_000): TextChunk[] {
  const parts: string[] = [];
  for (let at = 0; at < text.length || parts.length === 0; ) {
    let end = Math.min(text.length, at + size);
    while (end > at + 1 && FORMULA.test(text.charAt(end))) end--;
    parts.push(text.slice(at, end));
    at = end;
  }
  return parts.map((part, index) => ({ chunk: index + 1, chunks: parts.length, text: part }));
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
