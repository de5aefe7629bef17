import { UserError } from '@tidemark/shared/errors';
import { SEVERITIES, type Severity } from '@tidemark/shared/vocabulary';
import type { NewestFirst } from '../store/newest-first.ts';

/** What may be asked of incidents and of storms alike; times in epoch milliseconds. */
export interface NewestFirstQuery {
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly severity?: Severity | undefined;
  readonly cursor?: string | undefined;
  readonly limit?: number | undefined;
}

/**
 * The page that was asked for.
 * @throws UserError `invalid-cursor` for one that no page gave.
 */
export function pageAsked(query: NewestFirstQuery, stepMs: number, mostRows: number): NewestFirst {
  return {
    from: query.from === undefined ? Number.MIN_SAFE_INTEGER : Math.floor(query.from / stepMs),
    to: query.to === undefined ? Number.MAX_SAFE_INTEGER : Math.ceil(query.to / stepMs) - 1,
    severities: SEVERITIES.slice(query.severity ? SEVERITIES.indexOf(query.severity) : 0),
    after: afterOf(query.cursor, stepMs),
    limit: query.limit ?? mostRows,
  };
}

/** The cursor that leads on; `null` where a page was not full. */
export function cursorAfter(
  rows: readonly { readonly start: string; readonly id: string }[],
  limit: number,
): string | null {
  const last = rows[rows.length - 1];
  return last && rows.length === limit ? `${last.start}|${last.id}` : null;
}

/** Where a page begins, from the cursor of the one before. */
function afterOf(cursor: string | undefined, stepMs: number): NewestFirst['after'] {
  if (cursor === undefined) return null;
  const [, start = '', id = ''] = /^([^|]+)\|(.+)$/.exec(cursor) ?? [];
  if (Number.isNaN(Date.parse(start))) {
    throw new UserError('invalid-cursor', `invalid cursor; not <start>|<id> of a row: ${cursor}`);
  }
  return { start: Math.floor(Date.parse(start) / stepMs), id };
}
