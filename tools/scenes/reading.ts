import { BAND_BINDINGS, dataViewOf } from '../power-bi-host/data-view.ts';
import { incidentRows, TOLD } from './ranges.ts';
import { bandRows } from './rows.ts';
import type { Scene } from './scene.ts';

const wide = { width: 960, height: 480 };

/** What readers and authors put on the picture beside line and range. */
export const READING_SCENES: readonly Scene[] = [
  {
    name: 'reader-slider',
    title: 'A slider for readers',
    see: 'Moved to the right end: the range is narrower, and the words say that its alarms are a preview.',
    ...wide,
    view: dataViewOf(
      bandRows({ factor: (k) => (k === 20 ? 0.8 : k === 30 ? 1.62 : k === 43 || k === 44 ? 0.52 : 1) }),
      {
        format: '#,0',
        objects: { alarms: { slider: true } },
      },
    ),
    keys: [{ on: '.sensitivity .range', key: 'End' }],
  },
  {
    name: 'reference-lines',
    title: 'Lines from measures',
    see: 'A budget that moves with the day and a capacity that does not, each named on its line; the zone stands at the axis.',
    ...wide,
    now: '2026-03-08T06:00:00Z',
    view: dataViewOf(
      bandRows({ factor: (k) => (k === 43 || k === 44 ? 0.52 : 1) }).map((row) => ({
        ...row,
        Budget: Math.round(0.75 * Number(row.forecast)),
        Capacity: 700_000,
      })),
      {
        format: '#,0',
        bindings: { ...BAND_BINDINGS, references: ['Budget', 'Capacity'] },
        objects: { freshness: { timeZone: 'America/Mexico_City' } },
      },
    ),
  },
  {
    name: 'incident-open',
    title: 'An incident that is open',
    see: 'Cause, contributors one by one, note, who has seen it, and the way to its page; the chart shows its hours.',
    width: 1100,
    height: 520,
    view: dataViewOf(incidentRows(), { bindings: { ...TOLD, link: 'link' } }),
    keys: [{ on: '.incident-list li:nth-child(2) button', key: 'Enter' }],
  },
];
