import {
  BAND_BINDINGS,
  type Bindings,
  dataViewOf,
  type FormatObjects,
  type TableRow,
} from '../power-bi-host/data-view.ts';
import { THEMES } from '../power-bi-host/themes.ts';
import { RANGE_SCENES } from './ranges.ts';
import { READING_SCENES } from './reading.ts';
import { bandRows } from './rows.ts';
import type { Scene } from './scene.ts';
import { TRUTH_SCENES } from './truth.ts';

const OUTAGE = (k: number) => (k >= 67 && k < 72 ? 0.05 : 1);
const PAST = (k: number) => (k === 30 ? 1.62 : k === 43 || k === 44 ? 0.52 : 1);
const SIX = ['Acme', 'Borealis', 'Cobre', 'Delta Pay', 'Estrela', 'Fjord'];

function six(): TableRow[] {
  const factors: ((k: number) => number)[] = [
    () => 1,
    (k) => (k >= 69 && k < 72 ? 0.3 : 1),
    (k) => (k === 25 ? 1.7 : 1),
    () => 1,
    (k) => (k >= 71 && k < 72 ? 1.75 : 1),
    (k) => (k >= 40 && k < 44 ? 0.2 : 1),
  ];
  return SIX.flatMap((series, n) =>
    bandRows({
      series,
      seed: n + 2,
      level: [480_000, 1_250_000, 90_000, 310_000, 720_000, 45_000][n] as number,
      factor: factors[n] as (k: number) => number,
    }),
  );
}

/** Nights of almost nothing, with minima slightly below zero. */
function nearZero(): TableRow[] {
  return bandRows({ factor: (k) => (k === 43 || k === 44 ? 0.4 : 1) }).map((row) => ({
    ...row,
    ...Object.fromEntries(
      ['actual', 'forecast', 'lower', 'upper'].map((name) => [
        name,
        row[name] === null ? null : Math.max(Number(row[name]) - 110_000, name === 'lower' ? -30_000 : 2_000),
      ]),
    ),
  }));
}

/** A young series: its range is many times as wide as what happens. */
function farLimits(): TableRow[] {
  return bandRows().map((row, k) => ({
    ...row,
    upper: Number(row.upper) * (k < 36 ? 3.4 - k / 15 : 1),
    lower: Number(row.lower) * (k < 36 ? 0.4 : 1),
  }));
}

const only = (...names: (keyof Bindings)[]): Bindings => {
  return Object.fromEntries(names.map((name) => [name, BAND_BINDINGS[name]])) as unknown as Bindings;
};

const one = (rows: readonly TableRow[], objects: FormatObjects = {}, format = '#,0') =>
  dataViewOf(rows, { objects, format });

const wide = { width: 960, height: 480 };

/** Every named scene, in the order of the gallery. */
export const SCENES: readonly Scene[] = [
  {
    name: 'calm',
    title: 'A calm week',
    see: 'OK in the header; the line runs inside the expected range, which goes on beyond now.',
    ...wide,
    view: one(bandRows()),
  },
  {
    name: 'alarm-now',
    title: 'An alarm now',
    see: 'The header says how far below minimum, since when and how much was lost; the shortfall is shaded and bracketed.',
    ...wide,
    view: one(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : PAST(k)) })),
  },
  {
    name: 'outage',
    title: 'An outage',
    see: 'Volume falls to nearly nothing: a critical alarm, told by colour, shape, label and words.',
    ...wide,
    view: one(bandRows({ factor: OUTAGE })),
  },
  {
    name: 'spike',
    title: 'A spike above maximum',
    see: 'The marker points upward and the excess is shaded above the band.',
    ...wide,
    view: one(bandRows({ factor: (k) => (k >= 70 && k < 72 ? 1.8 : 1) })),
  },
  {
    name: 'past-alarms',
    title: 'Alarms in the past',
    see: 'OK now, and the header lists when the last alarms were.',
    ...wide,
    view: one(bandRows({ factor: PAST })),
  },
  {
    name: 'no-data',
    title: 'The feed is silent',
    see: 'NO DATA SINCE in the header; the line ends, the range goes on.',
    ...wide,
    view: one(bandRows({ missing: (k) => k >= 66 })),
  },
  {
    name: 'gap',
    title: 'A gap in the feed',
    see: 'The line is broken where nothing is known, never drawn through.',
    ...wide,
    view: one(bandRows({ missing: (k) => k >= 34 && k < 41 })),
  },
  {
    name: 'open-bucket',
    title: 'The bucket still open',
    see: 'The last stretch is dotted and never judged.',
    ...wide,
    view: one(bandRows({ buckets: 48, open: true })),
  },
  {
    name: 'maintenance',
    title: 'Planned maintenance',
    see: 'Hatched windows; the drop inside one raises no alarm.',
    ...wide,
    view: one(bandRows({ factor: (k) => (k >= 50 && k < 54 ? 0.1 : 1) }), {
      maintenance: { windows: '2026-03-06 04:00 / 2026-03-06 12:00' },
      alarms: { judged: 'here' },
    }),
  },
  {
    name: 'nested-band',
    title: 'A second, inner range',
    see: 'Four of five buckets fall into the darker part: how typical a value is can be seen at once.',
    ...wide,
    view: one(bandRows({ factor: PAST }), { band: { nested: true, nestedCoverage: 80 } }),
  },
  {
    name: 'sensitive',
    title: 'Sensitivity at 80 %',
    see: 'The slider narrows the range and judges anew: more and milder alarms.',
    ...wide,
    view: one(bandRows({ factor: (k) => (k === 20 ? 0.8 : PAST(k)) }), { alarms: { sensitivity: 80 } }),
  },
  {
    name: 'insensitive',
    title: 'Sensitivity at 99.9 %',
    see: 'The same rows with the widest range: only the worst is left.',
    ...wide,
    view: one(bandRows({ factor: (k) => (k === 20 ? 0.8 : PAST(k)) }), {
      alarms: { sensitivity: 99.9 },
    }),
  },
  {
    name: 'small-multiples',
    title: 'Six clients',
    see: 'One panel each, the alarmed ones first, each with its own status and scale.',
    width: 1100,
    height: 620,
    view: one(six()),
  },
  {
    name: 'shared-scale',
    title: 'Six clients on one scale',
    see: 'The same panels to be compared by size.',
    width: 1100,
    height: 620,
    view: one(six(), { multiples: { sharedScale: true } }),
  },
  {
    name: 'near-zero',
    title: 'Limits just below zero',
    see: 'A minimum that dips below zero ends at the zero line and wastes none of the plot.',
    ...wide,
    view: one(nearZero()),
  },
  {
    name: 'far-limits',
    title: 'Limits far away',
    see: 'The line keeps its room; the range fades out where it goes on beyond the picture.',
    ...wide,
    view: one(farLimits()),
  },
  {
    name: 'dark',
    title: 'Dark theme',
    see: 'Colours follow the report theme; alarms stay the brightest thing.',
    ...wide,
    host: THEMES.dark,
    view: one(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : PAST(k)) })),
  },
  {
    name: 'high-contrast',
    title: 'High contrast',
    see: 'Only the palette of the system; shape, dash and outline carry the meaning.',
    ...wide,
    host: THEMES.contrast,
    view: one(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : PAST(k)) })),
  },
  {
    name: 'spanish',
    title: 'Spanish',
    see: 'Words, dates and numbers of the reader’s language, the model’s currency.',
    ...wide,
    host: { locale: 'es-ES' },
    view: one(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : PAST(k)) }), {}, '#,0.00 €'),
  },
  {
    name: 'portuguese',
    title: 'Brazilian Portuguese',
    see: 'The same in Portuguese, with reais.',
    ...wide,
    host: { locale: 'pt-BR' },
    view: one(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : PAST(k)) }), {}, '"R$ "#,0.00'),
  },
  {
    name: 'tile-tiny',
    title: 'A 100 × 60 tile',
    see: 'Status and sparkline, nothing else.',
    width: 100,
    height: 60,
    view: one(bandRows({ factor: OUTAGE })),
  },
  {
    name: 'tile-small',
    title: 'A small tile',
    see: 'Status and depth in words, the range as a shade.',
    width: 220,
    height: 120,
    view: one(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : 1) })),
  },
  {
    name: 'mobile',
    title: 'Mobile layout',
    see: 'Tall and narrow: header, chart and axes fit without a horizontal scroll.',
    width: 320,
    height: 420,
    view: one(bandRows({ factor: PAST })),
  },
  {
    name: 'line-only',
    title: 'Only time and actual bound',
    see: 'The line is drawn, with a hint on what to bind for the range.',
    ...wide,
    view: dataViewOf(bandRows({ factor: PAST }), { bindings: only('time', 'actual') }),
  },
  {
    name: 'own-limits',
    title: 'Limits bound, no severity',
    see: 'The visual judges by the bound limits alone.',
    ...wide,
    view: dataViewOf(bandRows({ factor: PAST }), { bindings: only('time', 'actual', 'lower', 'upper') }),
  },
  {
    name: 'highlighted',
    title: 'Highlighted by another visual',
    see: 'What the other selection leaves out is dimmed; the rest keeps its points.',
    ...wide,
    view: dataViewOf(bandRows({ factor: PAST }), {
      highlight: (row) => String(row.bucket_start).slice(0, 10) === '2026-03-05',
    }),
  },
  {
    name: 'styled',
    title: 'An author’s own style',
    see: 'Own colours, shapes, widths and a reference line from the analytics pane.',
    ...wide,
    view: one(bandRows({ factor: PAST }), {
      band: { colour: { solid: { color: '#7a5ea8' } }, opacity: 22, edges: false },
      lines: { actualColour: { solid: { color: '#3a2a5c' } }, actualWidth: 2.5, points: true, forecastStyle: 'dotted' },
      severity: { criticalShape: 'square', warningShape: 'cross', size: 14 },
      reference: { show: true, value: 400_000, label: 'Target' },
      axes: { title: 'Net volume per two hours' },
    }),
  },
  {
    name: 'zoomed',
    title: 'Zoomed with the strip',
    see: 'The strip shows the whole and the part above; bookmarks keep it.',
    ...wide,
    view: one(bandRows({ buckets: 336, factor: (k) => (k % 53 === 20 ? 0.5 : 1) }), {
      view: { from: Date.UTC(2026, 2, 20), to: Date.UTC(2026, 2, 25) },
    }),
  },
  {
    name: 'landing',
    title: 'Nothing bound yet',
    see: 'What the visual is for and what to bind first.',
    width: 640,
    height: 360,
    view: null,
  },
  {
    name: 'empty',
    title: 'No rows',
    see: 'A plain sentence instead of an empty frame.',
    width: 640,
    height: 360,
    view: { ...one([]), categories: [{ column: 0, cells: [] }] },
  },
  ...TRUTH_SCENES,
  ...RANGE_SCENES,
  ...READING_SCENES,
];

/** The scene of a name. @throws Error where there is none */
export function sceneNamed(name: string): Scene {
  const scene = SCENES.find((one) => one.name === name);
  if (scene === undefined) throw new Error(`no scene ${name}`);
  return scene;
}
