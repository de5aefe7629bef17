import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseEvents } from './events.ts';

const DAY = 86_400_000;

test('what is written as days with names is read as such, in order, the last day included', () => {
  const day = fc.integer({ min: 10_000, max: 30_000 });
  const name = fc.stringMatching(/^[A-Za-zÀ-ÿ][A-Za-zÀ-ÿ ]{0,12}[A-Za-z]$/);
  const text = (at: number) => new Date(at * DAY).toISOString().slice(0, 10);
  fc.assert(
    fc.property(fc.array(fc.tuple(day, fc.nat(20), name), { maxLength: 8 }), (entries) => {
      const written = entries.map(([from, more, words]) =>
        more === 0 ? `${text(from)} ${words}` : `${text(from)} / ${text(from + more)}  ${words}`,
      );
      const { events, unread } = parseEvents(written.join(' ;'));
      expect(unread).toEqual([]);
      expect(events.map(({ name: words, from, to }) => [from / DAY, to / DAY, words])).toEqual(
        entries
          .map(([from, more, words]) => [from, from + more + 1, words])
          .sort((a, b) => Number(a[0]) - Number(b[0])),
      );
    }),
  );
});

test('days that do not exist, nameless ones and those that end before they begin come back by their words', () => {
  const bad = ['2026-02-30 No day', '2026-03-01', 'Christmas', '2026-03-05 / 2026-03-01 Backwards'];
  expect(parseEvents(bad.join(';'))).toEqual({ events: [], unread: bad });
});
