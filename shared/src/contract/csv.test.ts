import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeCsv, guardFormula, unguardFormula } from './csv.ts';
import { formatCursor, parseCursor } from './cursor.ts';
import { encodeFan } from './fan-text.ts';
import { chunksOfText, joinChunks } from './model-file/index.ts';

const texts = fc.oneof(
  fc.string({ unit: 'grapheme' }),
  fc
    .tuple(
      fc.constantFrom('=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r', '\n', "'", "'=", 'a;=', "a;'=", ';;+'),
      fc.string(),
    )
    .map((parts) => parts.join('')),
);

test('no text, and nothing in it behind a semicolon, begins like a formula, unless it is made of figures alone; every text comes back', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const guarded = guardFormula(text);
      expect(/(^|;)[=+\-@＝＋－＠\t\r\n]/.test(guarded) && !/^-[\d.,|eE+-]+$/.test(guarded)).toBe(false);
      expect(unguardFormula(guarded)).toBe(text);
    }),
  );
});

test('a cursor leads back to its series, by its name or by the cell of a CSV row', () => {
  fc.assert(
    fc.property(texts, (series) => {
      fc.pre(series !== '' && !/(^|;)'+[=+\-@＝＋－＠\t\r\n]/.test(series));
      const bucket_start = '2026-03-01T14:00:00Z';
      expect(parseCursor(formatCursor({ series, bucket_start })).series).toBe(series);
      expect(parseCursor(`${bucket_start}|${guardFormula(series)}`).series).toBe(series);
      expect(parseCursor(`${bucket_start}|${series}`).series).toBe(series);
    }),
  );
});

test('negative numbers stay numbers, and the text of a fan is left as it is', () => {
  const fan = {
    median: -3.5,
    lower: Array.from({ length: 9 }, () => -1e21),
    upper: Array.from({ length: 9 }, () => 2),
  };
  const text = encodeFan(fan);
  const [, line] = encodeCsv(['a', 'b', 'c'], [{ a: -5, b: text, c: '=HYPERLINK("http://x")' }]).split('\r\n');
  expect(line).toBe(`-5,"${text}","'=HYPERLINK(""http://x"")"`);
});

test('chunks of a text go through CSV as they are and join to it again', () => {
  // One character takes the place of many of base64, and one in it begins like a formula.
  const letters = fc.string({ unit: fc.constantFrom('a', '+', '=', '-', '/', "'"), maxLength: 60 });
  fc.assert(
    fc.property(letters, fc.integer({ min: 1, max: 9 }), (rest, size) => {
      const text = `a${rest}`;
      const chunks = chunksOfText(text, size);
      expect(joinChunks(chunks)).toBe(text);
      expect(chunks.every((chunk) => chunk.text.length <= size && chunk.text.length > 0)).toBe(true);
      if (/['=+-]{2}/.test(text)) return;
      if (size > 1) expect(chunks.map((chunk) => guardFormula(chunk.text))).toEqual(chunks.map((chunk) => chunk.text));
    }),
  );
});
