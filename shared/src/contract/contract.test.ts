import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FAN_COVERAGES } from '../forecasting/calibration/fan.ts';
import { toBandRow } from './band-row.ts';
import { encodeCsv } from './csv.ts';
import { decodeFan, encodeFan, parseFan, wireNumber } from './fan-text.ts';
import { localClock, utcText } from './local-time.ts';

const limit = fc.double({ min: -1e12, max: 1e12, noNaN: true });
const limits = fc.array(limit, { minLength: FAN_COVERAGES.length, maxLength: FAN_COVERAGES.length });

test('a fan reads back as written, to seven digits', () => {
  fc.assert(
    fc.property(limit, limits, limits, (median, lower, upper) => {
      const round = (values: number[]) => values.map((value) => wireNumber(value) + 0);
      const back = decodeFan(encodeFan({ median, lower, upper }));
      expect([back.median + 0, back.lower.map((v) => v + 0), back.upper.map((v) => v + 0)]).toEqual([
        wireNumber(median) + 0,
        round(lower),
        round(upper),
      ]);
    }),
  );
});

test('rounding for the wire keeps order', () => {
  fc.assert(
    fc.property(limit, limit, (one, other) => {
      expect(wireNumber(Math.min(one, other))).toBeLessThanOrEqual(wireNumber(Math.max(one, other)));
    }),
  );
});

test('a bucket that an incident covers is as bad as the incident; what the band alone flags is as bad as the band says', () => {
  const terms = { series: 'shop', stepMs: 7_200_000, local: () => '', coverage: 0.99 };
  const judgement = { direction: 'low', score: 2, severity: 'critical' } as const;
  const bucket = { bucket: 1, state: 'observed', actual: 0, issued: null } as const;
  const reason = { direction: 'low', severity: 'warning', sentence: 'No sale for 2 h; 9 expected' } as const;
  const severityOf = (more: object) => toBandRow(terms, { ...bucket, judgement, ...more }).severity;
  expect(severityOf({})).toBe('critical');
  expect(severityOf({ reason })).toBe('warning');
  expect(severityOf({ reason, judgement: null })).toBe('warning');
  expect(severityOf({ judgement: null })).toBeNull();
});

test.each([
  '',
  '1',
  '1|2,3|4,5',
  `1|${',,,,,,'}|1,2,3,4,5,6,7`,
  '1|1,2,3,4,5,6,x|1,2,3,4,5,6,7',
  '1|1,2,3,4,5,6,7|1,2,3,4,5,6,7|8',
])('the fan text "%s" is refused', (text) => {
  expect(parseFan(text)).toBeNull();
  expect(() => decodeFan(text)).toThrow('invalid fan text');
});

test('CSV has its header without rows, quotes what needs it and writes null as nothing', () => {
  expect(encodeCsv(['a', 'b'], [])).toBe('a,b\r\n');
  expect(
    encodeCsv(
      ['a', 'b'],
      [
        { a: 'x, "y"\n', b: null },
        { a: '', b: -1234.5 },
      ],
    ),
  ).toBe('a,b\r\n"x, ""y""\n",\r\n,-1234.5\r\n');
});

test('local time follows the clocks of its zone, half-hour zones and both changes included', () => {
  const lima = localClock('America/Lima');
  expect(lima(Date.UTC(2026, 2, 1, 14))).toBe('2026-03-01T09:00:00');
  const berlin = localClock('Europe/Berlin');
  expect(berlin(Date.UTC(2026, 2, 29, 0, 59, 59))).toBe('2026-03-29T01:59:59');
  expect(berlin(Date.UTC(2026, 2, 29, 1))).toBe('2026-03-29T03:00:00');
  expect(berlin(Date.UTC(2026, 9, 25, 0))).toBe('2026-10-25T02:00:00');
  expect(berlin(Date.UTC(2026, 9, 25, 1))).toBe('2026-10-25T02:00:00');
  expect(localClock('Asia/Kathmandu')(Date.UTC(2026, 0, 1))).toBe('2026-01-01T05:45:00');
  expect(localClock('Pacific/Chatham')(Date.UTC(2026, 0, 1))).toBe('2026-01-01T13:45:00');
  expect(() => localClock('Mars/Olympus')).toThrow(
    'unknown time zone; not an IANA name such as America/Lima: Mars/Olympus',
  );
});

test('UTC text has no milliseconds unless there are some', () => {
  expect(utcText(0)).toBe('1970-01-01T00:00:00Z');
  expect(utcText(1)).toBe('1970-01-01T00:00:00.001Z');
});
