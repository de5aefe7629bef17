import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldName, isWellFormed, nameFault, nameSchema, toWellFormed } from './name.ts';

describe('names', () => {
  test('a name that is accepted survives UTF-8, and trimming leaves it as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 40 }), (text) => {
        if (nameFault(text) !== null) return;
        expect(new TextDecoder().decode(new TextEncoder().encode(text))).toBe(text);
        expect(text.trim()).toBe(text);
        expect(foldName(text)).not.toBe('');
      }),
    );
  });

  test('folding twice changes nothing more, and no case, blank or form of Unicode tells names apart', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }), (text) => {
        const folded = foldName(text);
        expect(foldName(folded)).toBe(folded);
        for (const form of ['NFC', 'NFD', 'NFKC', 'NFKD'] as const) expect(foldName(text.normalize(form))).toBe(folded);
        expect(foldName(` ${text}\u00a0`)).toBe(folded);
      }),
    );
  });

  test.each(['shop', 'Café Perú', '北京', '👩‍👩‍👧', "O'Brien & Co. <1>", '=1+1', '-5', '0'])(
    '"%s" is a name',
    (name) => {
      expect(nameFault(name)).toBe(null);
      expect(nameSchema.parse(name)).toBe(name);
    },
  );

  test.each([
    ['\ud800', /half of a surrogate pair/],
    ['shop\udfff', /half of a surrogate pair/],
    ['', /not blank/],
    ['   ', /not blank/],
    ['\u200b\u2800', /not blank/],
    ['\ufe0f\u034f', /not blank/],
    [' shop', /no blanks/],
    ['shop\u00a0', /no blanks/],
    ['sh\u0000op', /no control characters/],
    ['sh\nop', /no control characters/],
    ['sh\u202eop', /no control characters/],
    ['x'.repeat(201), /at most 200 characters/],
  ])('%j is none', (text, words) => {
    expect(nameFault(text)).toMatch(words);
    expect(nameSchema.safeParse(text).success).toBe(false);
  });

  test.each([
    ['shop', 'SHOP'],
    ['Café', 'Cafe\u0301'],
    ['Straße', 'STRASSE'],
    ['ﬁn', 'FIN'],
    ['a  b', 'A\u00a0B'],
    ['sh\u00adop', 'shop'],
    ['shop\ufe0f', 'shop'],
    ['sh\u034fop', 'shop'],
    ['shop\u{e0101}', 'shop'],
  ])('"%s" and "%s" are the same name', (one, other) => {
    expect(foldName(one)).toBe(foldName(other));
  });

  test('half of a surrogate pair has no form in UTF-8, a whole one has', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0xd7f0, max: 0xe010 }), { maxLength: 6 }), (units) => {
        const text = String.fromCharCode(...units);
        const bytes = new TextEncoder().encode(text);
        expect(isWellFormed(text)).toBe(new TextDecoder().decode(bytes) === text);
        expect(isWellFormed(toWellFormed(text))).toBe(true);
      }),
    );
  });
});
