import { expect, test } from 'vitest';
import type { BucketObservation } from './observation.ts';
import { FIRST_BUCKET, incidentsIn, SIMULATED_CONFIG, simulateClient, type Trouble } from './testing.ts';
import { createWatch } from './watch.ts';

const WEEK = 84;
/** Bucket with which the trouble begins: on a Monday. */
const FROM = 8 * WEEK;
const watch = createWatch(SIMULATED_CONFIG);

/** Low incidents of a cause, buckets counted from `FROM`. */
function incidentsOf(observations: readonly BucketObservation[], cause: string) {
  return incidentsIn(watch, observations)
    .map((one) => ({ ...one, raised: one.raised - FIRST_BUCKET - FROM, end: one.end - FIRST_BUCKET - FROM }))
    .filter((one) => one.raised >= 0 && one.cause === cause && one.side === 'low');
}

const client = (weeks: number, troubleAt: (index: number) => Trouble) =>
  simulateClient(3, 40, FROM + weeks * WEEK, (index) => troubleAt(index - FROM));

test.each<[string, Trouble]>([
  ['attempts', { attempts: 0.5 }],
  ['approval', { approval: 0.6 }],
  ['ticket', { ticket: 0.5 }],
  ['channel', { channel: 'web' }],
])('less %s for good is told of at once, and is the usual after a week or two', (cause, trouble) => {
  const found = incidentsOf(
    client(4, (index) => (index >= 0 ? trouble : {})),
    cause,
  );
  expect(found[0]?.raised).toBeLessThan(10);
  expect(found.filter(({ raised, end, open }) => open || raised > 2 * WEEK || end > 2 * WEEK)).toEqual([]);
  expect(found.length).toBeLessThan(5);
});

test('a client that sells nothing any more is told of for four weeks, and no more', () => {
  const found = incidentsOf(
    client(6, (index) => (index >= 0 ? { attempts: 0 } : {})),
    'attempts',
  );
  expect(found.map(({ open }) => open)).toEqual([false]);
  expect(Math.abs((found[0]?.end ?? 0) / WEEK - 4)).toBeLessThan(0.2);
});

test('one that sells again after six weeks has nothing told of it, as it sold before', () => {
  const found = incidentsOf(
    client(8, (index) => (index >= 0 && index < 6 * WEEK ? { attempts: 0 } : {})),
    'attempts',
  );
  expect(found.filter(({ raised }) => raised > 0.2 * WEEK)).toEqual([]);
});

test('a trouble of a dimension that is not given any more ends, as one before a day without counts does', () => {
  const down = client(1, (index) => (index >= 0 ? { channel: 'web' } : {}));
  const withoutParts = down.map(({ parts = [], ...one }, index) => ({
    ...one,
    parts: index < FROM + 10 ? parts : parts.filter(({ dimension }) => dimension !== 'channel'),
  }));
  const [channel] = incidentsOf(withoutParts, 'channel');
  expect(channel).toMatchObject({ open: false, end: 9 });
  const declines = client(1, (index) => (index >= 0 && index < 10 ? { approval: 0.3 } : {}));
  const state = watch.start();
  for (const observation of declines.slice(0, FROM + 10)) watch.observe(state, observation);
  expect(watch.evidence(state).map(({ cause }) => cause)).toContain('approval');
  watch.observe(state, {
    bucket: FIRST_BUCKET + FROM + 24,
    counts: { ...NOTHING, attempts: 1, approved: 1 },
    parts: [],
  });
  expect(watch.evidence(state)).toEqual([]);
});

const NOTHING = { attempts: 0, approved: 0, sales: 0, logSum: 0, logSquares: 0 };
