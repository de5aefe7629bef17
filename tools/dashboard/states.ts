import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNode } from '@tidemark/api';
import { countedClients } from '@tidemark/api/testing/counted';
import { FIRST, madeUpArtifact, STEP_MS, WEEK } from '@tidemark/api/testing/service';
import type { PushedSeries } from '@tidemark/shared/contract';
import { encodeModel } from '@tidemark/shared/contract/model-file';
import type { Series } from '@tidemark/shared/forecasting';
import { daxModel } from './dax/model.ts';
import { createQueryEngine } from './m/query-engine.ts';
import type { Look } from './page-preview/look.ts';
import { committedModel } from './project-files.ts';
import { refresh } from './tables.ts';

const HOUR_MS = 3_600_000;
const WEEKS = 12;
const NAMES = [
  'Mercado Sol',
  'Farmacias Alba',
  'Cines Aurora',
  'Tiendas Maya',
  'Viajes Quetzal',
  'Gasolineras Norte',
  'Restaurantes Plaza',
  'Hotel Pacífico',
];

/** A state of the world that the pages must tell apart at a glance. */
export interface State {
  readonly name: string;
  /** What a person should understand. */
  readonly title: string;
  readonly clients: number;
  /** What of the last buckets came in, as a share, by client; three buckets unless `buckets` says otherwise. */
  readonly share?: (client: number) => number;
  /** Buckets at the end that a client's feed did not bring. */
  readonly silent?: (client: number) => number;
  /** Hours that pass after the last bucket until the report is looked at, and until it is refreshed. */
  readonly seenAfter?: number;
  readonly refreshedAfter?: number;
}

export const STATES: readonly State[] = [
  { name: 'all-well', title: 'all is well', clients: 8 },
  { name: 'one-alarm', title: 'one client has an alarm', clients: 8, share: (client) => (client === 0 ? 0.3 : 1) },
  { name: 'storm', title: 'most clients fell together', clients: 8, share: (client) => (client < 6 ? 0.2 : 1) },
  {
    name: 'silent-client',
    title: 'one client’s feed is silent',
    clients: 8,
    silent: (client) => (client === 1 ? 5 : 0),
  },
  { name: 'feed-down', title: 'the feed is silent', clients: 8, seenAfter: 9, refreshedAfter: 9 },
  { name: 'not-refreshed', title: 'the report is not refreshed', clients: 8, seenAfter: 9 },
  {
    name: 'many-clients',
    title: '60 clients, two with alarms',
    clients: 60,
    share: (client) => (client % 40 === 7 ? 0.1 : 1),
  },
];

/** Buckets that a trouble lasts. */
const BUCKETS = 3;
const END = WEEKS * WEEK;

/** Names of clients: the first ones plain, the further ones numbered. */
function namesOf(count: number): string[] {
  return Array.from({ length: count }, (_, k) => {
    const name = NAMES[k % NAMES.length] as string;
    return k < NAMES.length ? name : `${name} ${Math.floor(k / NAMES.length) + 1}`;
  });
}

/** The actuals of clients of several sizes and of the group of all, with what became of them in the last buckets. */
function actualsOf({ clients, share = () => 1 }: State): readonly PushedSeries[] {
  const names = namesOf(clients);
  const fell = (name: string, bucket: number) =>
    bucket < END - BUCKETS ? {} : { attempts: share(names.indexOf(name)) };
  const { series } = countedClients(names, WEEKS, fell).body(0, END);
  const sized = series.map((one, k) => sizedBy(one, 4 + ((k * 7) % 10) * 2));
  const sum = (pick: (one: PushedSeries) => readonly (number | null)[]) =>
    Array.from(
      { length: END },
      (_, at) => Math.round(sized.reduce((total, one) => total + (pick(one)[at] ?? 0), 0) * 1e4) / 1e4,
    );
  const counted = (name: keyof Counts) => sum(({ counts }) => counts?.[name] ?? []);
  const counts = {
    attempts: counted('attempts'),
    approved: counted('approved'),
    sales: counted('sales'),
    log_sum: counted('log_sum'),
    log_squares: counted('log_squares'),
  };
  const [first] = sized as [PushedSeries];
  return [
    ...sized,
    { series: 'Total', start: first.start, values: sum(({ values }) => values), counts, members: names },
  ];
}

type Counts = NonNullable<PushedSeries['counts']>;

/** A client whose tickets are as many times as large. */
function sizedBy({ counts, ...one }: PushedSeries, times: number): PushedSeries {
  const { sales = [], log_sum = [], log_squares = [], ...others } = counts ?? {};
  const shift = Math.log(times);
  const at = (list: readonly (number | null)[], k: number) => list[k] ?? 0;
  return {
    ...one,
    values: one.values.map((value) => (value === null ? null : Math.round(value * times * 100) / 100)),
    counts: {
      ...(others as Counts),
      sales,
      log_sum: log_sum.map((_, k) => at(log_sum, k) + at(sales, k) * shift),
      log_squares: log_squares.map(
        (_, k) => at(log_squares, k) + 2 * shift * at(log_sum, k) + at(sales, k) * shift ** 2,
      ),
    },
  };
}

/** Without the last buckets. */
function without(buckets: number, { counts, ...one }: PushedSeries): PushedSeries {
  if (buckets === 0) return { ...one, ...(counts === undefined ? {} : { counts }) };
  const cut = Object.entries(counts ?? {}).map(([name, list]) => [name, list?.slice(0, -buckets)]);
  return { ...one, values: one.values.slice(0, -buckets), counts: Object.fromEntries(cut) as Counts };
}

/** The same as the series that a model is fitted to. */
function historyOf({ series: id, values }: PushedSeries): Series {
  return {
    id,
    measure: 'net',
    stepMs: STEP_MS,
    firstBucket: FIRST,
    values: Float64Array.from(values, (value) => value ?? Number.NaN),
    states: values.map(() => 'observed' as const),
  };
}

/**
 * The report as a person sees it in a state: an API of its own is given a model and the actuals, judges them, and is
 * read by the committed queries.
 */
export async function lookAt(state: State): Promise<Look> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-state-'));
  const server = await startNode({
    environment: {
      TIDEMARK_OPEN: 'true',
      TIDEMARK_CLOCK: 'newest',
      TIDEMARK_READ_WAIT_SECONDS: '60',
      TIDEMARK_BACKFILL_DAYS: state.clients > 20 ? '6' : '21',
    },
    port: 0,
    databaseFile: join(folder, 'tidemark.db'),
    log: () => {},
  });
  try {
    const actuals = actualsOf(state);
    const put = async (path: string, body: string, type: string) => {
      const response = await fetch(server.url + path, { method: 'PUT', headers: { 'content-type': type }, body });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    };
    await put('/v1/model', encodeModel(madeUpArtifact(actuals.map(historyOf))), 'text/plain');
    const series = actuals.map((one, k) => without(k < state.clients ? (state.silent?.(k) ?? 0) : 0, one));
    await put('/v1/actuals', JSON.stringify({ series }), 'application/json');
    const endMs = (FIRST + END) * STEP_MS + 20 * 60_000;
    const refreshedMs = endMs + (state.refreshedAfter ?? 0) * HOUR_MS;
    const model = committedModel();
    const engine = await createQueryEngine({
      queries: model.queries,
      parameters: { BaseUrl: JSON.stringify(server.url), HistoryDays: '30' },
      key: 'open',
      // A connection that was kept while the service computed may be closed when it is used again.
      get: (url) => fetch(url).catch(() => fetch(url)),
      now: () => refreshedMs,
    });
    const filled = daxModel(model, await refresh(model, engine));
    return { model: filled, viewer: { nowMs: endMs + (state.seenAfter ?? 0) * HOUR_MS } };
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
