import { BAND_BINDINGS, type Bindings, dataViewOf, type TableRow } from '../power-bi-host/data-view.ts';
import { THEMES } from '../power-bi-host/themes.ts';
import { bandRows } from './rows.ts';
import type { Scene } from './scene.ts';

const wide = { width: 960, height: 480 };
const ALL = { zoom: { days: 0 } };

/** Two years of one client, with an outage in each. */
function twoYears(): TableRow[] {
  return bandRows({
    from: '2024-03-04T00:00:00',
    buckets: 12 * 730 + 12,
    factor: (k) => ((k >= 3000 && k < 3020) || (k >= 7000 && k < 7012) ? 0.1 : 1),
  });
}

/** Clients of many sizes; `low` says of which the last six hours fell, `silent` whose feed has stopped. */
function clients(
  count: number,
  low = (n: number) => n % 11 === 5,
  silent: (n: number) => boolean = () => false,
): TableRow[] {
  return Array.from({ length: count }, (_, n) =>
    bandRows({
      series: n % 7 === 3 ? `Comercializadora Internacional número ${n + 1}` : `Client ${n + 1}`,
      seed: n + 1,
      level: 40_000 * (1 + (n % 9)),
      factor: (k) => (low(n) && k >= 69 && k < 72 ? 0.3 - 0.004 * (n % 60) : n % 13 === 2 && k === 30 ? 0.4 : 1),
      missing: (k) => silent(n) && k > 60,
    }),
  ).flat();
}

/** The wells of bands with those that tell why. */
export const TOLD: Bindings = {
  ...BAND_BINDINGS,
  cause: 'cause',
  contributors: 'contributors',
  note: 'note',
  acknowledged: 'acknowledged',
};

/** A week with four incidents, three of them explained. */
export function incidentRows(): TableRow[] {
  const factor = (k: number) =>
    k >= 69 && k < 72 ? 0.35 : k === 30 ? 1.62 : k >= 43 && k < 46 ? 0.5 : k >= 55 && k < 58 ? 0.1 : 1;
  const told: Record<number, TableRow> = {
    44: { cause: 'Approval fell to 31 % (usual 88 %): issuer Banco Norte', acknowledged: 'Ana' },
    56: {
      cause: 'Fewer attempts: 9 % of the usual',
      contributors: 'Tienda Uno −58K; Tienda Dos −31K',
      note: 'Acquirer outage',
      acknowledged: 'Luis',
      link: 'https://tidemark.example/incidents/4711',
    },
    70: { cause: 'Fewer attempts: 35 % of the usual' },
  };
  return bandRows({ factor }).map((row, k) => ({ ...row, ...told[k] }));
}

/** Long ranges and many clients. */
export const RANGE_SCENES: readonly Scene[] = [
  {
    name: 'two-years',
    title: 'Two years of two-hour buckets',
    see: 'Weeks with the reach from lowest to highest and the mean; every alarm is kept.',
    ...wide,
    view: dataViewOf(twoYears(), { objects: ALL }),
  },
  {
    name: 'half-year',
    title: 'Half a year of two-hour buckets',
    see: 'Days instead of buckets: the reach of each day, its mean and its mean range.',
    ...wide,
    view: dataViewOf(bandRows({ buckets: 12 * 182, factor: (k) => (k === 900 || k === 901 ? 0.2 : 1) }), {
      objects: ALL,
    }),
  },
  {
    name: 'first-view',
    title: 'Two years at first sight',
    see: 'The last fortnight, bucket by bucket; the strip holds the rest.',
    ...wide,
    view: dataViewOf(twoYears()),
  },
  {
    name: 'clients-8',
    title: 'Eight clients',
    see: 'Every panel keeps its status; no word of an axis touches another.',
    width: 1280,
    height: 720,
    view: dataViewOf(clients(8)),
  },
  {
    name: 'clients-25',
    title: 'Twenty-five clients',
    see: 'Long names end in an ellipsis before they push the status away.',
    width: 1280,
    height: 720,
    view: dataViewOf(clients(25)),
  },
  {
    name: 'clients-60',
    title: 'Sixty clients',
    see: 'A table in place of panels that would scroll: the alarmed ones first, each with its state and its money.',
    width: 1280,
    height: 720,
    view: dataViewOf(
      clients(
        60,
        (n) => n % 17 === 5,
        (n) => n === 20,
      ),
    ),
  },
  {
    name: 'clients-200',
    title: 'Two hundred clients in a storm',
    see: 'Eighty series that fell at once are one line, which unfolds; the rest is below.',
    width: 1280,
    height: 720,
    view: dataViewOf(clients(200, (n) => n % 5 < 2)),
  },
  {
    name: 'clients-60-panels',
    title: 'Sixty clients as panels',
    see: 'Where the author wants panels they scroll, and a cue says how many there are below.',
    width: 1280,
    height: 720,
    view: dataViewOf(clients(60), { objects: { multiples: { layout: 'panels' } } }),
  },
  {
    name: 'clients-phone',
    title: 'Twenty-five clients on a phone',
    see: 'State, name and money of each, nothing wider than the screen.',
    width: 320,
    height: 480,
    view: dataViewOf(clients(25)),
  },
  {
    name: 'clients-dark',
    title: 'Forty clients in the dark',
    see: 'The same table on a dark ground.',
    width: 960,
    height: 480,
    host: THEMES.dark,
    view: dataViewOf(clients(40)),
  },
  {
    name: 'clients-contrast',
    title: 'Forty clients in high contrast',
    see: 'Signs and words tell the states apart where colours may not.',
    width: 960,
    height: 480,
    host: THEMES.contrast,
    view: dataViewOf(clients(40)),
  },
  {
    name: 'incidents-beside',
    title: 'Incidents beside the chart',
    see: 'When, how long, how deep, how much, why and who has seen it; a click zooms to it.',
    width: 1280,
    height: 720,
    view: dataViewOf(incidentRows(), { bindings: TOLD }),
  },
  {
    name: 'incidents-under',
    title: 'Incidents below the chart',
    see: 'The same in a strip, for tall and narrow places.',
    width: 720,
    height: 600,
    view: dataViewOf(incidentRows(), { bindings: TOLD, objects: { incidents: { place: 'under' } } }),
  },
  {
    name: 'context',
    title: 'Last week, weekends, a holiday and a note',
    see: 'Deviations in band widths above, the week before as a thin line, weekends shaded, named days and notes where they belong; the zone is named.',
    ...wide,
    view: dataViewOf(
      bandRows({
        from: '2026-02-23T00:00:00',
        buckets: 168,
        future: 18,
        factor: (k) => (k >= 103 && k < 106 ? 0.45 : 1),
      }).map((row, k) => (k === 104 ? { ...row, note: 'Acquirer outage, ticket 4711' } : row)),
      {
        bindings: TOLD,
        objects: {
          lines: { lastWeek: true },
          axes: { weekends: true },
          band: { strip: true },
          events: { named: '2026-03-06 Payday; 2026-02-27 / 2026-02-28 Sale' },
          zoom: { days: 7 },
          freshness: { timeZone: 'America/Mexico_City' },
        },
      },
    ),
    now: '2026-03-07T18:10:00Z',
  },
  {
    name: 'german',
    title: 'German, with the legend below',
    see: 'Words, dates and numbers in German; long sentences still fit their lines.',
    ...wide,
    host: { locale: 'de-DE' },
    view: dataViewOf(bandRows({ factor: (k) => (k >= 68 && k < 72 ? 0.35 : k === 30 ? 1.6 : 1) }), {
      format: '#,0.00 €',
      objects: { legend: { place: 'bottom' }, incidents: { place: 'beside' } },
    }),
  },
  {
    name: 'french',
    title: 'French, forty clients',
    see: 'The table of states in French.',
    width: 960,
    height: 480,
    host: { locale: 'fr-FR' },
    view: dataViewOf(clients(40)),
  },
  {
    name: 'six-columns',
    title: 'Six columns, as an author asked for',
    see: 'Narrow panels keep their status and few, whole words on their axes.',
    width: 960,
    height: 480,
    view: dataViewOf(clients(12), { objects: { multiples: { columns: 6 } } }),
  },
  {
    name: 'large-words',
    title: 'Axis words at size 20',
    see: 'Fewer words, none over another and none beyond the edge.',
    ...wide,
    view: dataViewOf(bandRows(), { objects: { axes: { fontSize: 20 } } }),
  },
];
