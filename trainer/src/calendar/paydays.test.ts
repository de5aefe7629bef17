import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type DayOfMonth, paydays } from './paydays.ts';

const never = () => false;

describe('paydays', () => {
  test('on a weekend or a holiday move to the working day before', () => {
    // 15 August 2026 is a Saturday, 15 November a Sunday; 31 December 2026 is made a holiday.
    const found = paydays([15, 'last'], '2026-08-01', '2026-12-31', (date) => date === '2026-12-31');
    expect(found).toEqual([
      '2026-08-14',
      '2026-08-31',
      '2026-09-15',
      '2026-09-30',
      '2026-10-15',
      '2026-10-30',
      '2026-11-13',
      '2026-11-30',
      '2026-12-15',
      '2026-12-30',
    ]);
  });

  test('of the 1st may move into the month before, also over the end of the span', () => {
    expect(paydays([1], '2026-01-01', '2026-01-31', never)).toEqual(['2026-01-01', '2026-01-30']);
  });

  test('of a day a month does not have are its last', () => {
    expect(paydays([31], '2028-02-01', '2028-04-30', never)).toEqual(['2028-02-29', '2028-03-31', '2028-04-28']);
  });

  test('are working days inside the span, at most one a month and configured day, never later than configured', () => {
    const day = fc.oneof(fc.integer({ min: 1, max: 31 }), fc.constant<'last'>('last'));
    fc.assert(
      fc.property(
        fc.uniqueArray(day, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 0, max: 800 }),
        fc.integer({ min: 2, max: 9 }),
        (days: DayOfMonth[], start, length, every) => {
          const dateAt = (k: number) => new Date(Date.UTC(2020, 0, 1 + k)).toISOString().slice(0, 10);
          const isHoliday = (date: string) => Number(date.slice(8)) % every === 0;
          const [from, through] = [dateAt(start), dateAt(start + length)];
          const found = paydays(days, from, through, isHoliday);
          expect(found).toEqual([...new Set(found)].sort());
          for (const date of found) {
            expect(date >= from && date <= through && !isHoliday(date)).toBe(true);
            expect([0, 6]).not.toContain(new Date(date).getUTCDay());
          }
          // The same days of a longer span are the same.
          const longer = paydays(days, dateAt(start - 40), dateAt(start + length + 40), isHoliday);
          expect(longer.filter((date) => date >= from && date <= through)).toEqual(found);
        },
      ),
    );
  });
});
