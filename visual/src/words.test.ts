import { expect, test } from 'vitest';
import { fitText } from './text-width.ts';
import { createTranslate, nameInText } from './words.ts';

test('a name from right to left is set apart from the figures after it, any other stays as it is', () => {
  expect(nameInText('متجر الشمس')).toBe('\u2068متجر الشمس\u2069');
  expect(nameInText('Mercado Sol 24/7')).toBe('Mercado Sol 24/7');
});

test('a text that is cut ends in a whole letter, be it an emoji', () => {
  for (let room = 0; room < 60; room++) expect(fitText('🛒🛒🛒🛒🛒🛒🛒🛒', room, 10)).toMatch(/^🛒*…?$/u);
});

test('what fills a sentence stands in it as it is, dollars and all', () => {
  const translate = createTranslate(() => 'lost {0} at {1}');
  expect(translate('Lost', "US$& $'", 'Casa $$')).toBe("lost US$& $' at Casa $$");
});
