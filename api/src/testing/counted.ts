import type { PushedActuals, PushedSeries } from '@tidemark/shared/contract';
import { utcText } from '@tidemark/shared/contract';
import { bucketStart, createRandom } from '@tidemark/shared/forecasting';
import { FIRST, STEP_MS, WEEK } from './service.ts';

/** What is wrong in a bucket: shares of what usually comes. */
export interface Trouble {
  readonly attempts?: number;
  readonly approval?: number;
  /** Share of the money of its sales that is given back. */
  readonly refunds?: number;
}

/** What is wrong with a client in the bucket with this index. */
export type Troubles = (id: string, index: number) => Trouble;
export const calm: Troubles = () => ({});

const NAMES = ['attempts', 'approved', 'sales', 'log_sum', 'log_squares', 'refunds'] as const;

/** Clients with counts by the hour of the day, 60 attempts in a bucket unless their name is `tiny`: 2; the same for the same id. */
export function countedClients(ids: readonly string[], weeks: number, troubles: Troubles) {
  const clients = ids.map((id) => {
    const random = createRandom(id.length * 97 + [...id].reduce((sum, letter) => sum + letter.charCodeAt(0), 0));
    const size = id === 'tiny' ? 2 : 60;
    const rows = Array.from({ length: weeks * WEEK }, (_, index) => {
      const { attempts: share = 1, approval = 0.92, refunds = 0 } = troubles(id, index);
      const mean = size * (1 + 0.6 * Math.sin((2 * Math.PI * index) / 12));
      const attempts = Math.max(0, Math.round(share * (mean + 0.5 * Math.sqrt(mean) * random.normal())));
      return countsOf(attempts, Math.round(attempts * approval), refunds);
    });
    return { id, rows };
  });
  return {
    /** Their buckets `from … to` as a body of `PUT /v1/actuals`, with a group of them all where it has a name. */
    body(from: number, to: number, group?: string): PushedActuals {
      const cut = clients.map(({ id, rows }) => pushed(id, from, rows.slice(from, to)));
      if (group === undefined) return { series: cut };
      const sums = Array.from({ length: to - from }, (_, k) =>
        clients.reduce((sum, { rows }) => added(sum, rows[from + k] ?? countsOf(0, 0)), countsOf(0, 0)),
      );
      return { series: [...cut, { ...pushed(group, from, sums), members: [...ids] }] };
    },
  };
}

type Row = Readonly<Record<(typeof NAMES)[number] | 'value', number>>;

/** Sales of 30 on average, log-normal, of whose money a share is given back. */
function countsOf(attempts: number, approved: number, refunds = 0): Row {
  const rounded = (sum: number) => Math.round(sum * 1e4) / 1e4;
  return {
    value: 30 * approved * (1 - refunds),
    refunds: 30 * approved * refunds,
    attempts,
    approved,
    sales: approved,
    log_sum: rounded(3.4 * approved),
    log_squares: rounded((3.4 ** 2 + 0.25) * approved),
  };
}

function added(one: Row, other: Row): Row {
  return Object.fromEntries(Object.entries(one).map(([name, sum]) => [name, sum + other[name as keyof Row]])) as Row;
}

function pushed(id: string, from: number, rows: readonly Row[]): PushedSeries {
  return {
    series: id,
    start: utcText(bucketStart(FIRST + from, STEP_MS)),
    values: rows.map(({ value }) => value),
    counts: Object.fromEntries(NAMES.map((name) => [name, rows.map((row) => row[name])])) as PushedSeries['counts'],
  };
}
