import { columnIs } from '@tidemark/tools/dashboard/dax/context';
import { committedModel } from '@tidemark/tools/dashboard/project-files';
import type { Row } from '@tidemark/tools/dashboard/tables';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { at, filledWith } from './filled.ts';

// Row-level security on the text of the committed role: what a member of it can read anywhere in the model.

const CLIENTS = ['Zafiro', 'Obsidiana', 'Turquesa', 'Malaquita'];
const GROUPS = [
  { name: 'all', members: CLIENTS },
  { name: 'north', members: CLIENTS.slice(0, 2) },
];
const EVERYONE = [...CLIENTS, ...GROUPS.map(({ name }) => name)];
const viewer = { nowMs: at(12).ms, user: 'Ana@Example.com' };

const alarm = (series: string, k: number): Row => ({
  Id: `${k}-low`,
  Series: series,
  Status: 'open',
  Severity: k % 2 === 0 ? 'critical' : 'warning',
  Direction: 'low',
  Volume: -100 - k,
  Start: at(4),
  'Start UTC': at(4),
  End: at(8),
  'End UTC': at(8),
  Storm: k < 3 ? 'storm' : null,
  Link: `https://api.example/incidents/${k}-low`,
});

/** The model where Ana may see some series. */
function seenBy(series: readonly string[]) {
  const full = filledWith({
    Series: [
      ...CLIENTS.map((Series) => ({ Series })),
      ...GROUPS.map(({ name, members }) => ({ Series: name, Members: members.join('; ') })),
    ].map((row) => ({ ...row, 'Step minutes': 120, 'Newest bucket UTC': at(10) })),
    Bands: EVERYONE.map((Series, k) => ({
      Series,
      'Bucket start UTC': at(10),
      'Bucket start': at(10),
      State: 'observed',
      Actual: 10 * (k + 1),
      Forecast: 20,
    })),
    Alarms: EVERYONE.map(alarm),
    Contributors: CLIENTS.map((Series) => ({ Id: '4-low', Series, Volume: -25 })),
    Model: [{ Chunk: 1, Text: `remembers ${CLIENTS.join()}` }],
    Access: [
      ...series.map((Series) => ({ User: 'ana@example.com', Series })),
      { User: 'bo@example.com', Series: 'Zafiro' },
    ],
  });
  return full.as('By client', viewer);
}

const measures = committedModel().tables.flatMap(({ children }) => children.filter(({ kind }) => kind === 'measure'));

describe('the role By client', () => {
  test('no name of another client is in any cell or figure, whichever series a person may see', () => {
    fc.assert(
      fc.property(fc.subarray(EVERYONE), (series) => {
        const model = seenBy(series);
        const others = CLIENTS.filter((client) => !series.includes(client));
        const cells = Object.values(model.tables).flatMap((rows) => rows.flatMap((row) => Object.values(row)));
        const figures = measures.flatMap(({ name }) => [
          model.measure(name, model.context(), viewer),
          ...(model.tables.Alarms ?? []).map(({ Incident }) =>
            model.measure(name, model.context([columnIs('Alarms', 'Incident', [Incident ?? null])]), viewer),
          ),
        ]);
        const text = [...cells, ...figures].filter((cell) => typeof cell === 'string').join('\n');
        expect(others.filter((client) => text.includes(client))).toEqual([]);
        expect(model.tables.Series?.map(({ Series }) => Series)).toEqual(
          EVERYONE.filter((one) => series.includes(one)),
        );
      }),
      { numRuns: 30 },
    );
  });

  test('whoever is not in the table Access sees no row of any client', () => {
    const model = seenBy([]);
    for (const table of ['Series', 'Bands', 'Alarms', 'Membership', 'Contributors', 'Model'])
      expect(model.tables[table], table).toEqual([]);
    expect(model.measure('Status', model.context(), viewer)).toBe('NO DATA');
  });

  test('the headline is the largest of what a person may see, and the members of a group are those among them', () => {
    const headline = (series: string[]) => {
      const model = seenBy(series);
      return series.filter(
        (name) => model.measure('Is headline', model.context([columnIs('Series', 'Series', [name])]), viewer) === 1,
      );
    };
    expect(headline(EVERYONE)).toEqual(['north']);
    expect(headline(['Zafiro', 'all'])).toEqual(['all']);
    expect(headline(['Zafiro', 'Turquesa'])).toEqual(['Turquesa']);
    const model = seenBy(['all', 'Zafiro']);
    const group = model.context([columnIs('Alarms', 'Id', ['4-low'])]);
    expect(model.measure('Members that moved', group, viewer)).toBe('Zafiro -25');
  });
});
