import { decodeFan } from '@tidemark/shared/contract/fan-text';
import type { BucketObservation, Counts, PartCounts } from '@tidemark/shared/detection';
import { elementAt } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { sql } from 'drizzle-orm';
import { type Db, jsonParts } from './db.ts';
import { integerAt, textAt } from './pieces.ts';
import type { BucketRange } from './rows.ts';

/** What was counted in a bucket, as a push or a source gives it. */
export interface IncomingCounts extends Counts {
  /** Money given back, positive; `null` where it is not told apart. */
  readonly refunds?: number | null;
  readonly parts: readonly PartCounts[];
}

/** A value of a dimension, as counts refer to it. */
interface Part {
  readonly dimension: string;
  readonly value: string;
}

/** Keys of parts, by dimension, then by value. */
export type PartKeys = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** Gives the key of a part that stands at a place of a bucket's list; `undefined` where it has none. */
export type KeyOfPart = (part: Part, place: number) => number | undefined;

/** Looks keys up. The parts of a bucket mostly are those of the bucket before, in the same order: those are found at once. */
export function keyOfPart(keys: PartKeys): KeyOfPart {
  const before: (Part & { readonly key: number | undefined })[] = [];
  return ({ dimension, value }, place) => {
    const known = before[place];
    if (known !== undefined && known.value === value && known.dimension === dimension) return known.key;
    const key = keys.get(dimension)?.get(value);
    before[place] = { dimension, value, key };
    return key;
  };
}

/** Decimals that the sums of logarithms are stored with. */
const LOG_UNIT = 10_000;

/**
 * Counts as text: the five numbers and the refunds where known, then for each part with attempts its key, attempts and approved, `;` between them:
 * `12,11,11,38.2,140.3;1,3,3;2,9,8`. About a hundred characters with a dozen parts.
 */
export function encodeCounts(counts: IncomingCounts, keyOf: KeyOfPart): string {
  const { attempts, approved, sales, logSum, logSquares, refunds, parts } = counts;
  let text = `${attempts},${approved},${sales},${rounded(logSum)},${rounded(logSquares)}`;
  if (refunds !== undefined && refunds !== null) text += `,${rounded(refunds)}`;
  for (let place = 0; place < parts.length; place++) {
    const part = elementAt(parts, place);
    const key = keyOf(part, place);
    if (key !== undefined && part.attempts > 0) text += `;${key},${part.attempts},${part.approved}`;
  }
  return text;
}

/** Whether a text is what counts would be encoded as; found out in place, without encoding them. */
export function isEncoded(text: string, counts: IncomingCounts, keyOf: KeyOfPart): boolean {
  const { attempts, approved, sales, logSum, logSquares, refunds, parts } = counts;
  const cursor = { text, at: 0 };
  const isSame =
    nextNumber(cursor) === attempts &&
    nextNumber(cursor) === approved &&
    nextNumber(cursor) === sales &&
    nextNumber(cursor) === rounded(logSum) &&
    nextNumber(cursor) === rounded(logSquares);
  if (!isSame) return false;
  const hasRefunds = refunds !== undefined && refunds !== null;
  if (hasRefunds !== endsInComma(cursor)) return false;
  if (hasRefunds && nextNumber(cursor) !== rounded(refunds)) return false;
  for (let place = 0; place < parts.length; place++) {
    const part = elementAt(parts, place);
    const key = keyOf(part, place);
    if (key === undefined || part.attempts <= 0) continue;
    const isKnown =
      nextNumber(cursor) === key && nextNumber(cursor) === part.attempts && nextNumber(cursor) === part.approved;
    if (!isKnown) return false;
  }
  return cursor.at > text.length;
}

/** Keys of the parts that counts as text have attempts of. */
export function encodedParts(text: string): Set<number> {
  return new Set(
    text
      .split(';')
      .slice(1)
      .map((part) => Number.parseInt(part, 10)),
  );
}

const COMMA = 44;
const SEMICOLON = 59;
const POINT = 46;
const ZERO = 48;
/** Digits that are added up to a number exactly. */
const EXACT_DIGITS = 15;
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS }, (_, power) => Number(`1e${power}`));

/** A place of counts as text. */
interface Cursor {
  readonly text: string;
  at: number;
}

/** Whether what was read last goes on. */
const endsInComma = ({ text, at }: Cursor) => text.charCodeAt(at - 1) === COMMA;

/**
 * The number from a place of a text up to the next separator, which the place is moved behind. With few enough digits it is
 * its digits as a whole number ÷ a power of ten: both are exact, so their quotient is what parsing gives (Clinger 1990).
 */
function nextNumber(cursor: Cursor): number {
  const { text, at } = cursor;
  let digits = 0;
  let end = at;
  let pointAt = -1;
  let isPlain = true;
  for (; end < text.length; end++) {
    const char = text.charCodeAt(end);
    if (char === COMMA || char === SEMICOLON) break;
    if (char === POINT && pointAt < 0) pointAt = end;
    else {
      isPlain &&= char >= ZERO && char < ZERO + 10;
      digits = 10 * digits + char - ZERO;
    }
  }
  cursor.at = end + 1;
  if (!isPlain || end === at || end - at > EXACT_DIGITS) return Number(text.slice(at, end) || Number.NaN);
  return pointAt < 0 ? digits : digits / elementAt(POWERS_OF_TEN, end - pointAt - 1);
}

const rounded = (sum: number) => Math.round(sum * LOG_UNIT) / LOG_UNIT;

/** Counts of a text that `encodeCounts` wrote; parts whose key is not known are left out. */
export function decodeCounts(
  text: string,
  partOf: ReadonlyMap<number, Part>,
): { readonly counts: Counts; readonly parts: PartCounts[]; readonly refunds: number | null } {
  const cursor = { text, at: 0 };
  const counts = {
    attempts: nextNumber(cursor),
    approved: nextNumber(cursor),
    sales: nextNumber(cursor),
    logSum: nextNumber(cursor),
    logSquares: nextNumber(cursor),
  };
  const refunds = endsInComma(cursor) ? nextNumber(cursor) : null;
  const parts: PartCounts[] = [];
  while (cursor.at < text.length) {
    const part = partOf.get(nextNumber(cursor));
    const [attempts, approved] = [nextNumber(cursor), nextNumber(cursor)];
    if (part) parts.push({ dimension: part.dimension, value: part.value, attempts, approved });
  }
  return { counts, parts, refunds };
}

/** Keys of the parts that some counts speak of, made where they are new. */
export async function partKeys(db: Db, all: Iterable<IncomingCounts | null | undefined>): Promise<PartKeys> {
  const wanted = new Map<string, Set<string>>();
  const before: Part[] = [];
  for (const counts of all) {
    const parts = counts?.parts ?? [];
    for (let place = 0; place < parts.length; place++) {
      const part = elementAt(parts, place);
      const { dimension, value } = part;
      const known = before[place];
      if (known?.value === value && known.dimension === dimension) continue;
      before[place] = part;
      const values = wanted.get(dimension);
      if (values) values.add(value);
      else wanted.set(dimension, new Set([value]));
    }
  }
  if (wanted.size === 0) return new Map();
  const pairs = [...wanted].flatMap(([dimension, values]) => [...values].map((value) => [dimension, value]));
  for (const rows of jsonParts(pairs)) {
    await db.run(
      sql`INSERT INTO part (dimension, value) SELECT ${textAt(0)}, ${textAt(1)} FROM json_each(${rows}) j
          WHERE true ON CONFLICT DO NOTHING`,
    );
  }
  const keys = new Map<string, Map<string, number>>();
  for (const [key, { dimension, value }] of await readParts(db)) {
    const values = keys.get(dimension);
    if (values) values.set(value, key);
    else keys.set(dimension, new Map([[value, key]]));
  }
  return keys;
}

async function readParts(db: Db): Promise<Map<number, Part>> {
  const rows = await db.all<Part & { key: number }>(sql`SELECT key, dimension, value FROM part ORDER BY key`);
  return new Map(rows.map(({ key, dimension, value }) => [key, { dimension, value }]));
}

/** The parts each series has been counted by, by key of the series, in the order in which they were first seen anywhere. */
export async function readSeriesParts(db: Db): Promise<Map<number, readonly Part[]>> {
  const rows = await db.all<{ series: number; parts: string }>(
    sql`SELECT series, string_agg(CAST(part AS text), ',') AS parts FROM series_part GROUP BY series`,
  );
  const partOf = rows.length === 0 ? new Map<number, Part>() : await readParts(db);
  // Most series are counted by the same parts, and share one list.
  const lists = new Map<string, readonly Part[]>();
  return new Map(
    rows.map(({ series, parts }) => {
      const list = lists.get(parts) ?? listOf(parts, partOf);
      lists.set(parts, list);
      return [series, list];
    }),
  );
}

function listOf(parts: string, partOf: ReadonlyMap<number, Part>): Part[] {
  const keys = parts.split(',').map(Number);
  return keys
    .sort((one, other) => one - other)
    .flatMap((key) => {
      const part = partOf.get(key);
      return part ? [part] : [];
    });
}

interface CountRow {
  readonly series: number;
  readonly bucket: number;
  readonly counts: string;
  readonly value: number | null;
  /** The fan that was issued for the bucket one bucket before. */
  readonly fan: string | null;
}

/** A range of a series whose values are this measure. */
interface MeasuredRange extends BucketRange {
  readonly measure: Measure;
}

/**
 * What was counted in complete buckets of several ranges, with their money and the band issued for it, by series, then by
 * rising bucket; buckets without counts are left out.
 */
export async function readCounts(db: Db, ranges: readonly MeasuredRange[]): Promise<Map<number, BucketObservation[]>> {
  const partOf = await readParts(db);
  const measureOf = new Map(ranges.map(({ series, measure }) => [series, measure]));
  const found = new Map<number, BucketObservation[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<CountRow>(
      sql`SELECT a.series, a.bucket, a.counts, a.value, i.first_horizon AS fan FROM json_each(${part}) j CROSS JOIN actual a
          LEFT JOIN issue i ON i.series = a.series AND i.origin = a.bucket - 1
          WHERE a.series = ${integerAt(0)} AND a.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)}
            AND a.counts IS NOT NULL AND a.state NOT IN ('open', 'missing') ORDER BY a.series, a.bucket`,
    );
    for (const { series, bucket, counts: text, value, fan } of rows) {
      const band = value === null || fan === null ? {} : { band: { net: value, fan: decodeFan(fan) } };
      const { counts, parts, refunds } = decodeCounts(text, partOf);
      const gross = value === null ? null : grossOf(measureOf.get(series), value, refunds);
      const observation = { bucket, counts, parts, ...(gross === null ? {} : { gross }), ...band };
      const list = found.get(series);
      if (list) list.push(observation);
      else found.set(series, [observation]);
    }
  }
  return found;
}

/** Money of approved sales in a bucket of this value; `null` where it cannot be told from what was given back. */
function grossOf(measure: Measure | undefined, value: number, refunds: number | null): number | null {
  if (measure === 'gross') return value;
  return measure === 'net' && refunds !== null ? value + refunds : null;
}

/** What complete buckets of several ranges sold, by series, then by rising bucket; `refunds` are `null` where not told apart. */
export interface StoredSales {
  readonly bucket: number;
  readonly value: number;
  readonly attempts: number;
  readonly approved: number;
  readonly refunds: number | null;
  readonly parts: readonly PartCounts[];
}

export async function readSales(db: Db, ranges: readonly BucketRange[]): Promise<Map<number, StoredSales[]>> {
  const partOf = await readParts(db);
  const found = new Map<number, StoredSales[]>();
  for (const part of jsonParts(ranges.map(({ series, from, to }) => [series, from, to]))) {
    const rows = await db.all<{ series: number; bucket: number; counts: string; value: number }>(
      sql`SELECT a.series, a.bucket, a.counts, a.value FROM json_each(${part}) j CROSS JOIN actual a
          WHERE a.series = ${integerAt(0)} AND a.bucket BETWEEN ${integerAt(1)} AND ${integerAt(2)} AND a.counts IS NOT NULL AND a.value IS NOT NULL AND a.state <> 'open' ORDER BY a.series, a.bucket`,
    );
    for (const { series, bucket, counts: text, value } of rows) {
      const { counts, parts, refunds } = decodeCounts(text, partOf);
      const list = found.get(series) ?? [];
      found.set(series, list);
      list.push({ bucket, value, attempts: counts.attempts, approved: counts.approved, refunds, parts });
    }
  }
  return found;
}
