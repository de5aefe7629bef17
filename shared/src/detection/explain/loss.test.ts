import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LOSS_CAUSES } from '../../vocabulary.ts';
import { decimalsOf, inMinorUnits } from './cents.ts';
import { lossByCause, netOf, type Sales } from './loss.ts';

const sales = fc
  .record({
    attempts: fc.integer({ min: 0, max: 100_000 }),
    rate: fc.integer({ min: 0, max: 1_000 }),
    ticket: fc.integer({ min: 1, max: 1_000_000 }),
    refunds: fc.integer({ min: 0, max: 10_000_000 }),
  })
  .map(({ attempts, rate, ticket, refunds }): Sales => {
    const approved = Math.round((attempts * rate) / 1_000);
    return { attempts, approved, gross: (approved * ticket) / 100, refunds: refunds / 100 };
  });
const unitsOf = (seen: Sales, expected: Sales) => {
  const effects = lossByCause(seen, expected);
  return inMinorUnits(
    netOf(seen) - netOf(expected),
    LOSS_CAUSES.map((cause) => effects[cause]),
    2,
  );
};
const some = sales.filter(({ approved }) => approved > 0);
const plain: Sales = { attempts: 100, approved: 92, gross: 2_760, refunds: 83 };

describe('loss by cause', () => {
  test('adds up to the difference, to the cent', () => {
    fc.assert(
      fc.property(sales, sales, (seen, expected) => {
        const { whole, parts } = unitsOf(seen, expected);
        expect(parts.reduce((sum, part) => sum + part, 0)).toBe(whole);
        expect(whole).toBe(Math.round((netOf(seen) - netOf(expected)) * 100) + 0);
      }),
    );
  });

  test('from seen to expected is from expected to seen with the other sign: no order is preferred', () => {
    fc.assert(
      fc.property(some, some, (one, other) => {
        const [there, back] = [lossByCause(one, other), lossByCause(other, one)];
        for (const cause of LOSS_CAUSES) {
          expect(there[cause]).toBeCloseTo(-back[cause], 4);
        }
      }),
    );
  });

  test('a cause that did not change made nothing, and one that fell alone lost all', () => {
    expect(lossByCause(plain, plain)).toEqual({ attempts: 0, approval: 0, ticket: 0, refunds: 0 });
    expect(lossByCause({ ...plain, approved: 46, gross: 1_380 }, plain)).toMatchObject({
      attempts: 0,
      approval: -1_380,
      ticket: 0,
    });
    expect(lossByCause({ ...plain, gross: 1_380 }, plain)).toMatchObject({ attempts: 0, approval: 0, ticket: -1_380 });
    expect(lossByCause({ ...plain, refunds: 183 }, plain)).toEqual({
      attempts: 0,
      approval: 0,
      ticket: 0,
      refunds: -100,
    });
  });

  test('each effect has the sign of its factor', () => {
    fc.assert(
      fc.property(some, some, (seen, expected) => {
        const effects = lossByCause(seen, expected);
        const sign = (value: number) => (Math.abs(value) < 1e-6 ? 0 : Math.sign(value));
        expect([0, sign(seen.attempts - expected.attempts)]).toContain(sign(effects.attempts));
        expect(sign(effects.refunds)).toBe(sign(expected.refunds - seen.refunds));
      }),
    );
  });

  test('nothing tried is lost attempts, nothing approved lost approval', () => {
    expect(lossByCause({ attempts: 0, approved: 0, gross: 0, refunds: 0 }, plain)).toEqual({
      attempts: -2_760,
      approval: 0,
      ticket: 0,
      refunds: 83,
    });
    expect(lossByCause({ attempts: 100, approved: 0, gross: 0, refunds: 83 }, plain)).toEqual({
      attempts: 0,
      approval: -2_760,
      ticket: 0,
      refunds: 0,
    });
  });
});

test('minor units move no part by one or more, and add up for any currency', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 9 }),
      fc.integer({ min: 0, max: 4 }),
      (parts, decimals) => {
        const exact = parts.reduce((sum, part) => sum + part, 0);
        const { whole, parts: units } = inMinorUnits(exact, parts, decimals);
        expect(units.reduce((sum, unit) => sum + unit, 0)).toBe(whole);
        units.forEach((unit, place) => {
          expect(Math.abs(unit - (parts[place] as number) * 10 ** decimals)).toBeLessThan(1 + 1e-4);
        });
      },
    ),
  );
});

describe('decimals of a currency', () => {
  test.each([
    ['yen', 0],
    ['cents', 2],
    ['dinars of a thousand', 3],
    ['units of account of ten thousand', 4],
  ])('%s are told by their amounts, and by what is left of them in sums', (_, decimals) => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1_000_000_000_000, max: 1_000_000_000_000 }), { maxLength: 40 }),
        fc.integer({ min: 1, max: 50 }),
        (units, times) => {
          const amounts = [...units, 1].map((unit) => unit / 10 ** decimals);
          const sums = amounts.map((amount) =>
            Array.from({ length: times }, () => amount).reduce((sum, one) => sum + one, 0),
          );
          expect(decimalsOf(amounts)).toBe(decimals);
          expect(decimalsOf(sums)).toBeLessThanOrEqual(decimals);
        },
      ),
    );
  });

  test('half units are of two decimals, as money with cents is written', () => {
    expect(decimalsOf([12, 3.5])).toBe(2);
    expect(decimalsOf([])).toBe(0);
  });
});
