import { expect, test } from 'vitest';
import { evidenceSentence } from './alarm-rows.ts';

const facts = { side: 'low', cause: 'issuer', detector: 'issuer-approval', observed: 0.1, expected: 0.9, hours: 2 };

test('the sentence of an alarm about a value from right to left keeps its figures in order', () => {
  const sentence = (causeValue: string) => evidenceSentence({ ...facts, side: 'low', causeValue }, 'en');
  expect(sentence('بنك 7')).toBe('Approval of issuer \u2068بنك 7\u2069 fell from 90 % to 10 %');
  expect(sentence('E1')).toBe('Approval of issuer E1 fell from 90 % to 10 %');
});
