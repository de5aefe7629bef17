import { type AlarmRules, DEFAULT_RULES, incidents, judgeAgainst } from '@tidemark/shared/detection';
import { contrast, MARK_COLOURS, mix } from '@tidemark/shared/palette';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { judgeSeries } from './judged.ts';
import type { Level } from './levels.ts';
import { isWithin, parseWindows } from './maintenance.ts';
import { thinBand, thinLine } from './marks/thin.ts';
import { DEFAULTS } from './options.ts';
import type { Row, RowSeries } from './rows.ts';
import { statusOf } from './status.ts';
import { createTheme } from './theme.ts';
import { wallClock } from './time.ts';
import { VisibleTime } from './visible-time.ts';

const HOUR = 3_600_000;
const STEP = 2 * HOUR;

describe('wallClock', () => {
  const one = (value: unknown) => wallClock([{ values: [value], level: null }], 0);

  test('a date is read by its local parts, whatever the zone of the machine', () => {
    expect(one(new Date(2026, 2, 8, 14, 30))).toBe(Date.UTC(2026, 2, 8, 14, 30));
  });

  test('ISO text is read as it is written, and an impossible day is refused', () => {
    expect(one('2026-03-08T14:00:00Z')).toBe(Date.UTC(2026, 2, 8, 14));
    expect(one('2026-03-08')).toBe(Date.UTC(2026, 2, 8));
    expect(one('2026-02-30')).toBeNull();
    expect(one('last Tuesday')).toBeNull();
  });

  test('a hierarchy is put together from its levels, months by name in the model’s language', () => {
    const column = (level: Level, value: unknown) => ({ level, values: [value] });
    const parts = [column('Year', 2026), column('Quarter', 'Qtr 2'), column('Month', 'mayo'), column('Day', 7)];
    expect(wallClock(parts, 0)).toBe(Date.UTC(2026, 4, 7));
  });
});

describe('thinning', () => {
  const dots = fc
    .array(
      fc.record({ x: fc.double({ min: 0, max: 50, noNaN: true }), y: fc.double({ min: -9, max: 9, noNaN: true }) }),
      {
        minLength: 1,
        maxLength: 400,
      },
    )
    .map((some) => some.sort((a, b) => a.x - b.x));

  test('a line keeps its ends and every column’s lowest and highest dot, in order', () => {
    fc.assert(
      fc.property(dots, (all) => {
        const kept = thinLine(all);
        expect(kept.length).toBeLessThanOrEqual(4 * 51);
        expect([kept[0], kept.at(-1)]).toEqual([all[0], all.at(-1)]);
        for (const column of new Set(all.map((dot) => Math.floor(dot.x)))) {
          const heights = (some: readonly { x: number; y: number }[]) =>
            some.filter((dot) => Math.floor(dot.x) === column).map((dot) => dot.y);
          expect(Math.min(...heights(kept))).toBe(Math.min(...heights(all)));
          expect(Math.max(...heights(kept))).toBe(Math.max(...heights(all)));
        }
        expect(kept.every((dot, k) => k === 0 || dot.x >= (kept[k - 1]?.x ?? 0))).toBe(true);
      }),
    );
  });

  test('a band never gets narrower', () => {
    fc.assert(
      fc.property(dots, (all) => {
        const slices = all.map(({ x, y }) => ({ x, top: y - 1, bottom: y + 1 }));
        for (const slice of thinBand(slices)) {
          const same = slices.filter((other) => Math.floor(other.x) === Math.floor(slice.x));
          expect(slice.top).toBe(Math.min(...same.map((other) => other.top)));
          expect(slice.bottom).toBe(Math.max(...same.map((other) => other.bottom)));
        }
      }),
    );
  });
});

describe('maintenance windows', () => {
  const from = Date.UTC(2026, 2, 2);
  const to = from + 21 * 24 * HOUR;

  test('weekly and dated ones are read, nonsense comes back by its words', () => {
    const { windows, unread } = parseWindows(
      'Sun 02:00-04:00; 2026-03-05 22:00 / 2026-03-06 02:00; full moon',
      from,
      to,
    );
    expect(windows).toContainEqual({ from: Date.UTC(2026, 2, 8, 2), to: Date.UTC(2026, 2, 8, 4) });
    expect(windows).toContainEqual({ from: Date.UTC(2026, 2, 5, 22), to: Date.UTC(2026, 2, 6, 2) });
    expect(unread).toEqual(['full moon']);
  });

  test('a weekly one may run past midnight', () => {
    const { windows } = parseWindows('Sat 23:00-01:00', from, to);
    expect(windows[0]).toEqual({ from: Date.UTC(2026, 2, 7, 23), to: Date.UTC(2026, 2, 8, 1) });
    expect(isWithin(Date.UTC(2026, 2, 8), STEP, windows)).toBe(true);
    expect(isWithin(Date.UTC(2026, 2, 8, 2), STEP, windows)).toBe(false);
  });
});

function seriesOf(actuals: readonly (number | null)[], change: (k: number) => Partial<Row> = () => ({})): RowSeries {
  const rows = actuals.map(
    (actual, k): Row => ({
      time: k * STEP,
      actual,
      forecast: 100,
      lower: 80,
      upper: 120,
      severity: null,
      direction: null,
      state: actual === null ? 'missing' : 'observed',
      fan: null,
      highlighted: true,
      index: k,
      ...change(k),
    }),
  );
  return { name: '', group: 0, rows, stepMs: STEP };
}

describe('judging and status', () => {
  const judged = (
    series: RowSeries,
    alarms: Partial<(typeof DEFAULTS)['alarms']> = {},
    served = false,
    rules: AlarmRules = DEFAULT_RULES,
  ) => {
    const options = { ...DEFAULTS, alarms: { ...DEFAULTS.alarms, ...alarms } };
    return judgeSeries(series, [], options, { served, mutedWhen: [], service: rules });
  };

  test('a reason alarms whatever the band says, as bad as the row says, and is what the status tells', () => {
    const reason = 'Approval fell from 92 % to 35 %';
    const told = seriesOf([100, 100, 95, 90], (k) => (k > 1 ? { reason, severity: 'critical' } : {}));
    for (const served of [true, false]) {
      for (const alarms of [{}, { coverage: 0.8 }, { consecutive: 3 }]) {
        const drawn = judged(told, alarms, served);
        expect(drawn.points.map(({ severity }) => severity)).toEqual([null, null, 'critical', 'critical']);
        expect(drawn.points.map((point) => point.reason ?? null)).toEqual([null, null, reason, reason]);
      }
      expect(statusOf(judged(told, {}, served))).toMatchObject({
        kind: 'alarm',
        severity: 'critical',
        reason,
        distance: 0,
      });
    }
  });

  test('a reason is on the side its row says, wherever the money lies: one trouble is one incident', () => {
    const side = { reason: '71 attempts in 4 h; 284 expected', severity: 'warning', direction: 'low' } as const;
    const told = seriesOf([100, 100, 105, 95, 90], (k) => (k > 1 ? side : {}));
    for (const served of [true, false]) {
      expect(judged(told, {}, served).incidents).toMatchObject([
        { direction: 'low', startTime: 2 * STEP, volume: -10 },
      ]);
    }
  });

  test('a bucket with a reason is as bad as its row says, however far outside its band; where it does not say, as the band', () => {
    const reason = 'No sale for 2 h; 5 expected';
    const severityOf = (row: Partial<Row>) =>
      judged(seriesOf([100, 100, 5], (k) => (k === 2 ? row : {}))).points[2]?.severity;
    expect(severityOf({})).toBe('critical');
    expect(severityOf({ reason, severity: 'info' })).toBe('info');
    expect(severityOf({ reason })).toBe('critical');
  });

  test.each([
    ['months', 31 * 24 * HOUR, (k: number) => Date.UTC(2020, k)],
    // The clocks of London go from summer to winter time: 01:00 is followed by 02:00, in UTC two hours apart.
    ['two hours, in autumn', STEP, (k: number) => Date.UTC(2026, 9, 23) + k * STEP + (k < 25 ? HOUR : 0)],
    ['two hours, in spring', STEP, (k: number) => Date.UTC(2026, 2, 27) + k * STEP + (k < 25 ? 0 : HOUR)],
  ])('every bucket outside alarms and all neighbours are one incident, on a clock’s %s', (_, stepMs, timeOf) => {
    const low = seriesOf(Array(80).fill(50), (k) => ({ time: timeOf(k) }));
    for (const consecutive of [1, 2]) {
      const { points, incidents: drawn } = judged({ ...low, stepMs }, { consecutive });
      expect(points.filter(({ severity }) => severity !== null)).toHaveLength(81 - consecutive);
      expect(drawn).toMatchObject([{ buckets: 80, startTime: timeOf(0), endTime: timeOf(79) + stepMs }]);
    }
  });

  test('incidents are those of the verdicts on all buckets, whichever of them are looked at closely', () => {
    const actual = fc.option(fc.constantFrom(40, 75, 100, 101, 140, 300), { freq: 12 });
    const rules = fc.record({
      needed: fc.constantFrom(1, 2),
      among: fc.constantFrom(2, 4),
      quietToClose: fc.integer({ min: 1, max: 4 }),
    });
    fc.assert(
      fc.property(fc.array(actual, { minLength: 1, maxLength: 60 }), rules, (actuals, some) => {
        const all = { ...DEFAULT_RULES, ...some };
        const band = { lower: 80, upper: 120, coverage: all.coverage };
        const verdicts = actuals.flatMap((one, k) =>
          one === null ? [] : [judgeAgainst({ band, median: 100 }, k, one, all)],
        );
        const drawn = judged(seriesOf(actuals), {}, false, all).incidents;
        expect(drawn.map(({ startTime: _from, endTime: _to, ...incident }) => incident)).toEqual(
          incidents(verdicts, all),
        );
      }),
    );
  });

  test('says how far below, since when and how much', () => {
    const status = statusOf(judged(seriesOf([100, 100, 40, 60])));
    expect(status).toMatchObject({
      kind: 'alarm',
      direction: 'low',
      since: 2 * STEP,
      share: 0.25,
      incident: { volume: -100 },
    });
  });

  test('fewer buckets in a row than asked for raise no alarm', () => {
    expect(judged(seriesOf([100, 40, 100, 100]), { consecutive: 2 }).incidents).toEqual([]);
    expect(judged(seriesOf([100, 40, 40, 100]), { consecutive: 2 }).incidents).toHaveLength(1);
  });

  test('only the watched side, and only beyond the least deviation', () => {
    expect(judged(seriesOf([100, 40]), { side: 'high' }).incidents).toEqual([]);
    expect(judged(seriesOf([100, 70]), { minimumDeviation: 0.5 }).incidents).toEqual([]);
    expect(judged(seriesOf([100, 40]), { minimumDeviation: 0.5 }).incidents).toHaveLength(1);
  });

  test('the rules of the service hold where the author has not moved a setting, and the author’s where they have', () => {
    const rules: AlarmRules = {
      ...DEFAULT_RULES,
      direction: 'low',
      warningScore: 0.6,
      criticalScore: 2,
      minimumAbsolute: 25,
    };
    const severities = (actuals: number[], alarms = {}) =>
      judged(seriesOf(actuals), alarms, false, rules).points.map(({ severity }) => severity);
    expect(severities([60, 50, 10, 150, 76])).toEqual(['info', 'warning', 'warning', null, null]);
    expect(severities([60, 150], { side: 'high' })).toEqual([null, 'warning']);
    expect(severities([60, 40], { minimumDeviation: 0.5 })).toEqual([null, 'warning']);
  });

  test('severities of the rows are taken as served, also where the drawn limits hold the value', () => {
    const series = seriesOf([100, 90, 100], (k) => (k === 1 ? { severity: 'critical' } : {}));
    expect(judged(series, {}, true).points[1]).toMatchObject({ severity: 'critical', direction: 'low' });
    expect(judged(seriesOf([100, 10, 100]), {}, true).incidents).toEqual([]);
  });

  test('a silent feed is told from the first bucket nothing is known of', () => {
    expect(statusOf(judged(seriesOf([100, 100, null, null])))).toMatchObject({ kind: 'no-data', since: 2 * STEP });
  });

  test('an open bucket is never judged', () => {
    const series = seriesOf([100, 5], (k) => (k === 1 ? { state: 'open' } : {}));
    expect(judged(series).incidents).toEqual([]);
    expect(statusOf(judged(series)).kind).toBe('ok');
  });
});

describe('the visible time', () => {
  const whole = [0, 1000 * HOUR] as const;

  test('zooming and panning never leave the whole', () => {
    const moves = fc.array(fc.tuple(fc.boolean(), fc.double({ min: -2, max: 2, noNaN: true })), { maxLength: 30 });
    fc.assert(
      fc.property(moves, (steps) => {
        const time = new VisibleTime();
        for (const [zooming, amount] of steps) {
          const shown = time.within(whole, Number.POSITIVE_INFINITY);
          if (zooming) time.zoom(whole, shown, { around: (shown[0] + shown[1]) / 2, factor: 2 ** amount }, HOUR);
          else time.pan(whole, shown, amount * 100 * HOUR);
          const [from, to] = time.within(whole, Number.POSITIVE_INFINITY);
          expect(from).toBeGreaterThanOrEqual(whole[0]);
          expect(to).toBeLessThanOrEqual(whole[1]);
          expect(to - from).toBeGreaterThanOrEqual(6 * HOUR - 1);
        }
      }),
    );
  });
});

test('on any ground marks stand off by 3 to 1 and words by 4.5 to 1; what the author chose stays', () => {
  const greys = Array.from({ length: 52 }, (_, k) => mix('#000000', '#ffffff', k / 51));
  const grounds = [...greys, '#1b1f27', '#f4f6f8', '#2a7f9e', '#c77700', '#b01212', '#9acd32', '#ffd23f', '#3b2a6b'];
  for (const background of grounds) {
    for (const foreground of ['#252423', '#ffffff', '#777777']) {
      const palette = { foreground: { value: foreground }, background: { value: background } };
      const theme = createTheme(palette as never, DEFAULTS);
      for (const mark of [...Object.values(theme.severity), theme.actual, theme.forecast, theme.maintenance])
        expect(contrast(mark, background), `${mark} on ${background}`).toBeGreaterThanOrEqual(3);
      for (const word of [...Object.values(theme.severityWords), theme.ok, theme.muted, theme.link])
        expect(contrast(word, background), `${word} on ${background}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  const own = { ...DEFAULTS, severity: { ...DEFAULTS.severity, warningColour: '#808080' } };
  const theme = createTheme({ background: { value: '#808080' } } as never, own);
  expect([theme.severity.warning, theme.severityWords.warning]).toEqual(['#808080', '#808080']);
});

test.each(['light', 'dark'] as const)('on the usual %s ground the marks keep the colours of the palette', (ground) => {
  const background = { light: '#ffffff', dark: '#1b242d' }[ground];
  const { actual, forecast, severity } = createTheme({ background: { value: background } } as never, DEFAULTS);
  const { info, warning, critical } = MARK_COLOURS[ground];
  expect({ actual, forecast, severity }).toEqual({
    actual: MARK_COLOURS[ground].actual,
    forecast: MARK_COLOURS[ground].forecast,
    severity: { info, warning, critical },
  });
});

test.each([
  ['white on black', '#ffffff', '#000000', '#1aebff', '#ffff00'],
  ['black on white', '#000000', '#ffffff', '#37006e', '#00009f'],
  ['yellow on black', '#ffff00', '#000000', '#008000', '#0000ff'],
  ['green on black', '#00ff00', '#000000', '#0000ff', '#0000ff'],
  ['a palette without more', '#ffffff', '#000000', undefined, undefined],
])('in high contrast, %s, all is of the palette and none of it too dark to see', (_, ...colours) => {
  const [ink, ground, selected, link] = colours;
  const value = (colour: string | undefined) => (colour === undefined ? undefined : { value: colour });
  const palette = {
    foreground: value(ink),
    background: value(ground),
    foregroundSelected: value(selected),
    hyperlink: value(link),
  };
  const theme = createTheme({ ...palette, isHighContrast: true } as never, DEFAULTS);
  for (const [drawn, least] of [
    [[...Object.values(theme.severity), theme.selected, theme.actual], 3],
    [[...Object.values(theme.severityWords), theme.link, theme.reference, theme.muted], 4.5],
  ] as const) {
    for (const colour of drawn) {
      expect([ink, selected, link]).toContain(colour);
      expect(contrast(colour, ground as string)).toBeGreaterThanOrEqual(least);
    }
  }
});

/** What a colour becomes for eyes without one kind of cone, in linear RGB (Machado, Oliveira & Fernandes 2009). */
const SIGHTS = {
  'all cones': [1, 0, 0, 0, 1, 0, 0, 0, 1],
  deuteranopia: [0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.01182, 0.04294, 0.968881],
  protanopia: [0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998],
};

/** CIE 1976 L*a*b* of a colour as such eyes see it. */
function seen(colour: string, sight: readonly number[]): number[] {
  const linear = [1, 3, 5].map((at) => {
    const share = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const [r, g, b] = [0, 3, 6].map((row) =>
    Math.min(
      1,
      Math.max(
        0,
        linear.reduce((sum, one, k) => sum + one * (sight[row + k] as number), 0),
      ),
    ),
  ) as [number, number, number];
  const f = (t: number) => (t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116);
  const x = f((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047);
  const y = f(0.2126 * r + 0.7152 * g + 0.0722 * b);
  const z = f((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883);
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

describe.each(Object.entries(MARK_COLOURS))(
  'the %s palette',
  (_, { maintenance: _grey, forecast: _band, ...colours }) => {
    test.each(Object.entries(SIGHTS))('is told apart by eyes with %s', (_, sight) => {
      const all = Object.entries(colours);
      for (const [name, colour] of all) {
        for (const [other, another] of all) {
          if (name >= other) continue;
          const [one, two] = [seen(colour, sight), seen(another, sight)];
          const distance = Math.hypot(...one.map((value, k) => value - (two[k] as number)));
          expect(distance, `${name} and ${other}`).toBeGreaterThan(18);
        }
      }
    });
  },
);
