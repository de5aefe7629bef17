import { encodeModel } from '@tidemark/shared/contract/model-file';
import { type Series, untrainedArtifact } from '@tidemark/shared/forecasting';
import { type Bindings, dataViewOf, type PlainDataView, type TableRow } from '../power-bi-host/data-view.ts';
import { bandRows } from './rows.ts';
import type { Scene } from './scene.ts';

const STEP_MS = 7_200_000;
/** The whole range at first. */
const ALL = { zoom: { days: 0 } };
const wide = { width: 960, height: 480 };
const BARE: Bindings = {
  time: 'bucket_start_local',
  actual: 'actual',
  lower: 'lower',
  upper: 'upper',
  forecast: 'forecast',
};
const MODEL: Bindings = { time: 'bucket_start', actual: 'actual', series: 'series', model: 'model' };

const change = (rows: readonly TableRow[], by: (row: TableRow, k: number) => TableRow): TableRow[] =>
  rows.map((row, k) => ({ ...row, ...by(row, k) }));
const bare = (rows: readonly TableRow[]) => dataViewOf(rows, { bindings: BARE });

/** Rows of whole days, as a daily report has them. */
export function dailyRows(): TableRow[] {
  const days = new Map<string, TableRow[]>();
  for (const row of bandRows({ buckets: 12 * 60, future: 0 })) {
    const day = String(row.bucket_start_local).slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), row]);
  }
  const sum = (rows: readonly TableRow[], name: string) => rows.reduce((total, row) => total + Number(row[name]), 0);
  return [...days].map(([day, rows], k) => ({
    bucket_start_local: `${day}T00:00:00`,
    actual: sum(rows, 'actual') * (k === 40 ? 0.5 : 1),
    forecast: sum(rows, 'forecast'),
    lower: sum(rows, 'lower'),
    upper: sum(rows, 'upper'),
  }));
}

/** Some days of one client and the model that was fitted to ten weeks of it, without any memory. */
export function modelRows(days: number): TableRow[] {
  const rows = bandRows({ from: '2026-01-05T00:00:00', buckets: 12 * 70, future: 0 });
  const series: Series = {
    id: 'Acme',
    measure: 'net',
    stepMs: STEP_MS,
    firstBucket: Date.parse('2026-01-05T00:00:00Z') / STEP_MS,
    values: Float64Array.from(rows, (row) => Number(row.actual)),
    states: rows.map(() => 'observed' as const),
  };
  const model = encodeModel(untrainedArtifact([series], { timeZone: 'UTC' }));
  const shown = rows.slice(-12 * days);
  return shown.map(({ series: name, bucket_start, actual }, k) => ({
    series: name,
    bucket_start,
    actual: k === shown.length - 2 ? Number(actual) * 0.2 : actual,
    model: k === 0 ? model : null,
  }));
}

/** A month hierarchy with names a model in this language has. */
export function monthView(names: readonly string[]): PlainDataView {
  const level = (name: string) => ({
    displayName: name,
    queryName: `d.Variation.Date Hierarchy.${name}`,
    roles: { time: true },
    level: name,
  });
  return {
    columns: [level('Year'), level('Month'), { displayName: 'Net', queryName: 'net', roles: { actual: true } }],
    categories: [
      { column: 0, cells: names.map(() => 2026) },
      { column: 1, cells: names },
    ],
    values: [{ column: 2, cells: names.map((_, k) => 900_000 + 40_000 * ((k * 5) % 7)) }],
    groups: [{ name: null, values: [0] }],
  };
}

function stopping(): TableRow[] {
  const six = ['Acme', 'Borealis', 'Cobre', 'Delta Pay', 'Estrela', 'Fjord'];
  return six.flatMap((series, n) => {
    const rows = bandRows({
      series,
      seed: n + 2,
      level: 90_000 * (n + 1),
      factor: (k) => (n === 2 && k >= 69 ? 0.3 : 1),
    });
    // Two feeds stopped by themselves, the others with everything else.
    return n === 3 || n === 4 ? rows.filter((_, k) => k < 60 || k >= 72) : rows;
  });
}

const below = (by: number) =>
  change(bandRows({ factor: (k) => (k >= 69 && k < 72 ? 0.3 : 1) }), (row) =>
    Object.fromEntries(
      ['actual', 'forecast', 'lower', 'upper'].map((name) => [
        name,
        row[name] === null ? null : Number(row[name]) - by,
      ]),
    ),
  );

/** What must never look green, and what is said instead. */
export const TRUTH_SCENES: readonly Scene[] = [
  {
    name: 'old-rows',
    title: 'Rows of another year',
    see: 'NO DATA and for how long, with the year; nothing is green however calm the rows were.',
    ...wide,
    now: '2026-11-28T17:00:00',
    view: dataViewOf(bandRows({ from: '2020-03-02T00:00:00' })),
  },
  {
    name: 'stale-clients',
    title: 'A refresh that did not come',
    see: 'Every panel says how long it has been without data; the alarm is no longer called running.',
    width: 1100,
    height: 620,
    now: '2026-03-08T09:00:00',
    view: dataViewOf(stopping()),
  },
  {
    name: 'stopped-clients',
    title: 'Two feeds have stopped',
    see: 'The alarm leads and the header counts the silent ones, which say so each for itself.',
    width: 1100,
    height: 620,
    now: '2026-03-08T00:20:00',
    view: dataViewOf(stopping()),
  },
  {
    name: 'daily',
    title: 'Daily rows',
    see: 'Days without a time of day, in the header, on the axis and in the list of alarms.',
    ...wide,
    view: bare(dailyRows()),
  },
  {
    name: 'open-unbound',
    title: 'The open bucket where no State is bound',
    see: 'A hollow dot “so far” and a bar where it should be by now; neither judged nor a plunge of the line.',
    ...wide,
    now: '2026-03-08T00:40:00',
    view: bare(
      change(bandRows({ buckets: 73, future: 0 }), (row, k) => (k === 72 ? { actual: Number(row.actual) * 0.3 } : {})),
    ),
  },
  {
    name: 'short-memory',
    title: 'A model with four weeks of rows',
    see: 'Limits are drawn in the shade of learning; no verdict is given and the header says what is missing.',
    ...wide,
    now: '2026-03-16T00:00:00Z',
    view: dataViewOf(modelRows(28), { bindings: MODEL, objects: ALL }),
  },
  {
    name: 'learnt',
    title: 'A model with nine weeks of rows',
    see: 'The first six weeks are shaded as learning and raise no alarm; what follows is judged.',
    ...wide,
    now: '2026-03-16T00:00:00Z',
    view: dataViewOf(modelRows(63), { bindings: MODEL, objects: ALL }),
  },
  {
    name: 'exchanged-limits',
    title: 'Lower and upper limit exchanged',
    see: 'A sentence names the two wells; nothing is judged.',
    ...wide,
    view: bare(change(bandRows(), ({ lower, upper }) => ({ lower: upper, upper: lower }))),
  },
  {
    name: 'other-grain',
    title: 'Limits of days beside rows of two hours',
    see: 'A sentence says that the limits belong to other buckets; no row of alarms.',
    ...wide,
    view: bare(
      change(bandRows(), (row) =>
        Object.fromEntries(['lower', 'upper', 'forecast'].map((name) => [name, 12 * Number(row[name])])),
      ),
    ),
  },
  {
    name: 'text-amounts',
    title: 'Amounts as text',
    see: 'The sentence shows such an amount and says what to change in the model.',
    ...wide,
    view: bare(
      change(bandRows(), ({ actual }) => ({ actual: actual === null ? null : String(actual).replace('.', ',') })),
    ),
  },
  {
    name: 'text-times',
    title: 'Times as text',
    see: 'The sentence shows such a time and says what to bind.',
    ...wide,
    view: bare(change(bandRows(), (_, k) => ({ bucket_start_local: `08.03.2026 ${k}h` }))),
  },
  {
    name: 'serial-times',
    title: 'Times as a spreadsheet’s numbers',
    see: 'The sentence names the numbers and says what to change.',
    ...wide,
    view: {
      ...bare(bandRows()),
      categories: [{ column: 0, cells: bandRows().map((_, k) => 46_083.0833 + k / 12) }],
    },
  },
  {
    name: 'polish-months',
    title: 'A hierarchy in Polish',
    see: 'Twelve months in twelve places.',
    ...wide,
    now: '2027-01-01T00:00:00',
    view: monthView([
      'styczeń',
      'luty',
      'marzec',
      'kwiecień',
      'maj',
      'czerwiec',
      'lipiec',
      'sierpień',
      'wrzesień',
      'październik',
      'listopad',
      'grudzień',
    ]),
  },
  {
    name: 'unknown-months',
    title: 'A hierarchy in a language the reader does not know',
    see: 'The sentence shows the name; no month falls into January.',
    ...wide,
    view: monthView(['Ianuarius', 'Februarius', 'Martius', 'Quintilis']),
  },
  {
    name: 'below-zero',
    title: 'Limits below zero',
    see: 'Where a limit has no share, header, label and list give money, from the same limit.',
    ...wide,
    view: dataViewOf(below(600_000)),
  },
  {
    name: 'dense-alarms',
    title: 'Many alarms, one running',
    see: 'Markers thin out, but the running alarm keeps all of its own and its label.',
    ...wide,
    view: dataViewOf(
      bandRows({
        buckets: 1000,
        factor: (k) => (k >= 980 && k < 988 ? 0.4 : k % 9 === 4 ? 0.55 : k % 31 === 7 ? 1.5 : 1),
      }),
      { objects: ALL },
    ),
  },
];
