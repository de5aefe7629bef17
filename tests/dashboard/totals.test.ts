import { Moment } from '@tidemark/tools/dashboard/m/values';
import type { Cell, Row } from '@tidemark/tools/dashboard/tables';
import { describe, expect, test } from 'vitest';
import { at, figureOf, filledWith } from './filled.ts';

// Figures by hand, what a person would add up on paper, against the text of the committed measures.

const HOUR_MS = 3_600_000;

/** Two clients in the group north, all in the group all, and a group of others. */
const SERIES: readonly Row[] = [
  { Series: 'A', Members: null },
  { Series: 'B', Members: null },
  { Series: 'C', Members: null },
  { Series: 'north', Members: 'A; B' },
  { Series: 'south', Members: 'C' },
  { Series: 'all', Members: 'A; B; C' },
].map((row) => ({ ...row, 'Step minutes': 120 }));

const incident = (series: string, volume: number, [from, to]: [number, number], status = 'open'): Row => ({
  Series: series,
  Volume: volume,
  Status: status,
  'Start UTC': at(from),
  'End UTC': at(to),
});

const bucket = (series: string, hour: number, actual: number, forecast: number): Row => ({
  Series: series,
  'Bucket start UTC': at(hour),
  'Bucket start': at(hour),
  State: 'observed',
  Actual: actual,
  Forecast: forecast,
});

type Rows = Readonly<Record<string, readonly Row[]>>;

function figure(name: string, rows: Rows, names?: readonly string[]): Cell {
  return figureOf(filledWith({ Series: SERIES, ...rows }), name, { nowMs: at(12).ms }, names);
}

test('groups around a series are those that hold all of it', () => {
  const { tables } = filledWith({ Series: SERIES });
  expect(tables.Series?.map(({ Series, Within }) => [Series, Within])).toEqual([
    ['A', 'north; all'],
    ['B', 'north; all'],
    ['C', 'south; all'],
    ['north', 'all'],
    ['south', 'all'],
    ['all', ''],
  ]);
});

test('an incident whose money is known by cause lost that much, as its message and its page say', () => {
  const explained = { ...incident('A', -86, [2, 6]), Money: -97 };
  expect(figure('Lost in open alarms', { Alarms: [explained, incident('B', -5, [2, 6])] })).toBe(102);
  expect(figure('Excess volume', { Alarms: [{ ...explained, Money: 12 }] })).toBe(12);
});

describe('lost in open alarms counts every client once', () => {
  test.each<[string, Row[], number]>([
    ['one group', [incident('all', -1_000, [2, 6])], 1_000],
    [
      'a group and a client of it at the same time',
      [incident('all', -1_000, [2, 6]), incident('A', -50, [2, 4])],
      1_000,
    ],
    ['a client before its group', [incident('all', -1_000, [6, 8]), incident('A', -50, [2, 4])], 1_050],
    ['two groups that share nobody', [incident('north', -300, [2, 6]), incident('south', -200, [2, 6])], 500],
    ['a group within another', [incident('all', -1_000, [2, 6]), incident('north', -700, [2, 6])], 1_000],
    ['two clients', [incident('A', -300, [2, 6]), incident('B', -20, [4, 6])], 320],
    [
      'an excess of the group beside a loss of a client',
      [incident('all', 400, [2, 6]), incident('A', -50, [2, 4])],
      50,
    ],
    ['what is closed or withdrawn', [incident('A', -9, [2, 4], 'closed'), incident('B', -9, [2, 4], 'withdrawn')], 0],
    ['nothing', [], 0],
  ])('%s', (_, alarms, expected) => {
    expect(figure('Lost in open alarms', { Alarms: alarms })).toBe(expected);
  });
});

describe('volumes and deviations are of the same series', () => {
  // All clients lost a quarter; the group's own forecast was lower than the sum of theirs.
  const bands = [
    bucket('A', 2, 75, 100),
    bucket('B', 2, 75, 100),
    bucket('C', 2, 150, 200),
    bucket('north', 2, 150, 190),
    bucket('south', 2, 150, 200),
    bucket('all', 2, 300, 360),
  ];

  test.each<[readonly string[] | undefined, number, number]>([
    [undefined, 300, 360],
    [['A'], 75, 100],
    [['A', 'B'], 150, 200],
    [['north', 'A'], 150, 190],
    [['north', 'south'], 300, 390],
    [['all', 'north', 'C'], 300, 360],
  ])('%j', (names, actual, forecast) => {
    expect(figure('Actual', { Bands: bands }, names)).toBe(actual);
    expect(figure('Forecast', { Bands: bands }, names)).toBe(forecast);
    expect(figure('Deviation', { Bands: bands }, names)).toBe(actual - forecast);
    for (const name of ['Deviation %', 'Deviation 24 h %']) {
      expect(figure(name, { Bands: bands }, names)).toBeCloseTo((actual - forecast) / forecast, 12);
    }
  });
});

test('slicers and charts by week begin with the first bucket loaded, wherever the calendar does', () => {
  const dates = [-1, 0, 1].map((day) => ({ Date: new Moment('date', at(24 * day).ms) }));
  const loaded = (bands: readonly Row[]) =>
    filledWith({ Series: SERIES, Bands: bands, Date: dates }).tables.Date?.map(({ Loaded }) => Loaded);
  expect(loaded([bucket('A', 2, 1, 1)])).toEqual(['No', 'Yes', 'No']);
  expect(loaded([])).toEqual(['No', 'No', 'No']);
});

test('the newest data is of the newest instant, also where the local clock went back', () => {
  const late = { ...bucket('A', 4, 1, 1), 'Bucket start': at(2) };
  const shown = figure('Newest data', { Bands: [{ ...bucket('A', 3, 1, 1), 'Bucket start': at(3) }, late] });
  expect((shown as Moment).ms).toBe(at(2).ms + 2 * HOUR_MS);
});

describe('a storm counts as one', () => {
  const alarm = (series: string, volume: number, from: number, storm: string | null): Row => ({
    ...incident(series, volume, [from, from + 2]),
    Id: `${series}/${from}`,
    Start: at(from),
    Storm: storm,
    Severity: 'warning',
    Direction: 'low',
  });
  const tables = (alarms: Row[]): Rows => ({
    Bands: SERIES.map((row) => bucket(String(row.Series), 10, 1, 1)),
    Alarms: alarms,
  });

  test.each<[string, Row[], { count: number; line: string; detail: RegExp }]>([
    [
      'all of the alarms',
      [{ ...alarm('A', -4_000_000, 4, 's'), Severity: 'critical' }, alarm('B', -300_000, 3, 's')],
      { count: 1, line: 'ALARM · 1 storm · 2 clients · −4.3M since Sun 03:00', detail: /^data until/ },
    ],
    [
      'a storm beside a worse alarm and a milder one',
      [
        { ...alarm('all', -900, 5, null), Severity: 'critical' },
        alarm('A', -2_000, 4, 's'),
        { ...alarm('C', -5, 2, null), Severity: 'info' },
      ],
      {
        count: 3,
        line: 'ALARM · all below minimum since Sun 05:00',
        detail: /^1 storm · 1 client · −2K · 1 more alarm · data until/,
      },
    ],
    [
      'two storms',
      [
        { ...alarm('A', -500, 4, 's'), Severity: 'critical' },
        alarm('A', -400, 8, 't'),
        alarm('C', -99, 8, 't'),
        alarm('B', -9, 8, null),
      ],
      { count: 3, line: 'ALARM · 2 storms · 2 clients · −999 since Sun 04:00', detail: /^1 more alarm · data until/ },
    ],
  ])('%s', (_, alarms, { count, line, detail }) => {
    expect(figure('Active alarms', tables(alarms))).toBe(count);
    expect(figure('Status', tables(alarms))).toBe(line);
    expect(figure('Status detail', tables(alarms))).toMatch(detail);
  });

  test('its open members are one row of the list, with the earliest start and the worst severity', () => {
    const alarms = [
      alarm('A', -1, 4, 's'),
      { ...alarm('B', -1, 3, 's'), Severity: 'critical' },
      { ...alarm('C', -1, 2, 's'), Status: 'closed' },
      alarm('C', -1, 6, null),
    ];
    const rows = filledWith({ Series: SERIES, ...tables(alarms) }).tables.Alarms;
    const list = rows?.map((row) => [row.Alarm, row['Alarm severity'], (row['Alarm since'] as Moment).ms]);
    expect(list).toEqual([
      ['Storm · 2 clients', 'critical', at(3).ms],
      ['Storm · 2 clients', 'critical', at(3).ms],
      ['Storm · 1 client', 'warning', at(2).ms],
      ['C', 'warning', at(6).ms],
    ]);
  });
});
