import fc from 'fast-check';
import { expect, test } from 'vitest';
import { depthGain } from './depth.ts';

test('a deeper fall never gains less', () => {
  const ratio = fc.double({ min: 0, max: 3, noNaN: true });
  const scale = fc.double({ min: 0, max: 10, noNaN: true });
  fc.assert(
    fc.property(scale, ratio, ratio, (by, one, other) => {
      expect(depthGain(by, Math.min(one, other))).toBeGreaterThanOrEqual(depthGain(by, Math.max(one, other)));
    }),
  );
});

test('what is gone altogether gains as much as what is as usual loses', () => {
  expect(depthGain(3, 0)).toBe(1.5);
  expect(depthGain(3, 1)).toBe(-1.5);
});
