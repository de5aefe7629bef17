import { expect, test } from 'vitest';
import { amountText, signedAmount } from './amount-text.ts';

test('exact amounts have the decimals of the currency, estimates none from a thousand on', () => {
  expect(amountText('es', 2)(-1_234.5)).toBe('−1.234,50');
  expect(amountText('en', 0)(1_234.5)).toBe('1,235');
  expect([999.4, 1_234.5].map(amountText('pt', null))).toEqual(['999,40', '1.235']);
});

test('what is rounded to zero has no sign', () => {
  const text = amountText('en', 2);
  expect([-0, -0.001, 0.001].map(text)).toEqual(['0.00', '0.00', '0.00']);
  expect([-0.001, 0, 0.001, 2, -2].map((one) => signedAmount(one, text))).toEqual([
    '0.00',
    '0.00',
    '0.00',
    '+2.00',
    '−2.00',
  ]);
});
