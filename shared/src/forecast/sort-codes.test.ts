import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sortCodes } from './sort-codes.ts';

test('codes come out in the order of the built-in sort', () => {
  fc.assert(
    fc.property(fc.uint16Array({ maxLength: 1008 }), (codes) => {
      const sorted = Uint16Array.from(codes);
      sortCodes(sorted);
      expect(sorted).toEqual(Uint16Array.from(codes).sort());
    }),
  );
});

test('more codes than there is room for are refused', () => {
  expect(() => sortCodes(new Uint16Array(4097))).toThrow('not ≤ 4096: 4097');
});
