import type { Artifact, Series, SeriesCounts } from '@tidemark/shared/forecasting';
import { describe, expect, test } from 'vitest';
import { random } from '../simulate/random.ts';
import { alarmTrade } from './alarm-trade.ts';

const STEP_MS = 7_200_000;
const PER_WEEK = 84;
const BUCKETS = 20 * PER_WEEK;

const artifact = {
  metadata: { stepMs: STEP_MS, timeZone: 'UTC', specialDays: { through: '2000-01-01', days: [] } },
} as unknown as Artifact;

/** A client that opens from eight to eight, nine in ten approved, a third of the attempts by the web. */
function client(id: string, mean: number, seed: number): { series: Series; counts: SeriesCounts } {
  const source = random(seed);
  const floats = () => new Float64Array(BUCKETS);
  const counts = {
    attempts: floats(),
    approved: floats(),
    sales: floats(),
    logSum: floats(),
    logSquares: floats(),
    refunds: floats(),
  };
  const web = { attempts: floats(), approved: floats() };
  const pos = { attempts: floats(), approved: floats() };
  for (let k = 0; k < BUCKETS; k++) {
    const open = k % 12 >= 4 && k % 12 < 10;
    for (const [part, share] of [[web, 1 / 3] as const, [pos, 2 / 3] as const]) {
      const approved = source.poisson(mean * share * (open ? 1.8 : 0.1) * 0.9);
      part.approved[k] = approved;
      part.attempts[k] = approved + source.poisson(mean * share * (open ? 1.8 : 0.1) * 0.1);
    }
    counts.attempts[k] = web.attempts[k]! + pos.attempts[k]!;
    counts.approved[k] = web.approved[k]! + pos.approved[k]!;
    counts.sales[k] = counts.approved[k]!;
    for (let sale = 0; sale < counts.sales[k]!; sale++) {
      const log = 3 + 0.8 * source.normal();
      counts.logSum[k]! += log;
      counts.logSquares[k]! += log * log;
    }
  }
  const parts = [
    { dimension: 'channel', value: 'web', ...web },
    { dimension: 'channel', value: 'pos', ...pos },
  ];
  const states = Array.from({ length: BUCKETS }, () => 'observed' as const);
  return { series: { id, firstBucket: 250_000, states } as unknown as Series, counts: { ...counts, parts } };
}

/** The same client in buckets of so many of its own. */
function inBuckets(length: number, { series, counts: { parts, ...counts } }: ReturnType<typeof client>) {
  const sums = <T extends Readonly<Record<string, Float64Array>>>(lists: T) =>
    Object.fromEntries(
      Object.entries(lists).map(([name, list]) => {
        const sumFrom = (from: number) => list.subarray(from, from + length).reduce((sum, one) => sum + one, 0);
        return [name, Float64Array.from({ length: list.length / length }, (_, k) => sumFrom(k * length))];
      }),
    ) as unknown as T;
  const whole = parts.map(({ dimension, value, attempts, approved }) => ({
    dimension,
    value,
    ...sums({ attempts, approved }),
  }));
  const states = series.states.slice(0, BUCKETS / length);
  return { series: { ...series, states }, counts: { ...sums(counts), parts: whole } };
}

describe('the trade of false alarms for what is seen', () => {
  const clients = [client('large', 60, 1), client('small', 4, 2)];
  const all = clients.map(({ series }) => series);
  const trade = alarmTrade(artifact, all, new Map(clients.map(({ series, counts }) => [series.id, counts])))!;

  test('tries the same troubles under each budget, and sees no fewer where more false alarms are allowed', () => {
    expect(trade).toMatchObject({ series: 2, counted: 2 });
    expect(trade.budgets.map(({ kinds }) => kinds.reduce((sum, { troubles }) => sum + troubles, 0))).toEqual(
      trade.budgets.map(() => trade.troubles),
    );
    expect(trade.budgets.map(({ budget }) => budget)).toEqual(
      [...trade.budgets.map(({ budget }) => budget)].sort((a, b) => a - b),
    );
    expect(trade.budgets.at(-1)!.seen).toBeGreaterThanOrEqual(trade.budgets[0]!.seen);
    expect(trade.budgets.filter(({ isDefault }) => isDefault)).toHaveLength(1);
  });

  test('sees more of a large client than of a small one', () => {
    const { sizes } = trade.budgets.find(({ isDefault }) => isDefault)!;
    const [small, large] = ['3 to 30', '30 to 300'].map((name) => sizes.find((size) => size.name === name)!);
    expect(large!.seen).toBeGreaterThan(0.85);
    expect(large!.seen).toBeGreaterThan(small!.seen);
  });

  test.each([1, 12])(
    'calm clients have the other incidents that the budget allows, with %d buckets as one',
    (length) => {
      const calm = Array.from({ length: 4 }, (_, place) => inBuckets(length, client(`calm ${place}`, 6, 10 + place)));
      const counts = new Map(calm.map(({ series, counts: its }) => [series.id, its]));
      const { budgets } = alarmTrade(
        { ...artifact, metadata: { ...artifact.metadata, stepMs: length * STEP_MS } },
        calm.map(({ series }) => series),
        counts,
      )!;
      for (const { budget, others } of budgets.slice(-2)) {
        expect(others / budget).toBeGreaterThan(0.5);
        expect(others / budget).toBeLessThan(1.4);
      }
    },
  );

  test('leaves the open bucket out: nobody knows what else falls into it', () => {
    const { series, counts } = clients[0]!;
    const attempts = counts.attempts.slice();
    attempts[BUCKETS - 1] = 0;
    const open = { ...series, states: [...series.states.slice(0, -1), 'open' as const] };
    const complete = { ...series, states: series.states.slice(0, -1) };
    const tradeOf = (one: Series, its: SeriesCounts) => alarmTrade(artifact, [one], new Map([[one.id, its]]));
    expect(tradeOf(open, { ...counts, attempts })).toEqual(tradeOf(complete, counts));
  });

  test('is none where nothing is counted, or not for long enough', () => {
    expect(alarmTrade(artifact, all, new Map())).toBeNull();
    const { series, counts } = clients[0]!;
    const cut = (of: Float64Array) => of.subarray(0, 6 * PER_WEEK);
    const short = Object.fromEntries(
      Object.entries(counts).map(([name, list]) => [name, list instanceof Float64Array ? cut(list) : []]),
    ) as unknown as SeriesCounts;
    const young = { ...series, states: series.states.slice(0, 6 * PER_WEEK) };
    expect(alarmTrade(artifact, [young], new Map([[series.id, short]]))).toBeNull();
  });
});
