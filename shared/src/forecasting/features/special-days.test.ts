import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bucketStart } from '../time/bucket.ts';
import { HOUR_MS } from '../time/duration.ts';
import { zoneClock } from '../time/zone.ts';
import { createCalendar } from './calendar.ts';
import { DAY_KINDS, dayNumber, endedWarning, type SpecialDays } from './special-days.ts';

const STEP = 2 * HOUR_MS;
const through = '2027-12-31';

function kindOf(list: SpecialDays, date: string, timeZone = 'UTC'): string {
  const bucket = Math.floor(Date.parse(`${date}T12:00:00Z`) / STEP);
  return DAY_KINDS[createCalendar(STEP, timeZone, list).special(bucket)?.kind ?? -1] ?? 'ordinary';
}

describe('special days', () => {
  test('are those of the local date on which a bucket starts, in any zone and over clock changes', () => {
    const dates = ['2026-03-08', '2026-03-29', '2026-11-01', '2026-10-25', '2026-04-05', '2026-12-25', '2026-12-31'];
    const list: SpecialDays = { through, days: [{ kind: 'event', name: 'x', dates }] };
    fc.assert(
      fc.property(
        fc.constantFrom('UTC', 'America/New_York', 'Europe/London', 'Pacific/Chatham', 'Asia/Kolkata', 'America/Lima'),
        fc.integer({ min: 0, max: 365 * 12 }),
        (zone, k) => {
          const bucket = Math.floor(Date.parse('2026-01-01T00:00:00Z') / STEP) + k;
          const date = zoneClock(zone).localText(bucketStart(bucket, STEP)).slice(0, 10);
          const calendar = createCalendar(STEP, zone, list);
          expect(calendar.special(bucket) !== undefined).toBe(dates.includes(date));
          expect(calendar.dayOf(bucket)).toBe(dayNumber(date));
        },
      ),
      { numRuns: 2000 },
    );
  });

  test('bring the days around holidays and paydays with them', () => {
    const list: SpecialDays = {
      through,
      days: [
        { kind: 'holiday', name: 'Christmas Day', dates: ['2026-12-25'] },
        { kind: 'payday', name: 'payday', dates: ['2026-12-15'] },
        { kind: 'event', name: 'sale', dates: ['2026-11-27'] },
      ],
    };
    const kinds = ['2026-12-24', '2026-12-25', '2026-12-26', '2026-12-15', '2026-12-16', '2026-11-27', '2026-11-28'];
    expect(kinds.map((date) => kindOf(list, date))).toEqual([
      'day before a holiday',
      'holiday',
      'day after a holiday',
      'payday',
      'day after a payday',
      'event',
      'ordinary',
    ]);
  });

  test('where a date is several, the first kind counts, whatever the order of the list', () => {
    const days: SpecialDays['days'] = [
      { kind: 'payday', name: 'payday', dates: ['2026-12-24', '2026-12-31'] },
      { kind: 'holiday', name: 'Christmas Day', dates: ['2026-12-25'] },
      { kind: 'event', name: 'closed', dates: ['2026-12-25', '2026-12-31'] },
    ];
    for (const list of [days, [...days].reverse()]) {
      const kinds = ['2026-12-24', '2026-12-25', '2026-12-31'].map((date) => kindOf({ through, days: list }, date));
      expect(kinds).toEqual(['payday', 'event', 'event']);
    }
  });

  test('a list that has ended says so, from the day after on', () => {
    const list: SpecialDays = { through, days: [] };
    expect(endedWarning(list, '2027-12-31')).toBeNull();
    expect(endedWarning(list, '2028-01-01')).toMatch(/up to 2027-12-31 only: train again/);
    expect(endedWarning(undefined, '2100-01-01')).toBeNull();
  });
});
