import { expect, test } from 'vitest';
import type { Finding } from './detector.ts';
import { pullTrigger, startTrigger } from './trigger.ts';

const terms = { prior: { mark: 5, rate: 1, scale: 1 }, target: 0.1, perWeek: 84, bucket: 33, holds: 0 };
/** The strongest window that ends at bucket 33, of so many buckets. */
const windowOf = (buckets: number, strength: number): Finding => ({
  detector: 'attempts',
  side: 'low',
  cause: 'attempts',
  causeValue: null,
  strength,
  start: 34 - buckets,
  buckets,
  observed: 40,
  expected: 60,
  attempts: 20,
  sales: 0,
});

function standing() {
  const trigger = startTrigger();
  pullTrigger(trigger, windowOf(24, 9), null, terms);
  expect(trigger.evidence).not.toBeNull();
  return trigger;
}

test('evidence stands while it is a little weaker than what opened it', () => {
  const trigger = standing();
  pullTrigger(trigger, windowOf(24, 6), null, terms);
  expect(trigger.evidence).toMatchObject({ strength: 6 });
});

test('evidence that fades is not told again: no window reaches back over what it has told', () => {
  const trigger = standing();
  pullTrigger(trigger, windowOf(24, 4), null, { ...terms, bucket: 34 });
  expect(trigger).toMatchObject({ evidence: null, after: 33 });
});

test('evidence that fades is held for a while, as it stood: few transactions at night are no sign that all is well', () => {
  const trigger = standing();
  for (let bucket = 34; bucket <= 45; bucket++)
    pullTrigger(trigger, windowOf(2, 4), null, { ...terms, bucket, holds: 12 });
  expect(trigger.evidence).toMatchObject({ strength: 9, start: 10, since: 10 });
  pullTrigger(trigger, windowOf(2, 4), null, { ...terms, bucket: 46, holds: 12 });
  expect(trigger).toMatchObject({ evidence: null, after: 33 });
});

test('evidence ends with the buckets that are well again, which windows may begin with', () => {
  const trigger = standing();
  pullTrigger(trigger, windowOf(24, 9), 32, terms);
  expect(trigger).toMatchObject({ evidence: null, after: 31 });
});
