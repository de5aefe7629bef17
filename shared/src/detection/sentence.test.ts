import { describe, expect, test } from 'vitest';
import { type SentenceFacts, sentenceOf } from './sentence.ts';

const facts: SentenceFacts = {
  side: 'low',
  cause: 'attempts',
  causeValue: null,
  observed: 0,
  expected: 26,
  hours: 9,
};

describe('the sentence of an incident', () => {
  test.each([
    [facts, 'No sale for 9 h; 26 expected'],
    [{ ...facts, observed: 12 }, '12 attempts in 9 h; 26 expected'],
    [{ ...facts, cause: 'approval', observed: 0.35, expected: 0.92 }, 'Approval fell from 92 % to 35 %'],
    [{ ...facts, cause: 'channel', causeValue: 'web', expected: 0.25 }, 'channel web fell from 25 % to 0 %'],
    [{ ...facts, cause: 'volume', observed: 20, expected: 100 }, 'Volume fell from 100 to 20'],
    [{ ...facts, cause: 'refunds', observed: 20, expected: 100 }, 'Volume after refunds fell from 100 to 20'],
    [{ ...facts, side: 'high', cause: 'volume', observed: 250, expected: 100 }, 'Volume rose from 100 to 250'],
  ] as const)('%# is in English', (given, sentence) => {
    expect(sentenceOf(given, 'en')).toBe(sentence);
  });

  test('is in Spanish and Portuguese', () => {
    expect(sentenceOf(facts, 'es')).toBe('Ninguna venta en 9 h; se esperaban 26');
    expect(sentenceOf(facts, 'pt')).toBe('Nenhuma venda em 9 h; esperavam-se 26');
    expect(sentenceOf({ ...facts, cause: 'volume', observed: 20, expected: 100 }, 'es')).toBe(
      'El volumen bajó de 100 a 20',
    );
  });
});
