import { expect, test } from 'vitest';
import type { Evidence } from './detectors/detector.ts';
import { advanceBook, startBook } from './incident-book.ts';
import type { SeriesReport } from './report.ts';

/** What stands against a client at bucket 100 or after it, from `start` on. */
const attemptsFrom = (start: number, bucket: number, { worse = false, strength = 9 } = {}): Evidence => ({
  detector: 'attempts',
  side: 'low',
  cause: 'attempts',
  causeValue: null,
  strength,
  threshold: 7,
  start,
  since: start,
  buckets: bucket - start + 1,
  observed: 50,
  expected: 80,
  attempts: 30,
  sales: 0,
  worse,
});

const reportOf = (...evidence: Evidence[]): SeriesReport => ({
  series: 'shop',
  group: false,
  evidence,
  fresh: { count: 0, mean: 40, dispersion: 0.03, attempts: 9, approval: 0, approved: 0, usuallyApproved: 0 },
  parts: [],
  perAttempt: 20,
  perSale: 22,
  weeklyMoney: 70_000,
  shortest: 1,
  left: false,
});

/** Ids of the incidents that are open after a trouble that began with `start` was raised at 100 and got far worse at `at`. */
function openAfter(start: number, at: number): string[] {
  const book = startBook();
  for (let bucket = 100; bucket < at; bucket++) advanceBook(book, bucket, [reportOf(attemptsFrom(start, bucket))]);
  advanceBook(book, at, [reportOf(attemptsFrom(at, at, { worse: true }))]);
  return book.open.map(({ id }) => id);
}

test('what gets far worse is another incident, at once where what stood was long and mild', () => {
  expect(openAfter(77, 101)).toEqual(['shop/low/101']);
  expect(openAfter(100, 102)).toEqual(['shop/low/102']);
});

test('the bucket in which a trouble begins is seldom wholly in it: the next one, far worse, is the same incident', () => {
  expect(openAfter(100, 101)).toEqual(['shop/low/100']);
});

/** Ids of the incidents that are open after a dip in bucket 100, a bucket without evidence, and a trouble of `strength`. */
function openAfterBreak(strength: number): string[] {
  const book = startBook();
  advanceBook(book, 100, [reportOf(attemptsFrom(100, 100))]);
  advanceBook(book, 101, [reportOf()]);
  advanceBook(book, 102, [reportOf(attemptsFrom(102, 102, { strength }))]);
  return book.open.map(({ id }) => id);
}

test('a clearly stronger trouble that begins after a bucket that was well is another incident', () => {
  expect(openAfterBreak(16)).toEqual(['shop/low/102']);
});

test('a trouble that swings about its threshold is one incident', () => {
  expect(openAfterBreak(10)).toEqual(['shop/low/100']);
});

test('on a grid whose shortest window is of several buckets, the first that lies wholly in a trouble is the same incident', () => {
  const book = startBook();
  const hourly = (evidence: Evidence) => ({ ...reportOf(evidence), shortest: 2 });
  advanceBook(book, 100, [hourly(attemptsFrom(99, 100))]);
  advanceBook(book, 101, [hourly(attemptsFrom(101, 101, { worse: true }))]);
  expect(book.open.map(({ id }) => id)).toEqual(['shop/low/100']);
  advanceBook(book, 102, [hourly(attemptsFrom(102, 102, { worse: true }))]);
  expect(book.open.map(({ id }) => id)).toEqual(['shop/low/102']);
});

test('an incident of a series of which nothing comes goes on until that has left', () => {
  const book = startBook();
  advanceBook(book, 100, [reportOf(attemptsFrom(100, 100))]);
  const nothing = { ...reportOf(), fresh: null };
  for (let bucket = 101; bucket < 110; bucket++) advanceBook(book, bucket, [nothing]);
  expect(book.open).toHaveLength(1);
  advanceBook(book, 110, [{ ...nothing, left: true }]);
  const { incidents } = advanceBook(book, 111, [{ ...nothing, left: true }]);
  expect(book.open).toEqual([]);
  expect(incidents).toEqual([expect.objectContaining({ id: 'shop/low/100', open: false, end: 100 })]);
});

test('approvals of all and of an issuer that stand at a time are one fall; of the rest, begun after it was raised, another', () => {
  const approvals = (since: number, detector = 'approval', cause = 'approval'): Evidence => {
    const causeValue = cause === 'approval' ? null : 'E1';
    return { ...attemptsFrom(since, 104), since, detector, cause, causeValue, strength: 12 };
  };
  const ofIssuer = (since: number) => approvals(since, 'issuer-approval', 'issuer');
  const openAtLast = (...evidence: Evidence[][]) => {
    const book = startBook();
    evidence.forEach((one, place) => {
      advanceBook(book, 100 + place, [reportOf(...one)]);
    });
    return book.open.map(({ id }) => id);
  };
  // That of all stands since 102, and alone from 104 on.
  const during = [[ofIssuer(100)], [ofIssuer(100)], [ofIssuer(100), approvals(102)], [ofIssuer(100), approvals(102)]];
  expect(openAtLast(...during, [approvals(102)])).toEqual(['shop/low/100']);
  expect(openAtLast([ofIssuer(100)], [ofIssuer(100)], [approvals(102)])).toEqual(['shop/low/102']);
  const attempts = { ...attemptsFrom(102, 104), strength: 99 };
  expect(openAtLast(...during, [attempts, ofIssuer(100)])).toEqual(['shop/low/104']);
});
