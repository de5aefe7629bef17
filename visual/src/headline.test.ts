import { expect, test } from 'vitest';
import type { Formats } from './format.ts';
import { lossWords, pointAlarmWords } from './headline.ts';
import type { DrawnIncident, Point } from './judged.ts';
import type { Panel } from './view-model.ts';

const formats = { full: String, short: String, percent: (share: number) => `${Math.round(100 * share)} %` };
const translate = (key: string, ...values: string[]) => [key, ...values].join(' ');
const inside = { actual: 90, forecast: 100, lower: 80, upper: 120, direction: 'low', severity: 'warning' } as Point;
const wordsOf = (changed: Partial<Point>) =>
  pointAlarmWords({ ...inside, ...changed }, formats as unknown as Formats, translate);

test('a bucket that alarms inside its range is told by what it missed of its forecast, never as 0 % below minimum', () => {
  expect(wordsOf({})).toEqual(['Lost_Forecast 10']);
  expect(wordsOf({ actual: 105, direction: 'high' })).toEqual(['Excess_Forecast 5']);
  expect(wordsOf({ forecast: null })).toEqual([]);
  expect(wordsOf({ reason: 'No sale for 2 h' })).toEqual(['No sale for 2 h']);
});

test('a bucket without limits is told by its forecast, not by a minimum that nobody gave', () => {
  expect(wordsOf({ actual: 40, lower: null, upper: null })).toEqual(['Lost_Forecast 60']);
  expect(wordsOf({ actual: 40 })).toEqual(['Tooltip_Below 50 %']);
});

test('an incident is told as lost or in excess by its money, whichever side the counts are on', () => {
  const told = (actual: number, volume: number) => {
    const points = [{ ...inside, actual, time: 0 }];
    const incident = { startTime: 0, endTime: 1, direction: 'low', volume } as DrawnIncident;
    return lossWords({ series: { points } } as unknown as Panel, incident, formats as unknown as Formats, translate);
  };
  expect(told(90, -10)).toEqual(['Lost_Forecast 10', 'Lost_Forecast 10']);
  expect(told(110, 10)).toEqual(['Excess_Forecast 10', 'Excess_Forecast 10']);
  expect(told(40, -60)).toEqual(['Lost_Limit 40', 'Lost_Both 40 60']);
  expect(told(40, 30)).toEqual(['Lost_Limit 40', 'Lost_Limit 40']);
  expect(told(100, 0)).toEqual(['', '']);
});
