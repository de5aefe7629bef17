import fc from 'fast-check';
import { expect, test } from 'vitest';
import { normalScore, normalShare } from './normal.ts';

test('shares of the normal law are those of the tables', () => {
  expect(normalShare(0)).toBeCloseTo(0.5, 6);
  expect(normalShare(1.96)).toBeCloseTo(0.9750021, 6);
  expect(normalShare(-2.5758)).toBeCloseTo(0.0050002, 6);
});

test('a score leads back to its share', () => {
  fc.assert(
    fc.property(fc.double({ min: 1e-4, max: 1 - 1e-4, noNaN: true }), (share) => {
      expect(Math.abs(normalShare(normalScore(share)) - share)).toBeLessThan(2e-4);
    }),
  );
});
