import { UserError } from '../errors.ts';
import { guardFormula, unguardFormula } from './csv.ts';

/** Where a page of `GET /v1/bands` ended: the key of its last row. */
export interface BandCursor {
  readonly series: string;
  /** ISO 8601 UTC, as in the row. */
  readonly bucket_start: string;
}

/**
 * Text of a cursor: `<bucket_start>|<series>`, the series as in a CSV row.
 *
 * It is written down, not opaque, on purpose: outside a custom connector Power Query cannot read a response header
 * other than Content-Type, and a CSV page has no other place for a cursor. So a client may build the cursor of the next
 * page from the last row it got, and is done when a page has fewer rows than its `limit`.
 */
export function formatCursor({ series, bucket_start }: BandCursor): string {
  return `${bucket_start}|${guardFormula(series)}`;
}

/**
 * Reads what `formatCursor` wrote.
 * @throws UserError `invalid-cursor` when the text is not `<ISO 8601 UTC>|<series>`.
 */
export function parseCursor(text: string): BandCursor {
  const [, bucket_start, series] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z)\|(.+)$/s.exec(text) ?? [];
  if (bucket_start === undefined || series === undefined || Number.isNaN(Date.parse(bucket_start))) {
    throw new UserError('invalid-cursor', `invalid cursor; not <bucket_start>|<series> of a row: ${text}`);
  }
  return { series: unguardFormula(series), bucket_start };
}
