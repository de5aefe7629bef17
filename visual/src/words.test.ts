import { expect, test } from 'vitest';
import { fitText } from './text-width.ts';
import { createTranslate } from './words.ts';

test('a text that is cut ends in a whole letter, be it an emoji', () => {
  for (let room = 0; room < 60; room++) expect(fitText('🛒🛒🛒🛒🛒🛒🛒🛒', room, 10)).toMatch(/^🛒*…?$/u);
});

test('what fills a sentence stands in it as it is, dollars and all', () => {
  const translate = createTranslate(() => 'lost {0} at {1}');
  expect(translate('Lost', "US$& $'", 'Casa $$')).toBe("lost US$& $' at Casa $$");
});
