import { UserError } from '@tidemark/shared/errors';
import { bucketStart, elementAt, feedGaps, HOUR_MS, layOutBuckets } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { bucketStatement, type CountedTables, type Statement } from '@tidemark/shared/warehouse';
import pTimeout from 'p-timeout';
import type { IncomingSeries } from '../store/actuals.ts';
import type { ActualsSource, KnownSeries } from './source.ts';
import { addCounts, type CountedBucket, gather, noCounts } from './source-rows.ts';

/** Rows of a statement's answer without a header, page by page; every cell as text, NULL as `null`. */
export type Pages = (statement: Statement, signal: AbortSignal) => AsyncIterable<readonly (string | null)[][]>;

/** How long whoever answers is waited for to stop a query, in ms. */
const STOP_MS = 3_000;

/** What answers statements. */
export interface Answering {
  /** For people: Athena, or the folder. */
  readonly name: string;
  /** For the whole of an answer, tries included. */
  readonly timeoutMs: number;
  readonly pages: Pages;
}

/**
 * The trailing window from whatever answers our statements: one aggregating query, every known client with all buckets,
 * zero where it was silent, and every known group as the sum of its clients.
 */
export function statementSource(tables: CountedTables, answering: Answering): ActualsSource {
  const stepMs = tables.stepHours * HOUR_MS;
  return {
    stepMs,
    timeoutMs: answering.timeoutMs,
    async read({ from, to, measure, known, signal }) {
      const statement = bucketStatement(tables, bucketStart(from, stepMs), bucketStart(to + 1, stepMs));
      const feed = new Float64Array(to - from + 1);
      const ofClient = new Map<string, CountedBucket[]>();
      const dimensions = (tables.dimensions ?? []).map(({ name }) => name);
      await everyPage(answering, statement, signal, (rows) =>
        gather(rows, { from, measure, dimensions }, { feed, ofClient }),
      );
      const gaps = feedGaps(feed, from, stepMs);
      const { decimals } = tables.transactions;
      return laidOut(wantedOf(known, ofClient), { from, to, measure, gaps, decimals });
    },
  };
}

/**
 * Takes every page of an answer.
 * @throws UserError `query-timeout` when they are not all there in time; whoever answers is then told to stop.
 */
export async function everyPage(
  { name, timeoutMs, pages }: Answering,
  statement: Statement,
  asked: AbortSignal,
  take: (rows: readonly (string | null)[][]) => void,
): Promise<void> {
  // Aborted once nobody waits any longer, so that the query is stopped.
  const over = new AbortController();
  const signal = AbortSignal.any([asked, over.signal]);
  const read = async () => {
    for await (const rows of pages(statement, signal)) take(rows);
  };
  const reading = read();
  try {
    const message = new UserError('query-timeout', `${name} did not deliver within ${timeoutMs / 1_000} s`);
    await pTimeout(reading, { milliseconds: timeoutMs, message, signal: asked });
  } catch (error) {
    over.abort(error);
    // Whoever closes the connection after this must not cut off the request that stops the query.
    await pTimeout(
      reading.catch(() => {}),
      { milliseconds: STOP_MS, fallback: () => {} },
    );
    throw error;
  }
}

/** A series with what it adds up, and the parts it is counted by already. */
interface Wanted {
  readonly id: string;
  readonly entries: readonly CountedBucket[];
  readonly parts: NonNullable<KnownSeries['parts']>;
}

/** Known series and new clients, each with what it adds up. */
function* wantedOf(
  known: readonly KnownSeries[],
  ofClient: ReadonlyMap<string, readonly CountedBucket[]>,
): Generator<Wanted> {
  const entriesOf = (client: string) => ofClient.get(client) ?? [];
  for (const { id, members, parts = [] } of known) {
    const clients = members === null ? [id] : members.length > 0 ? members : [...ofClient.keys()];
    yield { id, entries: clients.flatMap(entriesOf), parts };
  }
  const ids = new Set(known.map(({ id }) => id));
  for (const [id, entries] of ofClient) if (!ids.has(id)) yield { id, entries, parts: [] };
}

/** One series at a time, so that never all of them lie in memory bucket by bucket. */
function* laidOut(
  wanted: Iterable<Wanted>,
  terms: {
    readonly from: number;
    readonly to: number;
    readonly measure: Measure;
    readonly gaps: ReturnType<typeof feedGaps>;
    readonly decimals: number;
  },
): Generator<IncomingSeries> {
  const { from, to, measure, gaps, decimals } = terms;
  for (const { id, entries, parts } of wanted) {
    const { values, states } = layOutBuckets(entries, { first: from, end: to + 1 }, gaps, to + 1);
    const knownValues = new Map<string, Set<string>>();
    for (const { dimension, value } of parts) {
      knownValues.set(dimension, (knownValues.get(dimension) ?? new Set()).add(value));
    }
    const counts = new Map<number, ReturnType<typeof noCounts>>();
    for (const entry of entries) {
      const sums = counts.get(entry.bucket) ?? noCounts();
      addCounts(sums, entry.counts, knownValues);
      counts.set(entry.bucket, sums);
    }
    const buckets = states.map((state, index) => ({
      bucket: from + index,
      // Sums of cents are no longer cents to the last bit.
      value: state === 'missing' ? null : Number(elementAt(values, index).toFixed(decimals)),
      state,
      counts: state === 'missing' ? null : (counts.get(from + index) ?? noCounts()),
    }));
    yield { id, measure, scoreFrom: null, members: null, buckets };
  }
}
