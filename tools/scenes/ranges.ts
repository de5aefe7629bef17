import { dataViewOf, type TableRow } from '../power-bi-host/data-view.ts';
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

function clients(count: number): TableRow[] {
  return Array.from({ length: count }, (_, n) =>
    bandRows({
      series: n % 7 === 3 ? `Comercializadora Internacional número ${n + 1}` : `Client ${n + 1}`,
      seed: n + 1,
      level: 40_000 * (1 + (n % 9)),
      factor: (k) => (n % 11 === 5 && k >= 69 && k < 72 ? 0.3 : 1),
    }),
  ).flat();
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
