import type { BucketObservation, Counts, PartCounts } from '@tidemark/shared/detection';
import type { Random } from '@tidemark/shared/forecasting';

/** A trouble that is put into counts. */
export interface InjectedKind {
  readonly name: string;
  readonly side: 'low' | 'high';
  readonly hours: number;
  readonly changes: (
    counts: Counts,
    parts: readonly PartCounts[],
    part: PartCounts | undefined,
    random: Random,
  ) => Told;
}

interface Told {
  readonly counts: Counts;
  readonly parts: readonly PartCounts[];
}

/** Share of approvals that declines leave, of an issuer's that are left, and of amounts that a wrong ticket leaves. */
const DECLINES_LEAVE = 0.38;
const VALUE_LEAVES = 0.1;
const TICKET_LEAVES = 0.5;

/** The kinds that are tried. Those about a value need a dimension. */
const KINDS: readonly InjectedKind[] = [
  ...[2, 6, 24].map((hours) => fewer('no attempts', hours, 0)),
  fewer('half the attempts', 8, 0.5),
  { ...fewer('twice the attempts', 4, 2), side: 'high' },
  {
    name: 'declines',
    side: 'low',
    hours: 6,
    changes: (counts, parts, _, random) => {
      const kept = thinned(counts.approved, DECLINES_LEAVE, random);
      return {
        counts: withApproved(counts, kept),
        parts: parts.map((part) => ({ ...part, approved: thinned(part.approved, DECLINES_LEAVE, random) })),
      };
    },
  },
  {
    name: 'halved ticket',
    side: 'low',
    hours: 6,
    changes: (counts, parts) => {
      const shift = Math.log(TICKET_LEAVES);
      const { sales, logSum, logSquares } = counts;
      const squares = logSquares + 2 * shift * logSum + sales * shift * shift;
      return { counts: { ...counts, logSum: logSum + sales * shift, logSquares: squares }, parts };
    },
  },
  {
    name: 'a value silent',
    side: 'low',
    hours: 8,
    changes: (counts, parts, part) => {
      if (!part) return { counts, parts };
      const attempts = counts.attempts - part.attempts;
      const told = withApproved({ ...counts, attempts }, counts.approved - part.approved);
      // What others lose with it is not known bucket by bucket: they keep theirs, which the shares of their own dimension hold.
      return { counts: told, parts: parts.filter((one) => one !== part) };
    },
  },
  {
    name: 'a value declined',
    side: 'low',
    hours: 8,
    changes: (counts, parts, part, random) => {
      if (!part) return { counts, parts };
      const approved = thinned(part.approved, VALUE_LEAVES, random);
      const told = withApproved(counts, counts.approved - part.approved + approved);
      return { counts: told, parts: parts.map((one) => (one === part ? { ...part, approved } : one)) };
    },
  },
];

/** The kinds as they are tried with buckets of a length: troubles last whole buckets, and are named by how long. */
export function injectedKinds(stepHours: number): readonly InjectedKind[] {
  return inWholeBuckets(KINDS, stepHours, ({ name }) => name).map((kind) => ({
    ...kind,
    name: `${kind.name}, ${kind.hours} h`,
  }));
}

/** Troubles with their hours rounded to whole buckets, one at least; of one name, those that come to the same are one. */
export function inWholeBuckets<Kind extends { readonly hours: number }>(
  kinds: readonly Kind[],
  stepHours: number,
  nameOf: (kind: Kind) => string,
): Kind[] {
  const found = new Map<string, Kind>();
  for (const kind of kinds) {
    const hours = Math.max(1, Math.round(kind.hours / stepHours)) * stepHours;
    found.set(`${nameOf(kind)} ${hours}`, { ...kind, hours });
  }
  return [...found.values()];
}

function fewer(name: string, hours: number, factor: number): InjectedKind {
  const scaled = (count: number, random: Random) =>
    factor > 1 ? Math.round(factor * count) : thinned(count, factor, random);
  return {
    name,
    side: 'low',
    hours,
    changes: (counts, parts, _, random) => {
      const attempts = scaled(counts.attempts, random);
      const share = counts.attempts > 0 ? attempts / counts.attempts : 0;
      const approved = Math.min(attempts, Math.round(counts.approved * share));
      return {
        counts: withApproved({ ...counts, attempts }, approved),
        parts: parts.map((part) => {
          const own = Math.round(part.attempts * share);
          return { ...part, attempts: own, approved: Math.min(own, Math.round(part.approved * share)) };
        }),
      };
    },
  };
}

/** Counts with fewer or more approved, their amounts as before. */
function withApproved(counts: Counts, approved: number): Counts {
  const share = counts.approved > 0 ? approved / counts.approved : 0;
  const sales = Math.min(approved, Math.round(counts.sales * share));
  const ofSales = counts.sales > 0 ? sales / counts.sales : 0;
  const { attempts, logSum, logSquares } = counts;
  return { attempts, approved, sales, logSum: logSum * ofSales, logSquares: logSquares * ofSales };
}

/** So many of a count as are left where each stays with a chance (binomial; its normal approximation from 200 on). */
function thinned(count: number, chance: number, random: Random): number {
  if (chance === 0) return 0;
  if (count >= 200) {
    const spread = Math.sqrt(count * chance * (1 - chance));
    return Math.max(0, Math.min(count, Math.round(count * chance + spread * random.normal())));
  }
  let left = 0;
  for (let k = 0; k < count; k++) if (random.uniform() < chance) left++;
  return left;
}

/** An observation as it would have been with a trouble. @param value the dimension and value that kinds about one are about. */
export function troubled(
  observation: BucketObservation,
  { changes }: InjectedKind,
  value: Pick<PartCounts, 'dimension' | 'value'> | undefined,
  random: Random,
): BucketObservation {
  const { counts, parts = [] } = observation;
  if (counts === null) return observation;
  const part = parts.find((one) => one.dimension === value?.dimension && one.value === value.value);
  return { ...observation, ...changes(counts, parts, part, random) };
}
