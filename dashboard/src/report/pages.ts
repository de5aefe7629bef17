import { EITHER } from '../palette.ts';
import { lastDays } from '../semantic-model/semantic-model.ts';
import { column, type Field, type Filter, measure, titled } from './fields.ts';
import { formatting, literal } from './literals.ts';
import {
  backButton,
  bandVisual,
  bookmarkButton,
  cards,
  LOADED_DATES,
  linkButton,
  slicer,
  table,
  textLine,
  type Visual,
  waterfall,
  weekly,
} from './visuals.ts';

export interface Page {
  /** Name of its folder. */
  readonly name: string;
  readonly title: string;
  /** Width and height in px. */
  readonly size: readonly [number, number];
  readonly visuals: readonly Visual[];
  readonly tooltip?: boolean;
  /** Field whose value leads to the page, from any visual that shows it. */
  readonly drillthrough?: Field;
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
    bookmarkButton(titled('Button alarms only'), `${page}-alarms-only`, {
      name: 'alarms-only',
      place: [1024, y, 116, 40],
      altText: 'Show only series with an alarm',
    }),
    bookmarkButton(titled('Button everything'), `${page}-everything`, {
      name: 'everything',
      place: [1148, y, 116, 40],
      altText: 'Show every series',
    }),
  ];
}

/** What the top of a page says of all that is watched: the state in one line, and beneath it what else is to know. */
const STATUS_LINES = [
  textLine(
    measure('Status'),
    measure('Status colour'),
    { size: 18, phoneSize: 12, bold: true },
    {
      name: 'status',
      place: [16, 6, 1248, 36],
      phone: [0, 0, 324, 90],
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
      phone: [0, 90, 324, 60],
      altText: 'Further alarms and storms, and until when there are data',
    },
  ),
];

/** Incidents in sight, newest first, each with a way to its page. */
function incidentList(common: Pick<Visual, 'name' | 'place' | 'phone'>): Visual {
  return table(
    [
      column('Alarms', 'Start'),
      column('Alarms', 'Incident'),
      column('Alarms', 'End'),
      column('Alarms', 'Severity'),
      column('Alarms', 'Direction', 'Side'),
      measure('Lost volume', 'Lost'),
      measure('Excess volume', 'Excess'),
      column('Alarms', 'Label'),
      column('Alarms', 'Link', 'Page'),
    ],
    {
      ...common,
      title: titled('Title incidents'),
      altText: 'Every incident of the chosen dates with its volume, newest first',
      shades: shadedBySeverity('Severity'),
      sort: { field: column('Alarms', 'Start'), direction: 'Descending' },
    },
  );
}

const LOST_AND_EXCESS = [
  [measure('Lost volume', 'Lost'), EITHER.critical],
  [measure('Excess volume', 'Excess'), EITHER.band],
] as const;

const now: Page = {
  name: 'now',
  title: 'Now',
  size: [1280, 720],
  visuals: [
    ...STATUS_LINES,
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
        phone: [0, 416, 324, 200],
        altText: 'Active alarms, lost volume, deviation, coverage, age of the data',
      },
    ),
    ...bookmarkButtons('now', 84),
    bandVisual(
      { days: 5 },
      {
        name: 'headline',
        place: [16, 144, 756, 290],
        phone: [0, 156, 324, 252],
        title: titled('Title volume of all'),
        altText: 'Actual volume of the group against its minimum and maximum, with alarms',
        filters: [
          { field: measure('Is headline'), value: 1 },
          { field: column('Bands', 'Window'), value: lastDays(5) },
        ],
      },
    ),
    table(
      [
        column('Alarms', 'Incident'),
        column('Alarms', 'Alarm severity', 'Severity'),
        column('Alarms', 'Direction', 'Side'),
        measure('Lost volume', 'Lost'),
        column('Alarms', 'Alarm link', 'Page'),
      ],
      {
        name: 'active-alarms',
        place: [784, 144, 480, 290],
        phone: [0, 624, 324, 220],
        title: titled('Title active alarms'),
        altText: 'Open incidents, those of one storm in one row, the costliest first',
        filters: [{ field: column('Alarms', 'Status'), value: 'open' }],
        shades: shadedBySeverity('Alarm severity'),
        sort: { field: measure('Lost volume'), direction: 'Descending' },
      },
    ),
    bandVisual(
      { days: 2, plain: true },
      {
        name: 'clients',
        place: [16, 442, 1248, 270],
        phone: [0, 852, 324, 600],
        title: measure('Clients title'),
        altText: 'One small band chart for each client, those with an alarm first; a table where there are many',
        filters: [
          { field: column('Series', 'In total'), value: 'Yes' },
          { field: column('Bands', 'Window'), value: lastDays(2) },
        ],
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
      title: titled('Title dates'),
      altText: 'Choose the dates to show',
      filters: LOADED_DATES,
    }),
    slicer('Dropdown', series, {
      name: 'client',
      place: [368, 12, 300, 64],
      phone: [0, 80, 324, 64],
      title: titled('Title client'),
      altText: 'Choose clients or groups',
    }),
    slicer('Dropdown', column('Time slot', 'Time slot'), {
      name: 'time-slot',
      place: [680, 12, 160, 64],
      title: titled('Title hour'),
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
        title: titled('Title volume'),
        altText: 'Actual volume of the chosen series against minimum and maximum over the chosen dates',
        filters: [{ field: measure('Shown at first'), value: 1 }],
      },
    ),
    incidentList({ name: 'incidents', place: [16, 420, 800, 288], phone: [0, 440, 324, 260] }),
    weekly('clusteredColumnChart', LOST_AND_EXCESS, {
      name: 'lost-volume',
      place: [828, 420, 436, 288],
      phone: [0, 708, 324, 220],
      title: titled('Title lost by week'),
      altText: 'Volume lost and in excess through incidents, by week',
    }),
  ],
};

const clients: Page = {
  name: 'clients',
  title: 'Clients',
  size: [1280, 720],
  visuals: [
    ...STATUS_LINES,
    slicer('Dropdown', series, {
      name: 'client',
      place: [16, 72, 300, 64],
      phone: [0, 156, 324, 64],
      title: titled('Title client'),
      altText: 'Choose clients to show',
    }),
    cards(
      [measure('Active alarms'), measure('Lost in open alarms'), measure('Silent series'), measure('Money at risk')],
      {
        name: 'figures',
        place: [328, 72, 936, 64],
        phone: [0, 228, 324, 140],
        altText: 'Active alarms, what they lost, series without data, money at risk',
      },
    ),
    bandVisual(
      { days: 2, plain: true, seriesAs: 'table' },
      {
        name: 'overview',
        place: [16, 144, 1248, 284],
        title: titled('Title state of clients'),
        altText: 'Every client in a row: state, course, deviation, loss and last alarm, alarmed ones first',
        filters: [
          { field: column('Series', 'In total'), value: 'Yes' },
          { field: column('Bands', 'Window'), value: lastDays(2) },
        ],
      },
    ),
    table(
      [
        measure('Urgency rank', '#'),
        measure('Client state', 'State'),
        series,
        measure('Lost in open alarms', 'Lost vs. expected'),
        measure('Last alarm'),
        measure('Money at risk', 'At risk'),
        column('Series', 'Promise', 'What would be seen'),
        measure('Alarm page', 'Page'),
      ],
      {
        name: 'status-table',
        place: [16, 436, 1248, 272],
        phone: [0, 376, 324, 600],
        title: titled('Title outage of clients'),
        altText:
          'State of each client, what it lost, its last alarm, and when an outage would be noticed, alarmed first',
        filters: [{ field: column('Series', 'In total'), value: 'Yes' }],
        shades: [measure('Client state'), measure('Client colour')],
        sort: { field: measure('Urgency rank'), direction: 'Ascending' },
      },
    ),
  ],
};

const incidentField = column('Alarms', 'Incident');

const incident: Page = {
  name: 'incident',
  title: 'Incident',
  size: [1280, 720],
  drillthrough: incidentField,
  visuals: [
    backButton({ name: 'back', place: [16, 12, 88, 44], phone: [0, 0, 120, 44], altText: 'Back to the page before' }),
    linkButton(titled('Button acknowledge'), measure('Incident link'), {
      name: 'acknowledge',
      place: [1072, 12, 192, 44],
      phone: [128, 0, 196, 44],
      altText: 'Opens the page of the incident at the API, to acknowledge or label it',
    }),
    textLine(
      measure('Incident title'),
      measure('Severity colour'),
      { size: 16, phoneSize: 12, bold: true },
      {
        name: 'title',
        place: [112, 4, 952, 34],
        phone: [0, 52, 324, 90],
        altText: 'Whose incident it is, what it cost and how long it lasted',
      },
    ),
    textLine(
      measure('Incident sentence'),
      measure('Status detail colour'),
      { size: 10, phoneSize: 10, bold: false },
      {
        name: 'sentence',
        place: [112, 38, 952, 42],
        phone: [0, 142, 324, 90],
        altText: 'What happened and where it lies, in a sentence',
      },
    ),
    bandVisual(
      { days: 5, weekBefore: true, seriesAs: 'panels' },
      {
        name: 'picture',
        place: [16, 88, 820, 400],
        phone: [0, 240, 324, 260],
        title: titled('Title incident picture'),
        altText: 'Actual volume of the series of the incident against minimum and maximum around it',
        filters: [{ field: measure('Near incident'), value: 1 }],
      },
    ),
    waterfall(column('Money part', 'Part'), measure('Money of part', 'Money'), {
      name: 'money',
      place: [848, 88, 416, 400],
      phone: [0, 508, 324, 240],
      title: titled('Title money by cause'),
      altText: 'Net money of the incident by attempts, approval, ticket and refunds, falling and rising',
    }),
    table(
      [
        column('Alarms', 'Series'),
        column('Alarms', 'Severity'),
        column('Alarms', 'Cause'),
        column('Alarms', 'Cause value', 'Value'),
        column('Alarms', 'Observed'),
        column('Alarms', 'Expected'),
        measure('Lost volume', 'Lost'),
        column('Alarms', 'Where', 'Parts'),
        measure('Members that moved', 'Members'),
        column('Alarms', 'Link', 'Page'),
      ],
      {
        name: 'parts',
        place: [16, 500, 760, 208],
        phone: [0, 756, 324, 260],
        title: titled('Title cause and parts'),
        altText: 'Cause of the incident, what was seen and expected, and the parts that carry it',
        shades: shadedBySeverity('Severity'),
        sort: { field: measure('Lost volume'), direction: 'Descending' },
      },
    ),
    table(
      [
        column('Date', 'Date'),
        measure('Earlier incidents', 'Incidents'),
        measure('Earlier lost', 'Lost'),
        measure('Earlier excess', 'Excess'),
        measure('Earlier label', 'Label'),
      ],
      {
        name: 'earlier',
        place: [788, 500, 476, 208],
        phone: [0, 1024, 324, 240],
        title: titled('Title earlier incidents'),
        altText: 'Incidents of the same series before this one, by day, with what they moved and their labels',
        sort: { field: column('Date', 'Date'), direction: 'Descending' },
      },
    ),
  ],
};

const client: Page = {
  name: 'client',
  title: 'Client',
  size: [1280, 720],
  drillthrough: series,
  visuals: [
    backButton({ name: 'back', place: [16, 12, 88, 44], phone: [0, 0, 120, 44], altText: 'Back to the page before' }),
    textLine(
      measure('Client line'),
      measure('Client colour'),
      { size: 16, phoneSize: 12, bold: true },
      {
        name: 'title',
        place: [112, 4, 1152, 34],
        phone: [0, 52, 324, 60],
        altText: 'Name and state of the client',
      },
    ),
    textLine(
      measure('Client promise'),
      measure('Status detail colour'),
      { size: 10, phoneSize: 10, bold: false },
      {
        name: 'promise',
        place: [112, 38, 1152, 28],
        phone: [0, 112, 324, 60],
        altText: 'After how long an outage of the client would be noticed',
      },
    ),
    cards(
      [
        measure('Active alarms'),
        measure('Lost in open alarms'),
        measure('Money at risk'),
        measure('Deviation 24 h %'),
        measure('Coverage 28 d'),
      ],
      {
        name: 'figures',
        place: [16, 72, 1248, 66],
        phone: [0, 180, 324, 200],
        altText: 'Active alarms, what they lost, money at risk, deviation and coverage of the client',
      },
    ),
    bandVisual(
      { days: 14 },
      {
        name: 'bands',
        place: [16, 144, 1248, 340],
        phone: [0, 388, 324, 280],
        title: titled('Title volume'),
        altText: 'Actual volume of the client against its minimum and maximum',
      },
    ),
    incidentList({ name: 'incidents', place: [16, 492, 800, 216], phone: [0, 676, 324, 260] }),
    weekly('clusteredColumnChart', LOST_AND_EXCESS, {
      name: 'lost-volume',
      place: [828, 492, 436, 216],
      phone: [0, 944, 324, 220],
      title: titled('Title lost by week'),
      altText: 'Volume lost and in excess through incidents of the client, by week',
    }),
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
        [measure('Observed coverage', 'Observed'), EITHER.band],
        [measure('Nominal coverage', 'Nominal'), EITHER.muted],
      ],
      {
        name: 'coverage',
        place: [16, 108, 618, 290],
        phone: [0, 248, 324, 220],
        title: titled('Title coverage by week'),
        altText: 'Share of buckets inside the band by week, against what the band promises',
      },
    ),
    weekly('lineChart', [[measure('Band width %'), EITHER.band]], {
      name: 'band-width',
      place: [646, 108, 618, 290],
      phone: [0, 476, 324, 220],
      title: titled('Title band width by week'),
      altText: 'Width of the band by week, as a share of the forecast',
    }),
    weekly('clusteredColumnChart', [[measure('Alarms per series-week'), EITHER.band]], {
      name: 'alarm-rate',
      place: [16, 410, 436, 298],
      phone: [0, 704, 324, 220],
      title: titled('Title alarms by week'),
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
        title: titled('Title by series'),
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

/** The pages in their order; the last are reached from others: client and incident by drill-through, a bucket as a tooltip. */
export const PAGES: readonly Page[] = [now, clients, history, modelHealth, client, incident, bucket];

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
