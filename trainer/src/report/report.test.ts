import type { Fan } from '@tidemark/shared';
import { expect, test } from 'vitest';
import type { Judged } from '../model/backtest.ts';
import { outage } from './outage.ts';
import { reportPage } from './report.ts';
import { ticks } from './svg.ts';

const STEP_MS = 7_200_000;
const fan = (median: number, reach: number): Fan => ({
  median,
  lower: [1, 2, 3, 4, 5, 6, 7].map((k) => median - k * reach),
  upper: [1, 2, 3, 4, 5, 6, 7].map((k) => median + k * reach),
});

/** Busy by day, quiet by night, always as forecast, but for one miss. */
const judged: Judged[] = Array.from({ length: 168 }, (_, i) => {
  const busy = i % 12 >= 4;
  const median = busy ? 1000 : 10;
  const fans = Array.from({ length: 12 }, () => fan(median, busy ? 50 : 5));
  return { bucket: 250_000 + i, actual: i === 100 ? 5000 : median, fans };
});

test('an outage is seen when what is left lies below the lower limit, at the end of its bucket', () => {
  // 99 %: 1000 − 5·50 = 750; half an empty bucket leaves 500.
  expect(outage(judged, 1, STEP_MS, 0.99)).toMatchObject({ starts: 112, hoursToAlarm: 2 });
  expect(outage(judged, 1, STEP_MS, 0.99).seen).toBeCloseTo(111 / 112);
  expect(outage(judged, 0.4, STEP_MS, 0.99).seen).toBe(0);
  expect(outage(judged, 4, STEP_MS, 0.99)).toMatchObject({ seen: 1, hoursToAlarm: 2 });
});

test('the page stands alone, tells every miss and no more, and escapes names', () => {
  const page = reportPage({
    calendar: 'calendar heeded: loss 3 % lower',
    modelVersion: 'v',
    stepMs: STEP_MS,
    timeZone: 'UTC',
    judged: new Map([['<shop & co>', judged]]),
    comparison: [
      ['', 'MASE'],
      ['Tidemark', '0.5'],
    ],
  });
  expect(page.match(/class="miss"/g)).toHaveLength(1);
  expect(page).toContain('&lt;shop &amp; co&gt;');
  expect(page).toContain('Model v; calendar heeded: loss 3 % lower.');
  expect(page).not.toMatch(/<script|https?:|NaN|undefined/);
});

test('ticks are round numbers within the range', () => {
  expect(ticks(-3, 47, 4)).toEqual([0, 20, 40]);
  expect(ticks(5, 5, 4)).toEqual([5]);
});
