import { FAN_COVERAGES, type Fan } from '@tidemark/shared/forecasting';
import { type Figure, single } from '../figure.ts';

const AT_95 = FAN_COVERAGES.indexOf(0.95);
const AT_99 = FAN_COVERAGES.indexOf(0.99);
/** Buckets after one outside the 99 % band that count as after an incident: a day. */
const AFTER_INCIDENT = 12;
/** A slot with fewer buckets says nothing about its coverage: the worst of twelve would be luck. */
const ENOUGH = 100;

/** How actuals fell into the next bucket's 95 % bands, on either side, by slot of the day and after incidents. */
export interface Sides {
  /** @param actual volume of the bucket that `fan` was issued for, one before it. */
  add(series: string, bucket: number, actual: number, fan: Fan): void;
  /** Figures of a set, or of all together, with goals for these. */
  figures(name: string): Figure[];
}

/** Counts that are empty. */
export function createSides(perDay: number): Sides {
  const slots = Array.from({ length: perDay }, () => ({ all: 0, inside: 0 }));
  const traded = { all: 0, inside: 0 };
  const after = { all: 0, inside: 0 };
  const sides = { all: 0, above: 0, below: 0 };
  const incidents = new Map<string, number>();
  return {
    add(series, bucket, actual, fan) {
      const [lower, upper] = limits(fan, AT_95);
      const inside = actual >= lower && actual <= upper ? 1 : 0;
      const slot = slots[bucket % perDay] as (typeof slots)[number];
      const since = bucket - (incidents.get(series) ?? Number.NEGATIVE_INFINITY);
      for (const count of [slot, ...(actual === 0 ? [] : [traded]), ...(since <= AFTER_INCIDENT ? [after] : [])]) {
        count.all++;
        count.inside += inside;
      }
      if (lower > 0) {
        sides.all++;
        if (actual > upper) sides.above++;
        if (actual < lower) sides.below++;
      }
      const [lowest, highest] = limits(fan, AT_99);
      if (actual < lowest || actual > highest) incidents.set(series, bucket);
    },
    figures(name) {
      const goal = (text: string) => (name === 'all' ? text : undefined);
      const shares = slots.filter(({ all }) => all >= ENOUGH).map(({ all, inside }) => inside / all);
      const share = (figure: string, value: number, asked?: string): Figure[] =>
        Number.isFinite(value) ? [single(`forecast/${name}/${figure}`, value, 'share', asked)] : [];
      return [
        ...share('worst-slot-cov95', Math.min(...shares), goal('≥ 0.92')),
        ...share('traded-cov95', traded.inside / traded.all),
        ...share('after-incident-cov95', after.inside / after.all),
        ...share('above95', sides.above / sides.all),
        ...share('below95', sides.below / sides.all),
        ...(sides.below > 0
          ? [single(`forecast/${name}/above-below`, sides.above / sides.below, 'ratio', goal('≤ 1.5'))]
          : []),
      ];
    },
  };
}

function limits({ lower, upper }: Fan, c: number): [number, number] {
  return [lower[c] as number, upper[c] as number];
}
