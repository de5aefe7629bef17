import { expect, test } from 'vitest';
import { nameInText } from './name-in-text.ts';

test.each([
  ['Arabic', 'متجر الشمس'],
  ['Hebrew', 'חנות השמש'],
  ['Arabic as presentation forms', '\ufe8d\ufedf\ufeb8'],
  ['Thaana', 'ފިހާރަ'],
  ['N’Ko', 'ߒߞߏ'],
  ['Adlam, beyond the first plane', '\u{1e900}\u{1e901}'],
  ['Hanifi Rohingya, beyond the first plane', '\u{10d00}\u{10d01}'],
  ['mixed, Latin first', 'Café الشمس 24'],
  ['mixed, figures first', '24 חנות'],
  ['Latin with a mark from right to left', 'Shop\u200f'],
])('a name in %s is set apart from the figures after it', (_, name) => {
  expect(nameInText(name)).toBe(`\u2068${name}\u2069`);
});

test.each(['', 'Mercado Sol 24/7', '2024', 'Ñandú & Co. −5 %', 'Ελλάδα', 'Лавка', '太陽商店', 'दुकान', '🛒 Shop', 'ﬁt'])(
  '%j, written from left to right, stays as it is',
  (name) => {
    expect(nameInText(name)).toBe(name);
  },
);

test('what turns a line around within a name ends with the name', () => {
  expect(nameInText('a\u202eb')).toBe('\u2068ab\u2069');
  expect(nameInText('متجر\u2069 1')).toBe('\u2068متجر 1\u2069');
});
