import { describe, expect, test, vi } from 'vitest';
import { createFormats } from './format.ts';
import { DEFAULTS, UNITS, type Units } from './options.ts';

// Power BI's library writes by format strings, which nothing here has; it does not load outside of a bundle.
vi.mock('powerbi-visuals-utils-formattingutils', () => ({ valueFormatter: {} }));
vi.mock('./culture.ts', () => ({ ensureCulture: () => undefined }));

const NOON = Date.UTC(2026, 2, 7, 12);

function formatsOf(largest: number, { locale = 'en-US', units = 'auto' as Units } = {}) {
  const numbers = { ...DEFAULTS.numbers, units };
  return createFormats(locale, numbers, { format: null, largest }, { now: NOON, stepMs: 7_200_000 });
}

describe('an axis', () => {
  const axes = [
    [1_000_100, 1_000_200, 1_000_300],
    [0, 0.2, 0.4, 0.6],
    [0, 0.0001, 0.0002],
    [998, 1_000, 1_002],
    [1.2e12, 1.2005e12, 1.201e12],
    [-0.05, 0, 0.05],
  ];

  test.each(UNITS)('marks no two values alike, in units “%s”', (units) => {
    for (const values of axes) {
      for (const locale of ['en-US', 'de-DE', 'ja-JP', 'ar-EG']) {
        const formats = formatsOf(Math.max(...values), { units, locale });
        const words = values.map(formats.axis(values));
        expect(new Set(words).size, words.join(' ')).toBe(values.length);
      }
    }
  });

  test('has no more figures than that takes', () => {
    const words = (values: number[]) => values.map(formatsOf(Math.max(...values)).axis(values));
    expect(words([0, 500_000, 1_000_000])).toEqual(['0', '500K', '1M']);
    expect(words([1_000_100, 1_000_200])).toEqual(['1.0001M', '1.0002M']);
  });
});

test('values below one are not written as nothing', () => {
  for (const value of [0.6, 0.0427, 0.00123]) {
    expect(Number(formatsOf(value).full(value))).toBe(value);
    expect(formatsOf(value, { units: 'none' }).short(value)).not.toMatch(/^[01]$/);
    expect(formatsOf(value).full(0)).toBe('0');
  }
  expect(formatsOf(480_123).full(1_234.567)).toBe('1,234.57');
  expect(formatsOf(480_123, { units: 'none' }).short(1_234.567)).toBe('1,235');
  expect(formatsOf(480_123, { units: 'million' }).short(435_000)).toBe('0.435M');
});

test.each(['ar-EG', 'he-IL', 'fa-IR'])('in %s what runs from right to left is set apart, its sign within', (locale) => {
  const { short, signed, instant, duration, axis } = formatsOf(480_000, { locale });
  const isApart = (text: string) => /^\u2068[^\u2066-\u2069]*\u2069$/.test(text);
  expect(
    [short(-435_000), signed(435_000), instant(NOON), duration(30 * 3_600_000), axis([0, 2e5])(2e5)].map(isApart),
  ).toEqual(Array(5).fill(true));
  expect(isApart(formatsOf(480_000).instant(NOON))).toBe(false);
});
