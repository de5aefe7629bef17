import { columnIs } from '@tidemark/tools/dashboard/dax/context';
import { Moment } from '@tidemark/tools/dashboard/m/values';
import type { Cell, Row } from '@tidemark/tools/dashboard/tables';
import { describe, expect, test } from 'vitest';
import { at, figureOf, filledWith } from './filled.ts';

// The pages Clients and Incident by hand: three clients and their group over two days.

const HOURS = [2, 4, 6, 8, 10];
const names = ['Alba', 'Brisa', 'Coral'];
const series: Row[] = [
  ...names.map((Series, k) => ({ Series, 'Outage noticed hours': [2, 4, null][k] as Cell })),
  { Series: 'Total', Members: names.join('; ') },
].map((row) => ({ ...row, 'Step minutes': 120, 'Newest bucket UTC': at(10) }));
const bands = names.flatMap((Series) => [
  ...HOURS.map((hour) => ({
    Series,
    'Bucket start UTC': at(hour),
    'Bucket start': at(hour),
    State: 'observed',
    Actual: 90,
    Forecast: 100,
  })),
  ...[12, 14, 16].map((hour) => ({
    Series,
    'Bucket start UTC': at(hour),
    'Bucket start': at(hour),
    State: 'future',
    Forecast: 100 + hour,
  })),
]);

const alarm = (Id: string, Series: string, hour: number, cells: Row): Row => ({
  Id,
  Series,
  Status: 'open',
  Severity: 'warning',
  Direction: 'low',
  Volume: -50,
  Start: at(hour),
  'Start UTC': at(hour),
  End: at(hour + 4),
  'End UTC': at(hour + 4),
  Link: `https://api.example/incidents/${Id}`,
  ...cells,
});

const ALARMS = [
  alarm('1', 'Alba', -20, { Status: 'closed', Volume: -30, Label: 'incident' }),
  alarm('2', 'Alba', -16, { Status: 'withdrawn', Volume: -70 }),
  alarm('3', 'Brisa', -20, { Status: 'closed', Volume: -900 }),
  alarm('4', 'Alba', 6, {
    Severity: 'critical',
    Money: -60,
    'Money attempts': -80,
    'Money approval': 5,
    'Money refunds': 10,
    Sentence: '12 attempts in 4 h; 40 expected',
    Where: 'web 94 %',
  }),
  alarm('5', 'Coral', 8, { Volume: -500 }),
];
const model = filledWith({ Series: series, Bands: bands, Alarms: ALARMS });
const viewer = { nowMs: at(12).ms };

describe('the page of clients', () => {
  test.each<[string, Cell[]]>([
    ['Alba', [1, '▼ ALARM', 60, 112]],
    ['Coral', [2, '◆ WARNING', 500, null]],
    ['Brisa', [3, '✓ OK', 0, 112 + 114]],
  ])('%s: place, state, what it lost and what is at risk', (name, expected) => {
    const clients = model.context([columnIs('Series', 'In total', ['Yes'])]);
    const own = clients.and([columnIs('Series', 'Series', [name])]);
    expect(
      ['Urgency rank', 'Client state', 'Lost in open alarms', 'Money at risk'].map((measure) =>
        model.measure(measure, own, viewer),
      ),
    ).toEqual(expected);
  });

  test('a client without data for three buckets is told and stands before those that are well', () => {
    const late = bands.filter(
      ({ Series, State, 'Bucket start UTC': start }) =>
        Series !== 'Brisa' || State !== 'observed' || start.ms < at(4).ms,
    );
    const silent = filledWith({ Series: series, Bands: late });
    expect(figureOf(silent, 'Client state', viewer, ['Brisa'])).toBe('✕ NO DATA');
    expect(figureOf(silent, 'Client state', { ...viewer, culture: 'pt-BR' }, ['Brisa'])).toBe('✕ SEM DADOS');
    expect(Number(figureOf(silent, 'Urgency', viewer, ['Brisa']))).toBeGreaterThan(
      Number(figureOf(silent, 'Urgency', viewer, ['Alba'])),
    );
  });

  test('more clients than there is room for are told in the title', () => {
    const many = filledWith({
      Series: Array.from({ length: 61 }, (_, k) => ({ Series: `c${k}`, 'Step minutes': 120 })),
    });
    expect(figureOf(many, 'Clients title', viewer)).toMatch(/^61 clients, more than there is room for/);
    expect(figureOf(model, 'Clients title', viewer, names)).toBe('Clients, alarmed ones first');
  });
});

describe('the page of an incident', () => {
  const chosen = model.tables.Alarms?.find(({ Id }) => Id === '4') as Row;
  const incident = model.context([columnIs('Alarms', 'Incident', [chosen.Incident as Cell])]);
  const figure = (name: string, context = incident) => model.measure(name, context, viewer);

  test('is named by series and start, one page for each', () => {
    expect(chosen.Incident).toBe('Alba · 2026-03-08 06:00');
    const all = model.tables.Alarms?.map(({ Incident }) => Incident) ?? [];
    expect(new Set(all).size).toBe(all.length);
  });

  test('says what happened, where, and links to its page at the API', () => {
    expect(figure('Incident title')).toBe('Alba · 60 lost · Sun 8 Mar 06:00 – goes on');
    expect(figure('Incident sentence')).toBe('12 attempts in 4 h; 40 expected · web 94 %');
    expect(figure('Incident link')).toBe('https://api.example/incidents/4');
    expect(figure('Incident title', model.context())).toMatch(/^Choose an incident/);
  });

  test('its money adds up from its parts and the rest', () => {
    const parts = ['Attempts', 'Approval', 'Ticket', 'Refunds', 'Rest'].map((part) =>
      figure('Money of part', incident.and([columnIs('Money part', 'Part', [part])])),
    );
    expect(parts).toEqual([-80, 5, null, 10, 5]);
    expect(figure('Money of part')).toBe(-60);
  });

  test('its picture holds the buckets of its series around it', () => {
    const near = (name: string, hour: number) =>
      figure(
        'Near incident',
        incident.and([columnIs('Series', 'Series', [name]), columnIs('Bands', 'Bucket start', [at(hour)])]),
      );
    expect([near('Alba', 2), near('Alba', 16), near('Brisa', 2)]).toEqual([1, 1, 0]);
  });

  test('earlier incidents are those of the same series that stand, by date', () => {
    const day = new Moment('date', at(0).ms);
    const dated = incident.and([columnIs('Date', 'Date', [day])]);
    expect(['Earlier incidents', 'Earlier lost', 'Earlier label'].map((name) => figure(name, dated))).toEqual([
      1,
      30,
      'incident',
    ]);
    const first = model.context([columnIs('Alarms', 'Id', ['1'])]);
    expect(figure('Earlier incidents', first.and([columnIs('Date', 'Date', [day])]))).toBeNull();
  });
});
