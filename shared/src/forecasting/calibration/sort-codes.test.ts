import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ageOf, codeOf, keyOf, sortByCode } from './sort-codes.ts';

const anyKeys = fc.array(fc.tuple(fc.integer({ min: 0, max: 65_535 }), fc.integer({ min: 0, max: 1023 })), {
  maxLength: 1008,
});

test('keys come out in the order of their codes, equal ones in the order given', () => {
  fc.assert(
    fc.property(anyKeys, (pairs) => {
      const keys = Uint32Array.from(pairs, ([code, age]) => keyOf(code, age));
      sortByCode(keys);
      expect(Array.from(keys, (key) => [codeOf(key), ageOf(key)])).toEqual(pairs.toSorted(([a], [b]) => a - b));
    }),
  );
});

test('more keys than there is room for are refused', () => {
  expect(() => sortByCode(new Uint32Array(4097))).toThrow('not ≤ 4096: 4097');
});
