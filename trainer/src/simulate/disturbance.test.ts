import { expect, test } from 'vitest';
import { type Disturbance, disturbanceFactors, drawDisturbance } from './disturbance.ts';
import { random } from './random.ts';

const NONE: Disturbance = {
  day: { spread: 0, memory: 0 },
  burst: 0,
  mood: { spread: 0, memory: 0 },
  nerves: 0,
  shifts: 0,
  incidents: 0,
};
const WEEK = { buckets: 84, perDay: 12 };

test('a business that nothing disturbs keeps its mean', () => {
  expect([...disturbanceFactors(NONE, WEEK, random(1))]).toEqual(new Array(84).fill(1));
});

test('a good day is good from midnight to midnight', () => {
  const factors = disturbanceFactors({ ...NONE, day: { spread: 0.2, memory: 0 } }, WEEK, random(1));
  const days = Array.from({ length: 7 }, (_, day) => new Set(factors.subarray(12 * day, 12 * day + 12)));
  expect(days.map(({ size }) => size)).toEqual(new Array(7).fill(1));
  expect(new Set(factors).size).toBe(7);
});

test('an incident lasts at most eight buckets, a shift for good', () => {
  const dropped = disturbanceFactors({ ...NONE, incidents: 0.02 }, { buckets: 5000, perDay: 12 }, random(1));
  let longest = 0;
  let run = 0;
  dropped.forEach((factor, k) => {
    run = factor !== 1 && factor === dropped[k - 1] ? run + 1 : 1;
    longest = Math.max(longest, factor === 1 ? 0 : run);
  });
  expect(longest).toBe(8);
  expect(Math.max(...[...dropped].map((factor) => Math.abs(Math.log(factor))))).toBeLessThan(3);
  const shifted = disturbanceFactors({ ...NONE, shifts: 1 / 500 }, { buckets: 5000, perDay: 12 }, random(1));
  expect(new Set(shifted).size).toBeLessThan(25);
  expect(shifted.at(-1)).not.toBe(1);
});

test('bursts have mean 1 and the variance of their shape', () => {
  const factors = disturbanceFactors({ ...NONE, burst: 25 }, { buckets: 20_000, perDay: 12 }, random(1));
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / factors.length;
  const variance = factors.reduce((sum, factor) => sum + (factor - mean) ** 2, 0) / factors.length;
  expect(mean).toBeCloseTo(1, 2);
  expect(variance).toBeCloseTo(1 / 25, 2);
});

test('whatever is drawn, factors are finite and positive, and the same for the same seed', () => {
  for (let seed = 1; seed <= 50; seed++) {
    const make = () => {
      const source = random(seed);
      return disturbanceFactors(drawDisturbance(source), { buckets: 1000, perDay: 12 }, source);
    };
    const factors = make();
    expect(factors.every((factor) => factor > 0 && Number.isFinite(factor))).toBe(true);
    expect(make()).toEqual(factors);
  }
});
