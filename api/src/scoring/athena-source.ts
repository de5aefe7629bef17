import { UserError } from '@tidemark/shared/errors';
import { bucketStart, elementAt, feedGaps, HOUR_MS, layOutBuckets } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { bucketStatement, type CountedTables } from '@tidemark/shared/warehouse';
import {
  type Athena,
  DEFAULT_RETRY_POLICY,
  type RetryPolicy,
  resultRows,
  runQuery,
} from '@tidemark/shared/warehouse/athena';
import pTimeout from 'p-timeout';
import type { IncomingSeries } from '../store/actuals.ts';
import { addCounts, type CountedBucket, gather, noCounts } from './athena-rows.ts';
import type { ActualsSource, KnownSeries } from './source.ts';

/**
 * The trailing window from Athena: one aggregating query, every known client with all buckets, zero where it was silent,
 * and every known group as the sum of its clients.
 * @param timeoutMs for the whole of it, tries included.
 */
export function athenaSource(
  athena: Athena,
  tables: CountedTables,
  timeoutMs: number,
  retryPolicy: RetryPolicy = DEFAULT_RETRY_POLICY,
): ActualsSource {
  const stepMs = tables.stepHours * HOUR_MS;
  return {
    stepMs,
    async read({ from, to, measure, known, signal: asked }) {
      // Aborted once nobody waits any longer, so that Athena is told to stop.
      const over = new AbortController();
      const signal = AbortSignal.any([asked, over.signal]);
      try {
        const statement = bucketStatement(tables, bucketStart(from, stepMs), bucketStart(to + 1, stepMs));
        const feed = new Float64Array(to - from + 1);
        const ofClient = new Map<string, CountedBucket[]>();
        const dimensions = (tables.dimensions ?? []).map(({ name }) => name);
        const read = async () => {
          // No token is used twice: late payments must show in the next cycle.
          const run = crypto.randomUUID();
          const token = (attempt: number) => `tidemark-${run}-${attempt}`;
          const execution = await runQuery(athena, statement, {
            token,
            reuseMinutes: 0,
            timeoutMs,
            signal,
            retryPolicy,
          });
          for await (const rows of resultRows(athena, execution, { signal, retryPolicy })) {
            gather(rows, { from, measure, dimensions }, { feed, ofClient });
          }
        };
        await pTimeout(read(), { milliseconds: timeoutMs, message: overTime(timeoutMs), signal: asked });
        const gaps = feedGaps(feed, from, stepMs);
        const { decimals } = tables.transactions;
        return laidOut(wantedOf(known, ofClient), { from, to, measure, gaps, decimals });
      } catch (error) {
        over.abort(error);
        throw error;
      }
    },
  };
}

function overTime(timeoutMs: number): UserError {
  return new UserError('query-timeout', `Athena did not deliver within ${timeoutMs / 1_000} s`);
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
