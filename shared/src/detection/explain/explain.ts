import type { ZoneClock } from '../../forecasting/time/zone.ts';
import { type Direction, LOSS_CAUSES, type LossCause } from '../../vocabulary.ts';
import { inMinorUnits } from './cents.ts';
import { type OwnWay, ownWays } from './contrast.ts';
import { halfDeviance } from './deviance.ts';
import type { Element } from './locate.ts';
import { lossByCause, netOf, type Sales } from './loss.ts';
import { type DimensionCounts, dimensionsOfIncident, REST } from './margins.ts';
import { type ExpectedSales, expectSales, type SoldBucket } from './reference.ts';

/** What an explanation is made of. */
export interface ExplainedIncident {
  readonly side: Direction;
  /** The incident's buckets that are known, by rising number. */
  readonly buckets: readonly SoldBucket[];
  /** How many buckets it has, known or not; unless given, all from the first known to the last. */
  readonly length?: number;
  /** The weeks before, by rising number, without what was troubled itself. */
  readonly history: readonly SoldBucket[];
  /** The members of a group: what each sold in the same buckets, and before. */
  readonly members?: readonly Member[];
  /** Whether these are all members there are; unless given, they are. */
  readonly allMembers?: boolean;
  /** What the detectors say it is in: `attempts`, `approval`, `ticket`, a dimension's name with its value. */
  readonly cause?: string | null;
  readonly causeValue?: string | null;
  /** Whether refunds are told apart from sales; where not, `gross` is what was sold less what was given back. */
  readonly knowsRefunds: boolean;
}

/** One member of a group. */
interface Member {
  readonly series: string;
  readonly buckets: readonly SoldBucket[];
  readonly history: readonly SoldBucket[];
}

/** The time grid and money that explanations are in. */
export interface ExplainTerms {
  readonly stepMs: number;
  readonly clock: Pick<ZoneClock, 'offsetMs'>;
  /** Decimals of the currency. */
  readonly decimals: number;
}

/** A part that carries an incident. */
export interface ExplainedPart {
  /** By what it is known: one element, or one of each of several dimensions. */
  readonly elements: readonly Element[];
  /** Approved sales. */
  readonly observed: number;
  readonly expected: number;
  /** Money that came too much (positive) or is missing in it, in minor units. */
  readonly money: number;
  /** Share of the incident's money; `null` where the whole went the other way. Above 1 where other parts made up for it. */
  readonly share: number | null;
  /** ln of how much likelier the counts are with a level of its own for this part. */
  readonly surprise: number;
}

/** What a reader has to know to trust an explanation. */
export const EXPLANATION_REMARKS = [
  'few-weeks',
  'missing-buckets',
  'refunds-unknown',
  'parts-differ',
  'new-values',
  'gone-values',
  'members-differ',
] as const;
export type ExplanationRemark = (typeof EXPLANATION_REMARKS)[number];

/** Where an incident lies; see `Located.where`. */
export type Where = 'parts' | 'everywhere' | 'outside' | 'unclear';

/** One value of a dimension in an incident. */
export interface ExplainedValue {
  readonly value: string;
  /** Approved sales. */
  readonly observed: number;
  readonly expected: number;
  /** In minor units. */
  readonly money: number;
}

/** Why an incident is one, in money and in parts. Money is in whole minor units and adds up exactly. */
export interface Explanation {
  readonly decimals: number;
  readonly seen: Sales;
  readonly expected: Sales;
  /** Net seen less net expected. */
  readonly money: number;
  /** By cause, in the order of `LOSS_CAUSES`; they add up to `money`. */
  readonly causes: readonly { readonly cause: LossCause; readonly money: number }[];
  readonly where: Where;
  /** At most three, the most surprising first. */
  readonly parts: readonly ExplainedPart[];
  /** Of each dimension the values that moved most and the rest; they add up to `money` less that of refunds. */
  readonly dimensions: readonly { readonly dimension: string; readonly values: readonly ExplainedValue[] }[];
  readonly remarks: readonly { readonly remark: ExplanationRemark; readonly about: string }[];
}

/** By this name the members of a group are a dimension. */
export const MEMBERS = 'client';
/** Values of a dimension that are listed. */
const LISTED = 8;
/** Weeks before that an expectation should rest on. */
const FEW_WEEKS = 4;
/** Share of what is missing from which parts carry it, though the rest moved too. */
const CARRIES = 0.25;
/** Half the deviance of the whole from which it has moved at all, and its relative variance beyond chance. */
const MOVED = 2;
const WHOLE_DISPERSION = 0.01;

/**
 * Why an incident is one: its money by cause against what the weeks before lead to expect, and the parts that carry it.
 * Where attempts fell, parts are told by their share of the attempts; where approval did, by their own approval rates:
 * the one that shows more is taken, unless the incident's cause names it.
 * @returns `null` where the same hours of no week before are known, or the incident has no known bucket.
 * @example
 * explainIncident(incident, { stepMs, clock: zoneClock('Europe/Madrid'), decimals: 2 })?.parts[0]?.elements;
 * // [{ dimension: 'channel', value: 'web' }]
 */
export function explainIncident(incident: ExplainedIncident, terms: ExplainTerms): Explanation | null {
  const { side, buckets, history, members = [] } = incident;
  const expected = expectSales(
    buckets.map(({ bucket }) => bucket),
    history,
    terms,
  );
  if (expected === null) return null;
  const seen = totalOf(buckets);
  const effects = lossByCause(seen, expected);
  const { whole, parts: units } = inMinorUnits(
    netOf(seen) - netOf(expected),
    LOSS_CAUSES.map((cause) => effects[cause]),
    terms.decimals,
  );
  const causes = LOSS_CAUSES.map((cause, place) => ({ cause, money: units[place]! }));
  const dimensions = dimensionsOfIncident(buckets, seen, expected, history);
  const clients = membersOf(members, seen, expected, terms);
  if (clients) dimensions.push(clients.counts);
  const sold: Sold = { seen, expected, money: whole - units[3]!, whole, decimals: terms.decimals };
  const ways = waysOf(dimensions, expected, incident);
  const missing = (side === 'low' ? 1 : -1) * (usualApproved(incident, seen, expected) - seen.approved);
  const own = ways.reduce((sum, { excess }) => sum + excess, 0);
  // What a detector has named is in trouble, also where the whole is lower than usual for more reasons than that.
  const named = ways[0] !== undefined && isOf(ways[0], suspectOf(incident));
  const values = dimensions.map((one) => listed(one, sold));
  const carries = own > 0 && (named || own >= CARRIES * Math.max(missing, own));
  return {
    decimals: terms.decimals,
    seen,
    expected: salesOf(expected),
    money: whole,
    causes,
    where: carries ? 'parts' : moved(side, seen, expected),
    parts: carries ? ways.map((way) => partOf(way, { dimensions, values, sold })) : [],
    dimensions: values,
    remarks: remarksOf(incident, expected, dimensions, (clients?.differ ?? false) && incident.allMembers !== false),
  };
}

/** Approved attempts that the parts of an incident are to explain: where approval fell, those of the attempts that came. */
function usualApproved({ cause }: ExplainedIncident, seen: Sales, expected: Sales): number {
  if (cause !== 'approval' || expected.attempts === 0) return expected.approved;
  return (seen.attempts * expected.approved) / expected.attempts;
}

function totalOf(buckets: readonly SoldBucket[]): Sales {
  return buckets.reduce<Sales>(
    (total, one) => ({
      attempts: total.attempts + one.attempts,
      approved: total.approved + one.approved,
      gross: total.gross + one.gross,
      refunds: total.refunds + one.refunds,
    }),
    { attempts: 0, approved: 0, gross: 0, refunds: 0 },
  );
}

const salesOf = ({ attempts, approved, gross, refunds }: Sales): Sales => ({ attempts, approved, gross, refunds });

/** Whether all moved together, or too little was seen to tell. */
function moved(side: Direction, seen: Sales, expected: Sales): Where {
  const count = (of: 'attempts' | 'approved') =>
    (side === 'low') === seen[of] < expected[of] ? halfDeviance(seen[of], expected[of], WHOLE_DISPERSION) : 0;
  return Math.max(count('attempts'), count('approved')) >= MOVED ? 'everywhere' : 'unclear';
}

/** The values that went their own way, by attempts or by approval. */
function waysOf(dimensions: readonly DimensionCounts[], expected: Sales, incident: ExplainedIncident): OwnWay[] {
  const { side, cause } = incident;
  if (cause === 'ticket') return [];
  const suspect = suspectOf(incident);
  const told = dimensions.filter(({ isExcessive }) => !isExcessive);
  const byAttempts = ownWays(
    told.map(({ dimension, values, attempts }) => ({ dimension, values, ...attempts })),
    side,
    suspect,
  );
  const usual = expected.attempts > 0 ? expected.approved / expected.attempts : 0;
  const byApproval = ownWays(
    told.map(({ dimension, values, attempts, approved }) => ({
      dimension,
      values,
      observed: approved.observed,
      trials: attempts.observed,
      // What would have been approved of the attempts that came.
      expected: attempts.observed.map(
        (tried, place) => tried * rateOf(approved.expected[place]!, attempts.expected[place]!, usual),
      ),
    })),
    side,
    suspect,
  );
  if (cause === 'attempts') return byAttempts;
  if (cause === 'approval') return byApproval;
  // What the detectors name comes first where the counts bear it out.
  const suspected = (ways: readonly OwnWay[]) => ways.find((way) => isOf(way, suspect))?.surprise ?? 0;
  const first = (ways: readonly OwnWay[]) => ways[0]?.surprise ?? 0;
  const weigh = Math.max(suspected(byApproval), suspected(byAttempts)) > 0 ? suspected : first;
  const ways = weigh(byApproval) > weigh(byAttempts) ? byApproval : byAttempts;
  return [...ways].sort((one, other) => Number(isOf(other, suspect)) - Number(isOf(one, suspect)));
}

/** The value that the incident's detector has named. */
function suspectOf({ cause, causeValue }: ExplainedIncident): Element | null {
  return cause && causeValue ? { dimension: cause, value: causeValue } : null;
}

const isOf = (way: OwnWay, suspect: Element | null) =>
  way.dimension === suspect?.dimension && way.value === suspect.value;

const rateOf = (approved: number, attempts: number, usual: number) =>
  attempts > 0 ? Math.min(1, approved / attempts) : usual;

/** The members of a group as a dimension; the rest is what the group sold beyond those that are known. */
function membersOf(
  members: readonly Member[],
  seen: Sales,
  expected: ExpectedSales,
  terms: ExplainTerms,
): { readonly counts: DimensionCounts; readonly differ: boolean } | null {
  const known = members.flatMap(({ series, buckets, history }) => {
    const own = expectSales(
      buckets.map(({ bucket }) => bucket),
      history,
      terms,
    );
    return own === null ? [] : [{ series, seen: totalOf(buckets), expected: own }];
  });
  if (known.length === 0) return null;
  const column = (count: 'attempts' | 'approved') => {
    const observed = known.map((one) => one.seen[count]);
    const means = known.map((one) => one.expected[count]);
    // Each is expected by its own weeks; together they are no more than what is expected of the group.
    const scale = Math.min(1, expected[count] / Math.max(1e-9, total(means)));
    const scaled = means.map((mean) => scale * mean);
    return {
      observed: [...observed, Math.max(0, seen[count] - total(observed))],
      expected: [...scaled, Math.max(0, expected[count] - total(scaled))],
    };
  };
  const attempts = total(known.map((one) => one.seen.attempts));
  const differ = Math.abs(seen.attempts - attempts) > 0.005 * Math.max(1, seen.attempts);
  return {
    counts: {
      dimension: MEMBERS,
      values: [...known.map(({ series }) => series), REST],
      attempts: column('attempts'),
      approved: column('approved'),
      isExcessive: attempts > seen.attempts + 0.5,
      added: [],
      gone: [],
    },
    differ,
  };
}

interface Sold {
  readonly seen: Sales;
  readonly expected: Sales;
  /** What sales, refunds apart, brought too much or too little, and what all did, in minor units. */
  readonly money: number;
  readonly whole: number;
  readonly decimals: number;
}

/**
 * Money of a part: its approved sales at the ticket of the whole less what was expected of it at the usual ticket. Tickets
 * are not counted by part; so over a dimension the parts add up to what sales brought.
 */
function moneyOf({ seen, expected }: Sold, observed: number, mean: number): number {
  const usual = expected.approved > 0 ? expected.gross / expected.approved : 0;
  const now = seen.approved > 0 ? seen.gross / seen.approved : usual;
  return observed * now - mean * usual;
}

/** What an explanation's parts are taken from. */
interface PartTerms {
  readonly dimensions: readonly DimensionCounts[];
  readonly values: Explanation['dimensions'];
  readonly sold: Sold;
}

function partOf({ dimension, value, surprise }: OwnWay, { dimensions, values, sold }: PartTerms): ExplainedPart {
  // Both: a dimension that is counted may have the name by which the members are one.
  const of = dimensions.find((one) => one.dimension === dimension && one.values.includes(value))!;
  const place = of.values.indexOf(value);
  const [observed, expected] = [of.approved.observed[place]!, of.approved.expected[place]!];
  // As it stands among the values, which were rounded so that they add up.
  const row = values[dimensions.indexOf(of)]!.values.find((one) => one.value === value);
  const money = row?.money ?? Math.round(moneyOf(sold, observed, expected) * 10 ** sold.decimals) + 0;
  const share = sold.whole !== 0 && Math.sign(money) === Math.sign(sold.whole) ? money / sold.whole : null;
  return { elements: [{ dimension, value }], observed, expected, money, share, surprise };
}

/** The values of a dimension, those that moved most money first and the others as the rest. */
function listed({ dimension, values, approved }: DimensionCounts, sold: Sold): Explanation['dimensions'][number] {
  const rows = values.map((value, place) => {
    const [observed, expected] = [approved.observed[place]!, approved.expected[place]!];
    return { value, observed, expected, exact: moneyOf(sold, observed, expected) };
  });
  const own = rows
    .filter(({ value }) => value !== REST)
    .sort((one, other) => Math.abs(other.exact) - Math.abs(one.exact));
  const others = [...own.slice(LISTED), ...rows.filter(({ value }) => value === REST)];
  const sum = (of: 'observed' | 'expected' | 'exact') => total(others.map((row) => row[of]));
  const rest = { value: REST, observed: sum('observed'), expected: sum('expected'), exact: sum('exact') };
  const shown = [rest, ...own.slice(0, LISTED)];
  // What parts that do not add up leave over falls to the rest, which comes first here.
  const { parts } = inMinorUnits(
    sold.money / 10 ** sold.decimals,
    shown.map(({ exact }) => exact),
    sold.decimals,
  );
  const [ofRest, ...ofValues] = shown.map(({ exact: _, ...row }, place) => ({ ...row, money: parts[place]! }));
  const empty = ofRest!.money === 0 && ofRest!.observed === 0;
  return { dimension, values: empty ? ofValues : [...ofValues, ofRest!] };
}

function remarksOf(
  { buckets, length, knowsRefunds }: ExplainedIncident,
  { weeks }: ExpectedSales,
  dimensions: readonly DimensionCounts[],
  membersDiffer: boolean,
): Explanation['remarks'] {
  const gap = (length ?? buckets.at(-1)!.bucket - buckets[0]!.bucket + 1) - buckets.length;
  return [
    ...(weeks < FEW_WEEKS ? [{ remark: 'few-weeks' as const, about: String(weeks) }] : []),
    ...(gap > 0 ? [{ remark: 'missing-buckets' as const, about: String(gap) }] : []),
    ...(knowsRefunds ? [] : [{ remark: 'refunds-unknown' as const, about: '' }]),
    ...dimensions.flatMap(({ dimension, isExcessive, added, gone }) => [
      ...(isExcessive ? [{ remark: 'parts-differ' as const, about: dimension }] : []),
      ...added.map((value) => ({ remark: 'new-values' as const, about: `${dimension} ${value}` })),
      ...gone.map((value) => ({ remark: 'gone-values' as const, about: `${dimension} ${value}` })),
    ]),
    ...(membersDiffer ? [{ remark: 'members-differ' as const, about: '' }] : []),
  ];
}

const total = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0);
