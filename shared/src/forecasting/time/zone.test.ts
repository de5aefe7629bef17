import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HOUR_MS } from './duration.ts';
import { offsetChanges, zoneClock } from './zone.ts';

const at = (text: string) => Date.parse(text);

test('Mexico City stopped changing its clocks after 2022', () => {
  const clock = zoneClock('America/Mexico_City');
  expect(clock.localText(at('2022-07-01T18:00:00Z'))).toBe('2022-07-01T13:00:00');
  expect(clock.localText(at('2024-07-01T18:00:00Z'))).toBe('2024-07-01T12:00:00');
});

test('a day has 23 hours in spring and 25 in autumn where clocks change', () => {
  const clock = zoneClock('Europe/London');
  const hoursOn = (day: number) =>
    [...Array(24 * 366).keys()].filter((hour) => {
      const local = clock.local(at('2024-01-01T00:00:00Z') + hour * HOUR_MS);
      return local.month === (day < 15 ? 10 : 3) && local.day === (day < 15 ? 27 : 31);
    }).length;
  expect(hoursOn(31)).toBe(23);
  expect(hoursOn(1)).toBe(25);
});

test('Monday is weekday 0 on both sides of the epoch', () => {
  const clock = zoneClock('UTC');
  expect(clock.local(at('2026-11-16T00:00:00Z')).weekday).toBe(0);
  expect(clock.local(at('1969-12-29T00:00:00Z')).weekday).toBe(0);
});

test('offset changes are found where the clocks change and nowhere else', () => {
  const clock = zoneClock('Australia/Lord_Howe'); // half an hour of daylight saving
  const changes = offsetChanges(clock, at('2024-01-01T00:00:00Z'), at('2025-01-01T00:00:00Z'));
  expect(changes.map(({ at: instant, offsetMs }) => [new Date(instant).toISOString(), offsetMs / HOUR_MS])).toEqual([
    ['2024-01-01T00:00:00.000Z', 11],
    ['2024-04-06T15:00:00.000Z', 10.5],
    ['2024-10-05T15:30:00.000Z', 11],
  ]);
});

test('offset changes reproduce the clock at every instant', () => {
  fc.assert(
    fc.property(
      fc.constantFrom('Pacific/Chatham', 'America/Sao_Paulo', 'Africa/Casablanca', 'Asia/Kathmandu'),
      fc.integer({ min: at('2015-01-01T00:00:00Z'), max: at('2026-01-01T00:00:00Z') }),
      fc.integer({ min: 1, max: 400 * 24 * HOUR_MS }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (zone, from, length, share) => {
        const clock = zoneClock(zone);
        const instant = from + Math.floor(length * share * 0.999);
        const last = offsetChanges(clock, from, from + length).findLast((change) => change.at <= instant);
        expect(last?.offsetMs).toBe(clock.offsetMs(instant));
      },
    ),
    { numRuns: 30 },
  );
});

test('an unknown zone is refused by name', () => {
  expect(() => zoneClock('Mars/Olympus')).toThrow(/Mars\/Olympus/);
});
