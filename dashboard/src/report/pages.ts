import { LIGHT } from '../palette.ts';
import { column, type Filter, measure } from './fields.ts';
import { formatting, literal } from './literals.ts';
import { bandVisual, bookmarkButton, cards, slicer, table, textLine, type Visual, weekly } from './visuals.ts';

export interface Page {
  /** Name of its folder. */
  readonly name: string;
  readonly title: string;
  /** Width and height in px. */
  readonly size: readonly [number, number];
  readonly visuals: readonly Visual[];
  readonly tooltip?: boolean;
}

/** A saved choice among the series of one visual; the rest of the page, its slicers included, is left as it is. */
export interface Bookmark {
  readonly name: string;
  readonly title: string;
  readonly page: string;
  /** The visual whose `choices` it sets. */
  readonly visual: string;
  /** Left out: nothing chosen. */
  readonly filter?: Filter;
}

const series = column('Series', 'Series');
const shadedBySeverity = (severity: 'Severity' | 'Alarm severity') =>
  [column('Alarms', severity), measure('Severity colour')] as const;
const alarmNow = column('Series', 'Alarm now');
const alarmInHistory = column('Series', 'Alarm in history');

/** Two buttons in the top right corner: alarms only, and everything. */
function bookmarkButtons(page: string, y: number): Visual[] {
  return [
    bookmarkButton('Alarms only', `${page}-alarms-only`, {
      name: 'alarms-only',
      place: [1024, y, 116, 40],
      altText: 'Show only series with an alarm',
    }),
    bookmarkButton('Everything', `${page}-everything`, {
      name: 'everything',
      place: [1148, y, 116, 40],
      altText: 'Show every series',
    }),
  ];
}

const now: Page = {
  name: 'now',
  title: 'Now',
  size: [1280, 720],
  visuals: [
    textLine(
      measure('Status'),
      measure('Status colour'),
      { size: 18, phoneSize: 13, bold: true },
      {
        name: 'status',
        place: [16, 6, 1248, 36],
        phone: [0, 0, 324, 100],
        altText: 'Status in one line: the worst alarm, what is wrong with the data, or OK',
      },
    ),
    textLine(
      measure('Status detail'),
      measure('Status detail colour'),
      { size: 11, phoneSize: 10, bold: false },
      {
        name: 'status-detail',
        place: [16, 42, 1248, 24],
        phone: [0, 100, 324, 84],
        altText: 'Further alarms and storms, and until when there are data',
      },
    ),
    cards(
      [
        measure('Active alarms'),
        measure('Lost in open alarms'),
        measure('Deviation 24 h %'),
        measure('Coverage 7 d'),
        measure('Hours since last data'),
      ],
      {
        name: 'figures',
        place: [16, 72, 996, 66],
        phone: [0, 448, 324, 200],
        altText: 'Active alarms, lost volume, deviation, coverage, age of the data',
      },
    ),
    ...bookmarkButtons('now', 84),
    bandVisual(
      { days: 5 },
      {
        name: 'headline',
        place: [16, 144, 756, 290],
        phone: [0, 188, 324, 252],
        title: 'Total payment volume against its band',
        altText: 'Actual volume of the group against its minimum and maximum, with alarms',
        filters: [{ field: column('Series', 'Headline'), value: 'Yes' }],
      },
    ),
    table(
      [
        column('Alarms', 'Alarm'),
        column('Alarms', 'Alarm severity', 'Severity'),
        column('Alarms', 'Alarm since', 'Since'),
        column('Alarms', 'Direction', 'Side'),
        measure('Lost volume', 'Lost'),
        column('Alarms', 'Alarm link', 'Page'),
      ],
      {
        name: 'active-alarms',
        place: [784, 144, 480, 290],
        phone: [0, 656, 324, 220],
        title: 'Active alarms',
        altText: 'Open incidents, those of one storm in one row, newest first',
        filters: [{ field: column('Alarms', 'Status'), value: 'open' }],
        shades: shadedBySeverity('Alarm severity'),
        sort: { field: column('Alarms', 'Alarm since'), direction: 'Descending' },
      },
    ),
    bandVisual(
      { days: 2, plain: true },
      {
        name: 'clients',
        place: [16, 442, 1248, 270],
        phone: [0, 884, 324, 600],
        title: 'Clients, alarmed ones first',
        altText: 'One small band chart for each client, those with an alarm first',
        filters: [{ field: column('Series', 'In total'), value: 'Yes' }],
        choices: [alarmNow],
      },
    ),
  ],
};

const history: Page = {
  name: 'history',
  title: 'History',
  size: [1280, 720],
  visuals: [
    slicer('Between', column('Date', 'Date'), {
      name: 'dates',
      place: [16, 12, 340, 64],
      phone: [0, 0, 324, 72],
      title: 'Dates',
      altText: 'Choose the dates to show',
    }),
    slicer('Dropdown', series, {
      name: 'client',
      place: [368, 12, 300, 64],
      phone: [0, 80, 324, 64],
      title: 'Client',
      altText: 'Choose clients or groups',
    }),
    slicer('Dropdown', column('Time slot', 'Time slot'), {
      name: 'time-slot',
      place: [680, 12, 160, 64],
      title: 'Hour',
      altText: 'Choose hours of the day',
    }),
    ...bookmarkButtons('history', 24),
    bandVisual(
      { days: 28 },
      {
        choices: [alarmInHistory],
        name: 'bands',
        place: [16, 88, 1248, 320],
        phone: [0, 152, 324, 280],
        title: 'Volume against its band',
        altText: 'Actual volume of the chosen series against minimum and maximum over the chosen dates',
        filters: [{ field: measure('Shown at first'), value: 1 }],
      },
    ),
    table(
      [
        column('Alarms', 'Start'),
        column('Alarms', 'End'),
        column('Alarms', 'Series'),
        column('Alarms', 'Severity'),
        column('Alarms', 'Direction', 'Side'),
        measure('Lost volume', 'Lost'),
        measure('Excess volume', 'Excess'),
        column('Alarms', 'Label'),
        column('Alarms', 'Link', 'Page'),
      ],
      {
        name: 'incidents',
        place: [16, 420, 800, 288],
        phone: [0, 440, 324, 260],
        title: 'Incidents',
        altText: 'Every incident of the chosen dates with its volume, newest first',
        shades: shadedBySeverity('Severity'),
        sort: { field: column('Alarms', 'Start'), direction: 'Descending' },
      },
    ),
    weekly(
      'clusteredColumnChart',
      [
        [measure('Lost volume', 'Lost'), LIGHT.critical],
        [measure('Excess volume', 'Excess'), LIGHT.band],
      ],
      {
        name: 'lost-volume',
        place: [828, 420, 436, 288],
        phone: [0, 708, 324, 220],
        title: 'Lost and excess volume by week',
        altText: 'Volume lost and in excess through incidents, by week',
      },
    ),
  ],
};

const modelHealth: Page = {
  name: 'model-health',
  title: 'Model health',
  size: [1280, 720],
  visuals: [
    cards(
      [
        measure('Coverage 28 d'),
        measure('Nominal coverage'),
        measure('Band width %'),
        measure('Alarms per series-week', 'Alarms / series-week'),
        measure('False-alarm rate'),
        measure('Model version'),
        measure('Last refresh', 'Last refresh (UTC)'),
      ],
      {
        name: 'figures',
        place: [16, 12, 1248, 84],
        phone: [0, 0, 324, 240],
        altText: 'Coverage against nominal, band width, alarms, model version, last refresh',
      },
    ),
    weekly(
      'lineChart',
      [
        [measure('Observed coverage', 'Observed'), LIGHT.band],
        [measure('Nominal coverage', 'Nominal'), LIGHT.muted],
      ],
      {
        name: 'coverage',
        place: [16, 108, 618, 290],
        phone: [0, 248, 324, 220],
        title: 'Coverage by week against nominal',
        altText: 'Share of buckets inside the band by week, against what the band promises',
      },
    ),
    weekly('lineChart', [[measure('Band width %'), LIGHT.band]], {
      name: 'band-width',
      place: [646, 108, 618, 290],
      phone: [0, 476, 324, 220],
      title: 'Band width by week, as a share of the forecast',
      altText: 'Width of the band by week, as a share of the forecast',
    }),
    weekly('clusteredColumnChart', [[measure('Alarms per series-week'), LIGHT.band]], {
      name: 'alarm-rate',
      place: [16, 410, 436, 298],
      phone: [0, 704, 324, 220],
      title: 'Alarms per series-week',
      altText: 'Incidents for each week of one series, by week',
    }),
    table(
      [
        series,
        column('Series', 'Served by'),
        measure('Observed coverage', 'Coverage'),
        measure('Band width %', 'Width'),
        measure('Alarms per series-week', 'Alarms'),
        measure('False-alarm rate', 'False'),
        measure('Judged buckets', 'Buckets'),
        column('Series', 'Promise', 'What would be seen'),
      ],
      {
        name: 'by-series',
        place: [464, 410, 800, 298],
        phone: [0, 932, 324, 300],
        title: 'By series',
        altText: 'Coverage, band width and alarms of each series, lowest coverage first',
        sort: { field: measure('Observed coverage'), direction: 'Ascending' },
      },
    ),
  ],
};

const bucket: Page = {
  name: 'bucket',
  title: 'Bucket',
  size: [320, 224],
  tooltip: true,
  visuals: [
    cards(
      [
        measure('Actual'),
        measure('Deviation %'),
        measure('Min'),
        measure('Max'),
        measure('Forecast'),
        measure('Bucket severity', 'Severity'),
      ],
      {
        name: 'figures',
        columns: 2,
        place: [0, 0, 320, 224],
        altText: 'Actual, band, deviation and severity of the bucket pointed at',
        frame: { border: [formatting({ show: literal(false) })] },
      },
    ),
  ],
};

/** The pages in their order; the last is shown as a tooltip. */
export const PAGES: readonly Page[] = [now, history, modelHealth, bucket];

/** The bookmarks, grouped by page. */
export const BOOKMARKS: readonly Bookmark[] = [
  { name: 'now-everything', title: 'Now: everything', page: 'now', visual: 'clients' },
  {
    name: 'now-alarms-only',
    title: 'Now: alarms only',
    page: 'now',
    visual: 'clients',
    filter: { field: alarmNow, value: 'Yes' },
  },
  { name: 'history-everything', title: 'History: everything', page: 'history', visual: 'bands' },
  {
    name: 'history-alarms-only',
    title: 'History: alarms only',
    page: 'history',
    visual: 'bands',
    filter: { field: alarmInHistory, value: 'Yes' },
  },
];
