import type { Fan } from '@tidemark/shared/forecasting';
import { expect, test } from 'vitest';
import type { JudgedNext } from '../evaluation/backtest.ts';
import type { SyntheticAnomalyTest } from '../evaluation/synthetic-anomaly-test.ts';
import { bandChart } from './band-chart.ts';
import { coverageBySlot, weekSummary } from './hour-of-week.ts';
import { htmlTable } from './html-table.ts';
import { type ReportInput, reportPage } from './report.ts';
import { serviceTable } from './service-table.ts';

const STEP_MS = 7_200_000;
const fan = (median: number, reach: number): Fan => ({
  median,
  lower: [1, 2, 3, 4, 5, 6, 7].map((k) => median - k * reach),
  upper: [1, 2, 3, 4, 5, 6, 7].map((k) => median + k * reach),
});

/** Busy by day, quiet by night, always as forecast, but for one miss. */
const judged: JudgedNext[] = Array.from({ length: 168 }, (_, i) => {
  const busy = i % 12 >= 4;
  const median = busy ? 1000 : 10;
  return { bucket: 250_000 + i, actual: i === 100 ? 5000 : median, fan: fan(median, busy ? 50 : 5) };
});

const injected: SyntheticAnomalyTest = {
  series: 1,
  replicates: 2,
  kinds: [
    { kind: 'outage', factor: 0, hours: 2, events: 10, recall: 0.1, hoursToAlarm: 2 },
    { kind: 'spike to 200 %', factor: 2, hours: 4, events: 10, recall: 0, hoursToAlarm: Number.NaN },
  ],
  examples: [2, 6, 12].map((hours) => ({
    series: '<shop & co>',
    hours,
    rows: judged.slice(90, 104).map(({ bucket, actual, fan: issued }, k) => {
      const out = k >= 6 && k < 6 + hours / 2;
      return { bucket, usual: actual, value: out ? 0 : actual, fan: issued, out };
    }),
    alarm: hours === 2 ? null : { bucket: 250_096, hours: 2 },
  })),
  recall: 0.05,
  recallOfEither: 0.1,
  hoursToAlarm: 2,
  falsePerWeek: 0.5,
  falsePerWeekUndisturbed: 0.4,
};
const input: ReportInput = {
  calendar: 'calendar used: loss 3 % lower',
  modelVersion: 'v',
  stepMs: STEP_MS,
  timeZone: 'America/Lima',
  judged: new Map([['<shop & co>', judged]]),
  comparison: [{ title: 'next bucket', head: ['MASE'], rows: [['Tidemark', '0.5']] }],
  service: serviceTable([
    {
      id: '<shop & co>',
      service: { servedBy: 'base', reason: 'took over from lstm', losses: { lstm: 1.2, base: 1 } },
    },
  ]),
  injected,
  trade: {
    series: 2,
    counted: 9,
    troubles: 40,
    budgets: [0.5, 1, 2].map((multiple) => ({
      budget: 3 * multiple,
      isDefault: multiple === 1,
      seen: 0.4 * multiple,
      others: multiple,
      kinds: [{ name: 'no attempts, 2 h', troubles: 40, seen: 0.4 * multiple }],
      sizes: [{ name: '3 to 30', troubles: 40, seen: 0.4 * multiple }],
    })),
  },
  silence: '"<quiet>" has trade in under a tenth of the buckets',
};
const page = reportPage(input);

test('the page stands alone, tells every miss and no more, and escapes names', () => {
  expect(page.match(/<circle class="miss"[^>]*r="4.5"/g)).toHaveLength(1);
  expect(page).toContain('1 of 168 buckets outside');
  expect(page).toContain('&lt;shop &amp; co&gt;');
  expect(page).toContain('&lt;quiet&gt;');
  expect(page).toContain('Model v; calendar used: loss 3 % lower.');
  expect(page).not.toMatch(/<script|https?:|url\(|@import|NaN|undefined/);
});

test('the first and the last date are those of all series, by their clock', () => {
  const late = judged.slice(100, 160);
  const three = new Map([
    ['opened late', late],
    ['longest', judged],
    ['left', late],
  ]);
  const told = reportPage({ ...input, judged: three, timeZone: 'Pacific/Pago_Pago' });
  expect(told).toContain('From 14 January 2027 to 28 January 2027');
});

test('who serves each series is told with what the candidates lost, and why', () => {
  expect(page).toContain(
    '<td>&lt;shop &amp; co&gt;</td><td>base</td><td>1.20</td><td>1.00</td><td>–</td><td>–</td><td>took over from lstm</td>',
  );
});

test('an outage of each length is drawn with when it was noticed', () => {
  const titles = [...page.matchAll(/aria-label="(An outage[^"]*)"/g)].map(([, title]) => title);
  expect(titles).toEqual([
    'An outage of 2 h: not noticed',
    'An outage of 6 h: noticed after 2 h',
    'An outage of 12 h: noticed after 2 h',
  ]);
  expect(page.match(/<circle class="miss"[^>]*r="5.5"/g)).toHaveLength(2);
  expect(page).toContain('Only 10 % of the outages put in were seen');
});

test('coverage by hour of the week counts each side in local time', () => {
  const slots = coverageBySlot(judged, { stepMs: STEP_MS, timeZone: 'UTC' }, 0.99);
  expect(slots).toHaveLength(84);
  expect(slots.every(({ buckets }) => buckets === 2)).toBe(true);
  const missed = slots.filter(({ inside }) => inside < 1);
  expect(missed).toMatchObject([{ inside: 0.5, below: 0, above: 0.5 }]);
  expect(weekSummary(slots, 0.99)).toMatchObject({ kept: 83 / 84, worst: missed });
  const elsewhere = coverageBySlot(judged, { stepMs: STEP_MS, timeZone: 'Etc/GMT+4' }, 0.99);
  const at = (all: typeof slots) => all.findIndex(({ inside }) => inside < 1);
  expect((at(elsewhere) + 2) % 84).toBe(at(slots));
});

test('the trade of false alarms for what is seen is drawn by kind, and told by kind and size', () => {
  expect(page.match(/<path class="trade/g)).toHaveLength(2);
  expect(page).toContain('40 troubles put into the last weeks of 2 of 9 series');
  expect(page).toContain('<td>no attempts, 2 h</td><td>40</td><td>20.0 %</td><td>40.0 %</td><td>80.0 %</td>');
  expect(page).toContain('3 a week (default)');
});

test('dates stand at the midnights of the merchants', () => {
  const from = Date.UTC(2026, 10, 16) / STEP_MS;
  const rows = Array.from({ length: 49 }, (_, k) => ({ bucket: from + k, actual: 1, fan: fan(1, 1) }));
  const chart = bandChart('shop', rows, { stepMs: STEP_MS, timeZone: 'America/Lima' }, 0.99);
  const ticks = [...chart.matchAll(/x="([\d.]+)" y="232" text-anchor="(\w+)">([^<]+)</g)];
  const hour = (960 - 56 - 8) / 96;
  expect(ticks.map(([, x, , name]) => [Math.round((Number(x) - 56) / hour), name])).toEqual([
    [5, '16 Nov'],
    [53, '18 Nov'],
  ]);
  const whole = bandChart('shop', rows, { stepMs: STEP_MS, timeZone: 'UTC' }, 0.99);
  expect(whole).toContain('text-anchor="end">20 Nov<');
});

test('a week of half hours is drawn over the whole width', () => {
  const half = reportPage({ ...input, stepMs: 1_800_000 });
  expect(page).toContain('<section class="pair"><div><h2>Calibration');
  expect(half).toContain('<section class="stack"><div><h2>Calibration');
});

test('a name without blanks is broken into lines, or it would push what follows it out of sight', () => {
  expect(htmlTable({ title: 'who', head: ['served by'], rows: [['x'.repeat(180), 'lstm']] })).toContain(
    '<td class="text">x',
  );
  expect(page).toMatch(/td\.text\{[^}]*overflow-wrap:anywhere/);
});
