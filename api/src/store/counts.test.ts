import fc from 'fast-check';
import { expect, test } from 'vitest';
import { temporaryDatabase } from '../testing/service.ts';
import { upsertActuals } from './actuals.ts';
import { decodeCounts, encodeCounts, isEncoded, keyOfPart, readSeriesParts } from './counts.ts';

const KEYS = new Map([
  [
    'channel',
    new Map([
      ['web', 1],
      ['app', 22],
    ]),
  ],
  ['issuer', new Map([['E1', 333]])],
]);
const count = fc.oneof(fc.integer({ min: 0, max: 20 }), fc.maxSafeNat());
const sum = fc.oneof(
  fc.constantFrom(0, 1e-7, 12.5),
  fc.maxSafeNat().map((units) => units / 10_000),
  fc.integer().map((units) => units / 10_000),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
);
const part = fc.record({
  dimension: fc.constantFrom('channel', 'issuer', 'unknown'),
  value: fc.constantFrom('web', 'app', 'E1'),
  attempts: count,
  approved: count,
});
const counts = fc.record({
  attempts: count,
  approved: count,
  sales: count,
  logSum: sum,
  logSquares: sum,
  refunds: fc.option(sum),
  parts: fc.array(part, { maxLength: 4 }),
});

test('counts are those of a text exactly where they would be encoded as it', () => {
  fc.assert(
    fc.property(counts, counts, fc.boolean(), (one, other, isMixed) => {
      // Mixed, both begin alike: differences are looked for in every place.
      const given = isMixed ? { ...one, refunds: other.refunds, parts: [...one.parts, ...other.parts] } : other;
      const keyOf = keyOfPart(KEYS);
      const text = encodeCounts(one, keyOf);
      expect(isEncoded(text, one, keyOf)).toBe(true);
      expect(isEncoded(text, given, keyOf)).toBe(encodeCounts(given, keyOf) === text);
      expect(isEncoded('', one, keyOf)).toBe(false);
      for (let end = 1; end < text.length; end++) {
        const cut = text.slice(0, end);
        expect(isEncoded(cut, one, keyOf)).toBe(cut === text);
      }
    }),
  );
});

test('counts come back from their text as they were encoded, without parts that had no attempts or have no key', () => {
  const partOf = new Map(
    [...KEYS].flatMap(([dimension, values]) => [...values].map(([value, key]) => [key, { dimension, value }])),
  );
  fc.assert(
    fc.property(counts, (given) => {
      const keyOf = keyOfPart(KEYS);
      const { counts: whole, refunds, parts } = decodeCounts(encodeCounts(given, keyOf), partOf);
      const known = given.parts.filter((one) => one.attempts > 0 && KEYS.get(one.dimension)?.has(one.value));
      expect(parts).toEqual(known);
      expect(encodeCounts({ ...whole, refunds, parts }, keyOf)).toBe(encodeCounts(given, keyOf));
      // To the last bit what parsing gives.
      expect(whole.logSum).toBe(Number(encodeCounts(given, keyOf).split(/[,;]/)[3]));
    }),
  );
});

test('a series is counted by every part that any of its complete buckets had, whenever it came', async () => {
  const { db, close } = await temporaryDatabase();
  const at = (bucket: number, values: readonly string[], state: 'observed' | 'open' = 'observed') => {
    const parts = values.map((value) => ({ dimension: 'channel', value, attempts: 2, approved: 1 }));
    return { bucket, value: 1, state, counts: { attempts: 2, approved: 1, sales: 1, logSum: 1, logSquares: 1, parts } };
  };
  const give = (...buckets: ReturnType<typeof at>[]) =>
    upsertActuals(db, [{ id: 'shop', measure: 'gross', scoreFrom: null, members: null, buckets }], 0);
  const known = async () => [...(await readSeriesParts(db)).values()].flat().map(({ value }) => value);
  await give(at(1, ['web']), at(2, ['app'], 'open'));
  expect(await known()).toEqual(['web']);
  await give(at(1, ['web']), at(2, ['app']), at(3, ['web', 'app']));
  expect(await known()).toEqual(['web', 'app']);
  await give(at(3, ['web', 'app']), at(4, ['pos', 'app']));
  expect((await known()).sort()).toEqual(['app', 'pos', 'web']);
  close();
});
