import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LANGUAGES } from '../vocabulary.ts';
import { durationText, numberText } from './phrase.ts';
import { promiseSentence } from './promise.ts';
import { bandSentence, type SentenceFacts, sentenceOf, stormSentence } from './sentence.ts';

const facts: SentenceFacts = {
  side: 'low',
  cause: 'attempts',
  causeValue: null,
  detector: 'attempts',
  observed: 0,
  expected: 26,
  hours: 9,
};

describe('the sentence of an incident', () => {
  test.each([
    [facts, 'No sale for 9 h; 26 expected'],
    [{ ...facts, observed: 12 }, '12 attempts in 9 h; 26 expected'],
    [{ ...facts, observed: 1, hours: 0.5 }, '1 attempt in 30 min; 26 expected'],
    [{ ...facts, hours: 84, expected: 12345 }, 'No sale for 3.5 days; 12,300 expected'],
    [{ ...facts, cause: 'approval', observed: 0.35, expected: 0.92 }, 'Approval fell from 92 % to 35 %'],
    [
      { ...facts, cause: 'channel', causeValue: 'web', detector: 'channel-share', expected: 0.25 },
      'The share of channel web fell from 25 % to 0 %',
    ],
    [
      { ...facts, cause: 'issuer', causeValue: 'E1', detector: 'issuer-approval', expected: 0.92 },
      'Approval of issuer E1 fell from 92 % to 0 %',
    ],
    // As it was stored before the two had names of their own.
    [
      { ...facts, cause: 'channel', causeValue: 'web', detector: 'channel', expected: 0.25 },
      'channel web fell from 25 % to 0 %',
    ],
    [{ ...facts, cause: 'volume', observed: 20, expected: 100 }, 'Volume fell from 100 to 20'],
    [{ ...facts, cause: 'refunds', observed: 20, expected: 100 }, 'Volume after refunds fell from 100 to 20'],
    [{ ...facts, cause: 'refunds', observed: -9330, expected: 7530 }, 'Volume after refunds fell from 7530 to −9330'],
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

  test.each([
    [{ cause: 'approval', expected: 0.9842, observed: 0.9761 }, 'Approval fell from 98.4 % to 97.6 %'],
    [{ cause: 'approval', expected: 0.98424, observed: 0.98421 }, 'Approval fell from 98.424 % to 98.421 %'],
    [{ cause: 'approval', expected: 0.9842, observed: 0.96 }, 'Approval fell from 98 % to 96 %'],
    [
      { cause: 'channel', causeValue: 'web', detector: 'channel-share', expected: 0.054, observed: 0.046 },
      'The share of channel web fell from 5.4 % to 4.6 %',
    ],
    [
      { cause: 'ticket', expected: Math.log(120.4), observed: Math.log(119.8) },
      'The typical ticket fell from 120.4 to 119.8',
    ],
    [{ cause: 'volume', expected: 1_234_567, observed: 1_230_210 }, 'Volume fell from 1,235,000 to 1,230,000'],
  ])('%# tells two figures apart where rounded as usual they would be the same', (given, sentence) => {
    expect(sentenceOf({ ...facts, ...given }, 'en')).toBe(sentence);
  });

  test('expects one in the singular', () => {
    const one = { ...facts, expected: 1 };
    expect(sentenceOf(one, 'es')).toBe('Ninguna venta en 9 h; se esperaba 1');
    expect(sentenceOf({ ...one, observed: 3 }, 'pt')).toBe('3 tentativas em 9 h; esperava-se 1');
  });

  test('writes numbers and durations as its language does', () => {
    const long = { ...facts, hours: 84, expected: 12_345 };
    expect(sentenceOf(long, 'es')).toBe('Ninguna venta en 3,5 días; se esperaban 12.300');
    expect(sentenceOf({ ...long, hours: 1.5, observed: 2 }, 'pt')).toBe('2 tentativas em 1,5 h; esperavam-se 12.300');
    expect(['en', 'es', 'pt'].map((one) => numberText(0.25, one as 'en'))).toEqual(['0.25', '0,25', '0,25']);
    expect([0.5, 1, 47, 48, 24 * 7].map((hours) => durationText(hours, 'en'))).toEqual([
      '30 min',
      '1 h',
      '47 h',
      '2 days',
      '7 days',
    ]);
  });

  test('says the numbers it is given, whatever the language', () => {
    fc.assert(
      fc.property(fc.constantFrom(...LANGUAGES), fc.integer({ min: 2, max: 999 }), (language, expected) => {
        expect(sentenceOf({ ...facts, expected }, language)).toContain(` ${expected}`);
        expect(sentenceOf({ ...facts, observed: expected }, language)).toMatch(new RegExp(`^${expected} `));
      }),
    );
  });
});

describe('the sentence of a storm', () => {
  const storm = {
    cause: 'attempts',
    detector: null,
    members: 38,
    watched: 60,
    observed: 0,
    expected: 5200,
    hours: 4,
  } as const;
  test.each([
    ['en', 'No sale at 38 of 60 clients for 4 h; 5200 expected', 'Approval at 38 of 60 clients fell from 92 % to 35 %'],
    [
      'es',
      'Ninguna venta en 38 de 60 clientes durante 4 h; se esperaban 5200',
      'La aprobación en 38 de 60 clientes bajó de 92 % a 35 %',
    ],
    [
      'pt',
      'Nenhuma venda em 38 de 60 clientes durante 4 h; esperavam-se 5200',
      'A aprovação em 38 de 60 clientes caiu de 92 % para 35 %',
    ],
  ] as const)('is in %s', (language, silence, declines) => {
    expect(stormSentence(storm, language)).toBe(silence);
    expect(stormSentence({ ...storm, cause: 'approval', observed: 0.35, expected: 0.92 }, language)).toBe(declines);
  });

  test('tells two shares apart that are the same in two digits', () => {
    const declines = { ...storm, cause: 'approval', observed: 0.9761, expected: 0.9842 };
    expect(stormSentence(declines, 'es')).toBe('La aprobación en 38 de 60 clientes bajó de 98,4 % a 97,6 %');
  });

  test.each([
    ['issuer-share', 'en', 'The share of issuer E1 at 38 of 60 clients fell from 31 % to 2 %'],
    ['issuer-approval', 'es', 'La aprobación de issuer E1 en 38 de 60 clientes bajó de 31 % a 2 %'],
    [null, 'pt', 'issuer E1 em 38 de 60 clientes caiu de 31 % para 2 %'],
  ] as const)('tells the share of a value from its approval: %s', (detector, language, sentence) => {
    expect(stormSentence({ ...storm, cause: 'issuer=E1', detector, observed: 0.02, expected: 0.31 }, language)).toBe(
      sentence,
    );
  });
});

describe('the sentences of a band and of a promise', () => {
  test('are of one language each, and differ between languages', () => {
    for (const side of ['low', 'high'] as const) {
      expect(new Set(LANGUAGES.map((language) => bandSentence(side, language))).size).toBe(LANGUAGES.length);
    }
    const known = { countsOldDays: 0, countedDays: 90, goneDays: 0, now: 3, atWorst: 14 };
    expect(promiseSentence(known, 'en')).toBe(
      'an outage would be noticed after 3 h at this time, 14 h at the quietest',
    );
    expect(promiseSentence({ ...known, atWorst: 72 }, 'es')).toBe(
      'una caída se notaría tras 3 h a esta hora, 3 días a la más tranquila',
    );
    expect(promiseSentence({ ...known, countsOldDays: 1.5 }, 'pt')).toBe(
      'as contagens terminaram 1 dia antes do dinheiro: julgado apenas pela sua banda',
    );
    const none = { ...known, now: null, atWorst: null };
    expect(promiseSentence(none, 'en')).toBe('too few sales: four weeks of silence would prove nothing');
    expect(promiseSentence({ ...none, countedDays: 20 }, 'en')).toBe(
      'counted for less than four weeks: judged by its band alone',
    );
    expect(promiseSentence({ ...known, goneDays: 37.5 }, 'es')).toBe('no llega nada desde hace 37 días');
  });
});
