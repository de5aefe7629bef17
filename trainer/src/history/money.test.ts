import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDecimals } from './money.ts';

const cents = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
const text = (value: bigint) => {
  const digits = String(value < 0n ? -value : value).padStart(3, '0');
  return `${value < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
};

test('decimal sums are exact far beyond the reach of floating point', () => {
  fc.assert(
    fc.property(fc.array(cents, { minLength: 1 }), (values) => {
      expect(addDecimals(values.map(text))).toBe(text(values.reduce((a, b) => a + b, 0n)));
    }),
  );
});

test('texts of unlike decimals add up at the finer one', () => {
  expect(addDecimals(['0.1', '0.25', '-1'])).toBe('-0.65');
  expect(addDecimals([])).toBe('0');
});
