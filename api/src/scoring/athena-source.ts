import { UserError } from '@tidemark/shared/errors';
import { bucketStart, feedGaps, HOUR_MS, layOutBuckets, type SparseBucket } from '@tidemark/shared/forecasting';
import type { Measure } from '@tidemark/shared/vocabulary';
import { BUCKET_COLUMNS, bucketStatement, type PaymentTables } from '@tidemark/shared/warehouse';
import { type Athena, type Pace, resultRows, runQuery, USUAL_PACE } from '@tidemark/shared/warehouse/athena';
import pTimeout from 'p-timeout';
import type { IncomingSeries } from '../store/actuals.ts';
import type { ActualsSource, KnownSeries } from './source.ts';

/**
 * The trailing window from Athena: one aggregating query, every known client with all buckets, zero where it was silent,
 * and every known group as the sum of its clients.
 * @param timeoutMs for the whole of it, tries included.
 */
export function athenaSource(
  athena: Athena,
  tables: PaymentTables,
  timeoutMs: number,
  pace: Pace = USUAL_PACE,
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
        const ofClient = new Map<string, SparseBucket[]>();
        const read = async () => {
          // No token is used twice: late payments must show in the next cycle.
          const run = crypto.randomUUID();
          const token = (attempt: number) => `tidemark-${run}-${attempt}`;
          const execution = await runQuery(athena, statement, { token, reuseMinutes: 0, timeoutMs, signal, pace });
          for await (const rows of resultRows(athena, execution, signal, pace)) {
            take(rows, { from, measure }, feed, ofClient);
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

const column = (name: (typeof BUCKET_COLUMNS)[number]) => BUCKET_COLUMNS.indexOf(name);

/** Adds a page of rows to the transactions of the whole feed and to each client's buckets. */
function take(
  rows: readonly (readonly (string | null)[])[],
  { from, measure }: { readonly from: number; readonly measure: Measure },
  feed: Float64Array,
  ofClient: Map<string, SparseBucket[]>,
): void {
  for (const row of rows) {
    if (Number(row[column('dimension')]) !== 0) continue;
    const client = row[column('client')];
    const bucket = Number(row[column('bucket')]);
    const transactions = Number(row[column('transactions')]);
    const index = bucket - from;
    // The feed is alive where only declined attempts come through it.
    const seen = Math.max(transactions, Number(row[column('attempts')]));
    if (index >= 0 && index < feed.length) feed[index] = (feed[index] as number) + seen;
    if (client === null || client === undefined) continue;
    const entry = { bucket, value: Number(row[column(measure)]), transactions };
    const entries = ofClient.get(client);
    if (entries) entries.push(entry);
    else ofClient.set(client, [entry]);
  }
}

/** Known series and new clients, each with what it adds up. */
function* wantedOf(
  known: readonly KnownSeries[],
  ofClient: ReadonlyMap<string, readonly SparseBucket[]>,
): Generator<[id: string, entries: readonly SparseBucket[]]> {
  const entriesOf = (client: string) => ofClient.get(client) ?? [];
  for (const { id, members } of known) {
    if (members === null) yield [id, entriesOf(id)];
    else yield [id, (members.length > 0 ? members : [...ofClient.keys()]).flatMap(entriesOf)];
  }
  const ids = new Set(known.map(({ id }) => id));
  for (const [id, entries] of ofClient) if (!ids.has(id)) yield [id, entries];
}

/** One series at a time, so that never all of them lie in memory bucket by bucket. */
function* laidOut(
  wanted: Iterable<[id: string, entries: readonly SparseBucket[]]>,
  terms: {
    readonly from: number;
    readonly to: number;
    readonly measure: Measure;
    readonly gaps: ReturnType<typeof feedGaps>;
    readonly decimals: number;
  },
): Generator<IncomingSeries> {
  const { from, to, measure, gaps, decimals } = terms;
  for (const [id, entries] of wanted) {
    const { values, states } = layOutBuckets(entries, { first: from, end: to + 1 }, gaps, to + 1);
    const buckets = states.map((state, index) => ({
      bucket: from + index,
      // Sums of cents are no longer cents to the last bit.
      value: state === 'missing' ? null : Number((values[index] as number).toFixed(decimals)),
      state,
    }));
    yield { id, measure, scoreFrom: null, members: null, buckets };
  }
}
