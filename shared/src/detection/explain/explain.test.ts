import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { zoneClock } from '../../forecasting/time/zone.ts';
import { FIRST_BUCKET, simulateClient, type Trouble } from '../testing.ts';
import { type ExplainedIncident, explainIncident } from './explain.ts';
import type { SoldBucket } from './reference.ts';

const STEP = 7_200_000;
const WEEK = 84;
const FROM = 9 * WEEK + 4;
const terms = { stepMs: STEP, clock: zoneClock('UTC'), decimals: 2 };

/** A client's buckets with money: each sale its mean ticket, three in a hundred given back. */
function sold(seed: number, mean: number, trouble: Trouble, hours = 4): SoldBucket[] {
  const troubled = (index: number) => (index >= FROM && index < FROM + hours ? trouble : {});
  return simulateClient(seed, mean, FROM + 3 * WEEK, troubled).map(({ bucket, counts, parts = [] }) => {
    const { attempts = 0, approved = 0, logSum = 0 } = counts ?? {};
    const gross = approved === 0 ? 0 : Math.round(approved * Math.exp(logSum / approved) * 150) / 100;
    return { bucket, attempts, approved, gross, refunds: Math.round(gross * 3) / 100, parts };
  });
}

function incidentOf(all: readonly SoldBucket[], more: Partial<ExplainedIncident> = {}, hours = 4): ExplainedIncident {
  return {
    side: 'low',
    buckets: all.slice(FROM, FROM + hours),
    history: all.slice(0, FROM),
    knowsRefunds: true,
    ...more,
  };
}
const explained = (seed: number, mean: number, trouble: Trouble, more: Partial<ExplainedIncident> = {}) =>
  explainIncident(incidentOf(sold(seed, mean, trouble), more), terms);
const sum = (list: readonly { readonly money: number }[]) => list.reduce((total, { money }) => total + money, 0);

describe('an explanation', () => {
  test('adds up to the cent, by cause and over every dimension', () => {
    const troubles: Trouble[] = [
      {},
      { attempts: 0 },
      { approval: 0.3 },
      { ticket: 0.5 },
      { channel: 'web' },
      { issuer: 'E1' },
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...troubles),
        fc.integer({ min: 1, max: 99 }),
        fc.constantFrom(2, 40),
        (trouble, seed, mean) => {
          const why = explained(seed, mean, trouble);
          if (why === null) return;
          const net = ({ gross, refunds }: { gross: number; refunds: number }) => gross - refunds;
          expect(why.money).toBe(Math.round(100 * (net(why.seen) - net(why.expected))) + 0);
          expect(sum(why.causes)).toBe(why.money);
          const refunds = why.causes.find(({ cause }) => cause === 'refunds')?.money ?? 0;
          for (const { values } of why.dimensions) expect(sum(values)).toBe(why.money - refunds);
          const values = why.dimensions.flatMap(({ dimension, values }) =>
            values.map(({ value, money }) => [`${dimension} ${value}`, money] as const),
          );
          for (const { elements, money } of why.parts)
            expect(new Map(values).get(`${elements[0]?.dimension} ${elements[0]?.value}`)).toBe(money);
        },
      ),
      { numRuns: 25 },
    );
  });

  test('names the cause by its money and the part by its counts', () => {
    const largest = (trouble: Trouble) =>
      [...(explained(5, 80, trouble)?.causes ?? [])].sort((one, other) => one.money - other.money)[0]?.cause;
    expect(largest({ attempts: 0.3 })).toBe('attempts');
    expect(largest({ approval: 0.3 })).toBe('approval');
    expect(largest({ ticket: 0.5 })).toBe('ticket');
    expect(explained(5, 80, { channel: 'web' })?.parts[0]?.elements).toEqual([{ dimension: 'channel', value: 'web' }]);
    expect(explained(5, 80, { issuer: 'E1' })?.parts[0]?.elements).toEqual([{ dimension: 'issuer', value: 'E1' }]);
  });

  test('names what its detector has named first, though the whole fell for more reasons than that', () => {
    const both = { attempts: 0.35, channel: 'web' };
    const named = { cause: 'channel', causeValue: 'web' };
    expect(explained(5, 80, both)?.where).toBe('everywhere');
    expect(explained(5, 80, both, named)).toMatchObject({
      where: 'parts',
      parts: [{ elements: [{ dimension: 'channel', value: 'web' }] }],
    });
    expect(explained(5, 80, { attempts: 0.35 }, named)?.where).toBe('everywhere');
  });

  test('names the part whose approvals fell, though fewer attempts came than usual', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const why = explained(seed, 12, { attempts: 0.2, issuer: 'E1' }, { cause: 'approval' });
      expect(why?.parts[0]?.elements).toEqual([{ dimension: 'issuer', value: 'E1' }]);
    }
  });

  test('says everywhere where all moved alike, and unclear of a client of whom nothing can be told', () => {
    expect(explained(5, 80, { attempts: 0 })?.where).toBe('everywhere');
    expect(explained(5, 80, { approval: 0.3 })?.where).toBe('everywhere');
    expect(explained(6, 0.3, { attempts: 0 })?.where).toBe('unclear');
  });

  test('looks back only, and not on later weeks', () => {
    const all = sold(7, 40, { attempts: 0.4 });
    const later = incidentOf(all, { history: all });
    expect(explainIncident(later, terms)).toEqual(explainIncident(incidentOf(all), terms));
  });

  test('is null without a week before', () => {
    const all = sold(7, 40, {});
    expect(explainIncident(incidentOf(all, { history: [] }), terms)).toBeNull();
    expect(explainIncident(incidentOf(all, { buckets: [] }), terms)).toBeNull();
  });
});

describe('what a reader has to know', () => {
  const remarks = (incident: ExplainedIncident) =>
    explainIncident(incident, terms)?.remarks.map(({ remark, about }) => `${remark} ${about}`.trim());
  const all = sold(9, 60, { attempts: 0.5 });

  test('few weeks, missing buckets, refunds that are not told apart', () => {
    expect(remarks(incidentOf(all))).toEqual([]);
    expect(remarks(incidentOf(all, { history: all.slice(FROM - 2 * WEEK, FROM) }))).toContain('few-weeks 2');
    const holed = incidentOf(all);
    expect(remarks({ ...holed, buckets: holed.buckets.filter((_, place) => place !== 1) })).toContain(
      'missing-buckets 1',
    );
    // As where the feed is down when the incident begins, or as it goes on.
    for (const buckets of [holed.buckets.slice(1), holed.buckets.slice(0, -1)]) {
      expect(remarks({ ...holed, length: holed.buckets.length, buckets })).toContain('missing-buckets 1');
    }
    expect(remarks({ ...holed, length: holed.buckets.length })).toEqual([]);
    expect(remarks(incidentOf(all, { knowsRefunds: false }))).toContain('refunds-unknown');
  });

  test('parts that do not add up, values that are new or gone', () => {
    const renamed = all.map((one) => ({
      ...one,
      parts: one.parts.map((part) =>
        part.value === 'web' && one.bucket >= FIRST_BUCKET + FROM ? { ...part, value: 'web2' } : part,
      ),
    }));
    expect(remarks(incidentOf(renamed))).toContain('new-values channel web2');
    const dropped = all.map((one) => ({
      ...one,
      parts: one.parts.filter(({ value }) => value !== 'web' || one.bucket < FIRST_BUCKET + FROM - 2 * WEEK),
    }));
    expect(remarks(incidentOf(dropped))).toContain('gone-values channel web');
    const doubled = all.map((one) => ({
      ...one,
      parts: one.parts.map((part) => ({ ...part, attempts: 3 * part.attempts })),
    }));
    expect(remarks(incidentOf(doubled))).toContain('parts-differ channel');
  });

  test('members of a group are a dimension, and told where they do not add up to it', () => {
    const one = sold(11, 40, { attempts: 0 });
    const other = sold(12, 40, {});
    const group = one.map((bucket, place) => {
      const more = other[place] as SoldBucket;
      return {
        ...bucket,
        attempts: bucket.attempts + more.attempts,
        approved: bucket.approved + more.approved,
        gross: bucket.gross + more.gross,
        refunds: bucket.refunds + more.refunds,
        parts: [],
      };
    });
    const member = (series: string, list: readonly SoldBucket[]) => ({
      series,
      buckets: list.slice(FROM, FROM + 4),
      history: list.slice(0, FROM),
    });
    const whole = explainIncident(incidentOf(group, { members: [member('one', one), member('other', other)] }), terms);
    expect(whole?.parts.map(({ elements }) => elements[0])).toEqual([{ dimension: 'client', value: 'one' }]);
    expect(whole?.remarks).toEqual([]);
    // Beside a dimension that happens to have the name of theirs.
    const typed = group.map(({ attempts, approved, ...bucket }) => {
      const parts = [{ dimension: 'client', value: 'large', attempts, approved }];
      return { ...bucket, attempts, approved, parts };
    });
    const both = explainIncident(incidentOf(typed, { members: [member('one', one), member('other', other)] }), terms);
    expect(both?.parts).toEqual(whole?.parts);
    const half = explainIncident(incidentOf(group, { members: [member('one', one)] }), terms);
    expect(half?.remarks.map(({ remark }) => remark)).toContain('members-differ');
  });
});

test('the same local hours are compared where the clocks changed in between', () => {
  const clock = zoneClock('Europe/Madrid');
  const hourOf = (bucket: number) => ((bucket * STEP + clock.offsetMs(bucket * STEP)) / 3_600_000) % 24;
  // Opens at ten local time: sells 100 in each bucket that begins from ten to eighteen, nothing else.
  const first = Date.parse('2026-01-12T00:00:00Z') / STEP;
  const all: SoldBucket[] = Array.from({ length: 12 * WEEK }, (_, k) => {
    const hour = hourOf(first + k);
    const attempts = hour >= 10 && hour <= 18 ? 100 : 0;
    return { bucket: first + k, attempts, approved: attempts, gross: attempts, refunds: 0, parts: [] };
  });
  const noon = Date.parse('2026-04-01T10:00:00Z') / STEP - first;
  const why = explainIncident(
    { side: 'low', buckets: all.slice(noon, noon + 2), history: all.slice(0, noon), knowsRefunds: true },
    { stepMs: STEP, clock, decimals: 2 },
  );
  expect(why?.expected.attempts).toBeGreaterThan(170);
});
