import { dataViewOf } from '../power-bi-host/data-view.ts';
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
];
