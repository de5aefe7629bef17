import { DAY_MS, elementAt, HOUR_MS } from '@tidemark/shared/forecasting';
import { DAY_COLUMNS, daysStatement, instantOf, rangeStatement } from '@tidemark/shared/warehouse';
import type { HistorySource } from './source.ts';

/** How far ahead of this machine's clock a transaction may be. */
export const CLOCK_TOLERANCE_MS = HOUR_MS;

/** A log that is silent for so long after its first few rows began after that silence. */
const STRAY_GAP_DAYS = 730;
/** The most of all rows that may lie before such a silence, and how many may in a short log. */
const STRAY_SHARE = 0.01;
const STRAY_ROWS = 3;
/** After so long a silence, what came before is no part of the log, as long as it is the lesser part of it. */
const ERA_DAYS = 3_650;

/** When a log begins and ends, in epoch ms, and what of it cannot be. */
export interface LogRange {
  /** `null` where no transaction has a time that can be. */
  readonly span: { readonly firstMs: number; readonly lastMs: number } | null;
  /** Days on which there is a transaction. */
  readonly days: number;
  /** Transactions decades before the rest, with the time of the first. */
  readonly before: { readonly transactions: number; readonly firstMs: number } | null;
  /** Transactions after now, with the time of the last. */
  readonly after: { readonly transactions: number; readonly lastMs: number } | null;
  /** Transactions whose time is NULL. */
  readonly withoutTime: number;
  /** Transactions whose time is not NULL and cannot be read. */
  readonly unreadable: number;
}

interface Day {
  readonly transactions: number;
  readonly firstMs: number;
  readonly lastMs: number;
}

/**
 * Looks at the days of a whole log, or of what follows `fromMs`. Neither transactions after `nowMs` nor a few of them
 * years before the rest set the range: one such row would add years of empty buckets to every series.
 */
export async function logRange(
  source: HistorySource,
  fromMs: number | undefined,
  signal: AbortSignal,
  nowMs: number = Date.now(),
): Promise<LogRange> {
  const { time } = source.config.transactions;
  const { rows } = await source.ask(daysStatement(source.config, fromMs), signal);
  const at = (row: readonly (string | null)[], name: (typeof DAY_COLUMNS)[number]) => row[DAY_COLUMNS.indexOf(name)];
  const days: Day[] = [];
  let withoutTime = 0;
  let unreadable = 0;
  for (const row of rows) {
    if (at(row, 'day') == null) {
      unreadable += Number(at(row, 'unreadable'));
      withoutTime += Number(at(row, 'transactions')) - Number(at(row, 'unreadable'));
      continue;
    }
    const instant = (name: 'first_s' | 'last_s') => instantOf(time, Number(at(row, name)));
    const day = {
      transactions: Number(at(row, 'transactions')),
      firstMs: instant('first_s'),
      lastMs: instant('last_s'),
    };
    if (fromMs === undefined || day.lastMs >= fromMs) days.push(day);
  }
  days.sort((a, b) => a.firstMs - b.firstMs);
  const limitMs = nowMs + CLOCK_TOLERANCE_MS;
  const possible = days.filter((day) => day.firstMs <= limitMs);
  const late = days.filter((day) => day.firstMs > limitMs);
  const begin = beginOf(possible);
  const strays = possible.slice(0, begin);
  const body = possible.slice(begin);
  const [first] = body;
  let last = body.at(-1);
  if (last && last.lastMs > limitMs) {
    // Its day is partly after now.
    const inTime = await rangeWithin(source, last.firstMs - DAY_MS, limitMs, signal);
    const tooLate = await rangeWithin(source, limitMs, last.lastMs + DAY_MS, signal);
    late.unshift({ ...last, transactions: tooLate.transactions });
    last = { ...last, lastMs: inTime.lastMs ?? last.firstMs };
  }
  const after = count(late);
  return {
    span: first && last ? { firstMs: first.firstMs, lastMs: last.lastMs } : null,
    days: body.length,
    before: strays[0] ? { transactions: count(strays), firstMs: strays[0].firstMs } : null,
    after: after > 0 ? { transactions: after, lastMs: Math.max(...late.map(({ lastMs }) => lastMs)) } : null,
    withoutTime,
    unreadable,
  };
}

/** Index of the first day after the last silence of years that only a few transactions came before, or of ten years. */
function beginOf(days: readonly Day[]): number {
  const all = count(days);
  let begin = 0;
  let before = 0;
  for (let index = 1; index < days.length; index++) {
    const [previous, day] = [elementAt(days, index - 1), elementAt(days, index)];
    before += previous.transactions;
    if (before > all / 2) break;
    const gapDays = (day.firstMs - previous.lastMs) / DAY_MS;
    const few = before <= Math.max(STRAY_ROWS, STRAY_SHARE * all);
    if (gapDays >= (few ? STRAY_GAP_DAYS : ERA_DAYS)) begin = index;
  }
  return begin;
}

async function rangeWithin(source: HistorySource, fromMs: number, toMs: number, signal: AbortSignal) {
  const { rows } = await source.ask(rangeStatement(source.config, fromMs, toMs), signal);
  const [, last, transactions] = rows[0] ?? [];
  const lastMs = last == null ? null : instantOf(source.config.transactions.time, Number(last));
  return { lastMs, transactions: Number(transactions ?? 0) };
}

function count(days: readonly Day[]): number {
  return days.reduce((sum, { transactions }) => sum + transactions, 0);
}
