import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  advanceBook,
  createWatch,
  defaultBudget,
  explainIncident,
  REFERENCE_WEEKS,
  type SeriesIncident,
  type SoldBucket,
  startBook,
} from '@tidemark/shared/detection';
import { createGrid, type Series, type SeriesCounts, zoneClock } from '@tidemark/shared/forecasting';
import { completeLength, readPrepared, readPreparedCounts } from '@tidemark/trainer/testing/history';
import { type KnownTrouble, readTruth } from '../alarms/figures.ts';
import { prepareHistory } from '../commands.ts';
import { type Figure, single } from '../figure.ts';

/** Weeks at the end of a made lake that hold its troubles. */
const WEEKS = 8;

/** One client with its buckets as detectors and explanations take them. */
interface Client {
  readonly id: string;
  readonly first: number;
  readonly sold: readonly SoldBucket[];
  readonly counts: SeriesCounts;
}

/**
 * How right the explanations of a lake's incidents are: fetch and prepare, the detectors over the counts bucket by bucket, and
 * each incident that sees a known trouble explained. `part-right`: of troubles of a channel or an issuer the first part
 * named is that one. `cents-off`: by how many minor units causes and parts miss the difference, added up.
 */
export async function fleetFigures(lake: string): Promise<Figure[]> {
  const truth = readTruth(await readFile(join(lake, 'truth.csv'), 'utf8'));
  const work = await mkdtemp(join(tmpdir(), 'tidemark-bench-why-'));
  try {
    await prepareHistory(lake, work);
    const config = JSON.parse(await readFile(join(lake, 'tidemark.config.json'), 'utf8')) as { timeZone: string };
    const series = await readPrepared(work);
    const counts = await readPreparedCounts(work, series);
    const names = new Set(truth.map(({ client }) => client));
    const clients = series
      .filter(({ id }) => names.has(id))
      .flatMap((one) => {
        const own = counts.get(one.id);
        return own ? [clientOf(one, own)] : [];
      });
    const stepMs = series[0]?.stepMs ?? 7_200_000;
    return figuresOf(clients, truth, stepMs, config.timeZone);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function clientOf(series: Series, counts: SeriesCounts): Client {
  const { id, firstBucket, values } = series;
  const sold = Array.from(values.subarray(0, completeLength(series)), (value, k): SoldBucket => {
    const refunds = counts.refunds[k] as number;
    return {
      bucket: firstBucket + k,
      attempts: counts.attempts[k] as number,
      approved: counts.approved[k] as number,
      gross: value + refunds,
      refunds,
      parts: counts.parts.flatMap((part) =>
        (part.attempts[k] as number) > 0
          ? [
              {
                dimension: part.dimension,
                value: part.value,
                attempts: part.attempts[k] as number,
                approved: part.approved[k] as number,
              },
            ]
          : [],
      ),
    };
  });
  return { id, first: firstBucket, sold, counts };
}

/** The incidents of the lake's last weeks, as the service's cycle finds them without its bands. */
function incidentsOf(clients: readonly Client[], stepMs: number, timeZone: string): SeriesIncident[] {
  const dimensions = [...new Set(clients.flatMap(({ counts }) => counts.parts.map(({ dimension }) => dimension)))]
    .sort()
    .map((name) => ({
      name,
      values: [
        ...new Set(
          clients.flatMap(({ counts }) =>
            counts.parts.filter((part) => part.dimension === name).map((part) => part.value),
          ),
        ),
      ].sort(),
    }));
  const falsePerSeriesWeek = defaultBudget(clients.length) / clients.length;
  const watch = createWatch({ stepMs, clock: zoneClock(timeZone), dimensions, falsePerSeriesWeek });
  const states = clients.map(() => watch.start());
  const book = startBook();
  const found = new Map<string, SeriesIncident>();
  const first = Math.min(...clients.map((client) => client.first));
  const last = Math.max(...clients.map((client) => client.first + client.sold.length - 1));
  for (let bucket = first; bucket <= last; bucket++) {
    const reports = clients.map(({ id, first: from, sold, counts }, place) => {
      const state = states[place] as ReturnType<typeof watch.start>;
      const k = bucket - from;
      const one = sold[k];
      if (one && !Number.isNaN(one.attempts) && (state.seen > 0 || one.attempts > 0)) {
        const { attempts, approved, gross, parts } = one;
        const logs = {
          sales: counts.sales[k] as number,
          logSum: counts.logSum[k] as number,
          logSquares: counts.logSquares[k] as number,
        };
        watch.observe(state, { bucket, gross, counts: { attempts, approved, ...logs }, parts });
      }
      return watch.report(state, id, bucket, false);
    });
    for (const incident of advanceBook(book, bucket, reports).incidents) found.set(incident.id, incident);
  }
  const { perWeek } = createGrid(stepMs);
  return [...found.values()].filter(({ raised }) => raised > last - WEEKS * perWeek);
}

function figuresOf(
  clients: readonly Client[],
  truth: readonly KnownTrouble[],
  stepMs: number,
  timeZone: string,
): Figure[] {
  const incidents = incidentsOf(clients, stepMs, timeZone);
  const { perWeek } = createGrid(stepMs);
  const terms = { stepMs, clock: zoneClock(timeZone), decimals: 2 };
  const tally = { seen: 0, cause: 0, located: 0, part: 0, off: 0 };
  const sum = (list: readonly { readonly money: number }[]) => list.reduce((total, { money }) => total + money, 0);
  for (const trouble of truth) {
    const client = clients.find(({ id }) => id === trouble.client);
    const own = incidents.filter(({ series }) => series === trouble.client);
    const hit = own.filter((one) => sees(one, trouble, stepMs)).sort((one, other) => one.raised - other.raised)[0];
    if (!client || !hit) continue;
    const others = own.filter((one) => one !== hit);
    const isCalm = ({ bucket }: SoldBucket) => !others.some(({ start, end }) => start <= bucket && bucket <= end);
    const between = (from: number, to: number) =>
      client.sold
        .slice(Math.max(0, from - client.first), to - client.first)
        .filter(({ attempts }) => !Number.isNaN(attempts));
    const why = explainIncident(
      {
        side: hit.side,
        buckets: between(hit.start, hit.end + 1),
        history: between(hit.start - REFERENCE_WEEKS * perWeek - 1, hit.start).filter(isCalm),
        cause: hit.cause,
        causeValue: hit.causeValue,
        knowsRefunds: true,
      },
      terms,
    );
    tally.seen++;
    if (hit.cause === trouble.cause && (trouble.value === '' || hit.causeValue === trouble.value)) tally.cause++;
    if (why !== null) {
      const refunds = why.causes.find(({ cause }) => cause === 'refunds')?.money ?? 0;
      tally.off += Math.abs(sum(why.causes) - why.money);
      for (const { values } of why.dimensions) tally.off += Math.abs(sum(values) - (why.money - refunds));
    }
    if (trouble.value === '') continue;
    tally.located++;
    const named = why?.parts[0]?.elements ?? [];
    if (named.length === 1 && named[0]?.dimension === trouble.cause && named[0].value === trouble.value) tally.part++;
  }
  return [
    single('why/cause-right', tally.cause / Math.max(1, tally.seen), 'share', '≥ 0.92'),
    single('why/part-right', tally.part / Math.max(1, tally.located), 'share', '≥ 0.95'),
    single('why/cents-off', tally.off, 'cents', '0'),
  ];
}

/** Whether an incident sees a trouble, as the fleet's scorer has it: raised between its start and its end plus two buckets. */
function sees({ side, raised, end }: SeriesIncident, trouble: KnownTrouble, stepMs: number): boolean {
  const [at, until] = [(raised + 1) * stepMs, (end + 1) * stepMs];
  const latest = Math.ceil(trouble.end / stepMs) * stepMs + 2 * stepMs;
  return side === trouble.side && at > trouble.start && at <= latest && until > trouble.start;
}
