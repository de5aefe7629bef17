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

  test('money at risk is that of the clients, with a group in sight and without', () => {
    const clients = model.context([columnIs('Series', 'In total', ['Yes'])]);
    expect(model.measure('Money at risk', model.context(), viewer)).toBe(112 + 112 + 114);
    expect(model.measure('Money at risk', clients, viewer)).toBe(112 + 112 + 114);
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

  test('no client is called OK where the whole feed was silent at the refresh, or has never brought anything', () => {
    const early = bands.filter(({ State, 'Bucket start UTC': start }) => State !== 'observed' || start.ms <= at(2).ms);
    const stateOf = (rows: readonly Row[]) =>
      figureOf(filledWith({ Series: series, Bands: rows }), 'Client state', viewer, ['Brisa']);
    expect(stateOf(early)).toBe('✕ NO DATA');
    expect(stateOf([])).toBe('✕ NO DATA');
    expect(stateOf(bands)).toBe('✓ OK');
  });

  test('more clients than there is room for are told in the title', () => {
    const many = filledWith({
      Series: Array.from({ length: 61 }, (_, k) => ({ Series: `c${k}`, 'Step minutes': 120 })),
    });
    expect(figureOf(many, 'Clients title', viewer)).toMatch(/^61 clients, more than there is room for/);
    expect(figureOf(model, 'Clients title', viewer, names)).toBe('Clients, alarmed ones first');
  });
});

describe('the page of one client', () => {
  test('names the client with its state, and says that one has to be chosen while none is', () => {
    expect(figureOf(model, 'Client line', viewer, ['Alba'])).toBe('Alba · ▼ ALARM');
    expect(figureOf(model, 'Client line', { ...viewer, culture: 'es-MX' }, ['Coral'])).toBe('Coral · ◆ AVISO');
    expect(figureOf(model, 'Client line', viewer, names)).toMatch(/^Choose a client/);
  });

  test('links a client to the worst of its open incidents, and one that is well to none', () => {
    const worse = alarm('6', 'Coral', 9, { Severity: 'critical', Volume: -5 });
    const both = filledWith({ Series: series, Bands: bands, Alarms: [...ALARMS, worse] });
    expect(figureOf(both, 'Alarm page', viewer, ['Coral'])).toBe('https://api.example/incidents/6');
    expect(figureOf(model, 'Alarm page', viewer, ['Coral'])).toBe('https://api.example/incidents/5');
    const more = ['7', '8'].map((id, k) => alarm(id, 'Brisa', 9, { Severity: 'warning', Volume: 5 + 40 * k }));
    const excess = filledWith({ Series: series, Bands: bands, Alarms: more });
    expect(figureOf(excess, 'Alarm page', viewer, ['Brisa'])).toBe('https://api.example/incidents/8');
    expect(figureOf(model, 'Alarm page', viewer, ['Brisa'])).toBeNull();
    expect(figureOf(model, 'Alarm page', viewer, names)).toBeNull();
  });
});

describe('a bucket in the visual', () => {
  const bucketOf = (name: string, hour: number) =>
    model.context([columnIs('Series', 'Series', [name]), columnIs('Bands', 'Bucket start', [at(hour)])]);

  test('leads to the page of the incident that it is part of, from its start until before its end', () => {
    const page = (hour: number) => model.measure('Bucket page', bucketOf('Alba', hour), viewer);
    expect([4, 6, 8, 10].map(page)).toEqual([
      null,
      'https://api.example/incidents/4',
      'https://api.example/incidents/4',
      null,
    ]);
  });

  test('knows what came in a week before at the same clock time, whatever window or dates are in sight', () => {
    const day = (hour: number, hourUtc: number, Actual: number, Series = 'Alba') => ({
      Series,
      'Bucket start UTC': at(hourUtc),
      'Bucket start': at(hour),
      State: 'observed',
      Actual,
    });
    const WEEK_HOURS = 7 * 24;
    // Since the week before the clocks have gone forward: an hour earlier in UTC, the same time on the wall.
    const rows = [day(-WEEK_HOURS + 4, -WEEK_HOURS + 6, 70), day(-WEEK_HOURS + 6, -WEEK_HOURS + 8, 71), day(4, 5, 90)];
    const others = [day(-WEEK_HOURS + 4, -WEEK_HOURS + 6, 5_000, 'Brisa')];
    const Alarms = [alarm('4', 'Alba', 4, {})];
    const filled = filledWith({ Series: series, Bands: [...rows, ...others], Alarms });
    const here = (hour: number) =>
      filled.context([
        columnIs('Series', 'Series', ['Alba']),
        columnIs('Bands', 'Bucket start', [at(hour)]),
        columnIs('Bands', 'Window', ['2 days']),
      ]);
    expect(filled.measure('Week before', here(4), viewer)).toBe(70);
    const odd = filledWith({
      Series: series,
      Bands: [day(-WEEK_HOURS + 3, -WEEK_HOURS + 5, 72), day(4, 5, 90)],
      Alarms,
    });
    const hour = odd.context([columnIs('Series', 'Series', ['Alba']), columnIs('Bands', 'Bucket start', [at(4)])]);
    expect(odd.measure('Week before', hour, viewer)).toBe(72);
    expect(filled.measure('Week before', filled.context(), viewer)).toBeNull();
    const both = filledWith({ Series: series, Bands: rows, Alarms: [...Alarms, alarm('5', 'Brisa', 4, {})] });
    const ofTwo = both.context([columnIs('Series', 'Series', ['Alba']), columnIs('Bands', 'Bucket start', [at(4)])]);
    expect(both.measure('Week before', ofTwo, viewer)).toBeNull();
  });
});

describe('titles', () => {
  test.each([
    ['en-GB', 'Active alarms'],
    ['es-MX', 'Alarmas activas'],
    ['es-ES', 'Alarmas activas'],
    ['pt-PT', 'Alarmes ativos'],
    ['pt-BR', 'Alarmes ativos'],
    ['fr-FR', 'Active alarms'],
  ])('a person of %s reads “%s”', (culture, words) => {
    expect(model.measure('Title active alarms', model.context(), { ...viewer, culture })).toBe(words);
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

  const moneyOf = (filled: typeof model, context: typeof incident) =>
    [1, 2, 3, 4, 5].map((part) =>
      filled.measure('Money of part', context.and([columnIs('Money part', 'Part order', [part])]), viewer),
    );

  test('its money adds up from its parts and the rest', () => {
    expect(moneyOf(model, incident)).toEqual([-80, 5, null, 10, 5]);
    expect(figure('Money of part')).toBe(-60);
  });

  test('the money of a storm counts a client once, beside its group as well, by the parts as in the title', () => {
    const inStorm = { Storm: 's-1', Severity: 'critical' };
    const Alarms = [
      alarm('7', 'Alba', 6, { ...inStorm, Money: -60, 'Money attempts': -70, 'Money ticket': 10 }),
      alarm('8', 'Coral', 6, { ...inStorm, Money: -40, 'Money attempts': -40 }),
      alarm('9', 'Total', 6, { ...inStorm, Money: -105, 'Money attempts': -115, 'Money ticket': 10 }),
    ];
    const storm = filledWith({ Series: series, Bands: bands, Alarms });
    const name = storm.tables.Alarms?.[0]?.Incident as Cell;
    const context = storm.context([columnIs('Alarms', 'Incident', [name])]);
    expect(moneyOf(storm, context)).toEqual([-115, null, 10, null, 0]);
    expect(storm.measure('Money of part', context, viewer)).toBe(-105);
    expect(storm.measure('Incident title', context, viewer)).toMatch(/ · 105 lost · /);
  });

  test('money of two groups that share a client, and of a client of none, is added up without it twice', () => {
    const more = [
      ...series,
      { Series: 'North', Members: 'Alba; Brisa', 'Step minutes': 120, 'Newest bucket UTC': at(10) },
    ];
    const inStorm = { Storm: 's-2' };
    const Alarms = [
      alarm('7', 'Alba', 6, { ...inStorm, Money: -60 }),
      alarm('8', 'North', 6, { ...inStorm, Money: -65 }),
      alarm('9', 'Coral', 6, { ...inStorm, Money: -40 }),
    ];
    const storm = filledWith({ Series: more, Bands: bands, Alarms });
    expect(storm.measure('Money of part', storm.context(), viewer)).toBe(-105);
    expect(storm.measure('Lost volume', storm.context(), viewer)).toBe(105);
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
