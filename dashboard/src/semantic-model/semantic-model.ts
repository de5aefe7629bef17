import { alarmRow, bandRow, seriesRow } from '@tidemark/shared/contract';
import {
  LABELS,
  listed,
  MEASURES as MEASURE_WORDS,
  ROW_STATES,
  SERVED_BY,
  SEVERITIES,
  WORST_FIRST,
} from '@tidemark/shared/vocabulary';
import { MEASURES } from './measures.ts';
import {
  ACCESS_QUERY,
  alarmsQuery,
  bandsQuery,
  CONTRIBUTORS_QUERY,
  DATE_QUERY,
  KEPT_MONTHS,
  MEMBERSHIP_QUERY,
  MONEY_PART_QUERY,
  NAMING_COLUMNS,
  REFRESH_QUERY,
  SHARED_QUERIES,
  seriesQuery,
  TIME_SLOT_QUERY,
  wholeQuery,
} from './queries.ts';
import type { Column, SemanticModel } from './types.ts';
import { modelColumn, type WireColumn, wireColumns } from './wire-columns.ts';
import { counted, phrase } from './words.ts';

const bands = wireColumns(bandRow, {
  series: 'Client or group',
  bucket_start: 'First instant of the bucket, in UTC',
  bucket_start_local: 'First instant of the bucket as the series’ own clock shows it',
  state: `What is known of the bucket: ${listed(ROW_STATES)}`,
  actual: 'Payment volume that came in',
  forecast: 'Median of what was expected',
  lower: 'Lower limit of the band',
  upper: 'Upper limit of the band',
  coverage: 'Share of buckets the band should hold',
  horizon: 'Buckets between origin and this bucket',
  origin: 'Last bucket the forecast was allowed to see, in UTC',
  model_version: 'Version of the model that issued the band',
  direction: 'Side on which the actual left its band, or of the trouble that the reason tells of',
  score: 'How far outside the band, in band widths; 0 inside; blank where not judged',
  severity: `How bad the alarm is: ${listed(SEVERITIES)}`,
  fan: 'The limits at every coverage as text, for the sensitivity slider of the visual',
  reason: 'What a detector beside the band holds against the bucket; blank where none does',
});

const allOfAlarms = wireColumns(alarmRow, {
  id: 'Identity of the incident',
  series: 'Client or group',
  direction: 'Side on which the series left its band',
  severity: `The worst of its buckets: ${listed(SEVERITIES)}`,
  status: 'open, closed, or withdrawn because a corrected actual took the alarm away',
  start: 'Start of the first flagged bucket, in UTC',
  end: 'End of the last flagged bucket, in UTC',
  start_local: 'Start of the first flagged bucket as the series’ own clock shows it',
  end_local: 'End of the last flagged bucket as the series’ own clock shows it',
  buckets: 'Number of flagged buckets',
  score: 'The furthest outside, in band widths',
  volume: 'Actual less forecast over the flagged buckets: negative was lost, positive came in excess',
  contributors: 'For a group, the members that moved most with it',
  acknowledged_at: 'When somebody took it on, in UTC',
  acknowledged_by: 'Who took it on',
  label: `What people said of it afterwards: ${listed(LABELS)}`,
  note: 'What they wrote',
  raised_at: 'When it was first known, in UTC',
  detector: 'What has seen it: the band, or a detector by name',
  cause: 'What the trouble is in: attempts, approval, ticket, or a dimension such as channel',
  cause_value: 'Which value of the dimension',
  strength: 'How unlikely calm data are to look like this, as −ln p',
  observed: 'What was seen in the strongest window',
  expected: 'What was expected there',
  storm: 'The trouble of many series that it is part of',
  sentence: 'What happened, in a sentence',
  money: 'Net money seen less net money expected over its buckets',
  money_attempts: 'What of it too few or too many attempts made',
  money_approval: 'What of it the approval rate made',
  money_ticket: 'What of it the size of tickets made',
  money_refunds: 'What of it refunds made',
  where: 'Where it lies: the parts that carry it',
  withdrawn_at: 'When it was withdrawn, in UTC',
  withdrawn_because: 'Why: what was learned later showed no trouble',
});

const alarms = allOfAlarms.filter(({ source }) => !NAMING_COLUMNS.includes(source));

const allOfSeries = wireColumns(seriesRow, {
  series: 'Client or group',
  measure: `Which sum it carries: ${listed(MEASURE_WORDS)}`,
  step_minutes: 'Length of a bucket, in minutes',
  time_zone: 'Time zone of its clock',
  first_bucket: 'Oldest bucket known, in UTC',
  newest_bucket: 'Newest bucket with a complete actual, in UTC',
  newest_scored: 'Newest bucket that was judged, in UTC',
  served_by: `What forecasts it: ${listed(SERVED_BY)}`,
  members: 'For a group, the clients it sums',
  served_because: 'Why that one serves it',
  outage_noticed_hours: 'Hours after which an outage that begins now would be noticed',
  outage_noticed_hours_at_worst: 'The same for one that begins at the quietest time of the day',
  promise: 'The two in words, or why there is no such promise',
  alarm_rules: 'The rules that the service judges its bands by, for the visual',
});

const series = allOfSeries.filter(({ source }) => source !== 'members');

const model: WireColumn[] = [
  { source: 'chunk', kind: 'integer', description: 'Place of the chunk in the text' },
  { source: 'text', kind: 'text', description: 'At most 30,000 characters of the model' },
];

const SHARES = new Set(['coverage']);
const MONEY = new Set([
  'actual',
  'forecast',
  'lower',
  'upper',
  'volume',
  'money',
  'money_attempts',
  'money_approval',
  'money_ticket',
  'money_refunds',
]);

/** The columns of the API as columns of the model; `hidden` names those that only measures and keys use. */
function columns(wire: readonly WireColumn[], hidden: readonly string[] = []): Column[] {
  return wire.map((column) =>
    modelColumn(column, {
      ...(MONEY.has(column.source) ? { format: '#,0' } : {}),
      ...(SHARES.has(column.source) ? { format: '0.0%' } : {}),
      ...(hidden.includes(column.source) ? { hidden: true } : {}),
    }),
  );
}

const dateKey: Column = {
  name: 'Date',
  source: 'date',
  type: 'dateTime',
  description: 'Local date',
  format: 'yyyy-mm-dd',
};

const computed = { source: null, type: 'string' } as const;

/** DAX of the language that rows were read in: what is computed at a refresh does not know who will look. */
const REFRESH_LANGUAGE = 'MAX ( Figures[Language] )';

/** DAX of what a row of Alarms says itself, or says of `Together`: the incidents of its storm in the same status. */
function ofStorm(own: string, together: string): string {
  return `VAR OwnStorm = Alarms[Storm]
VAR OwnStatus = Alarms[Status]
VAR Together = FILTER ( Alarms, Alarms[Storm] = OwnStorm && Alarms[Status] = OwnStatus )
RETURN
    IF (
        ISBLANK ( OwnStorm ),
        ${own},
        ${together}
    )`;
}

/** Days before the newest data that a page shows, each a window of buckets to filter by. */
const WINDOWS = [2, 5] as const;
const OLDER = 'older';
const windowName = (days: number) => `${days} days`;

/** Windows of buckets that make up the last days, to filter by. */
export function lastDays(days: (typeof WINDOWS)[number]): string[] {
  return WINDOWS.filter((one) => one <= days).map(windowName);
}

/** The whole semantic model: what `Tidemark.SemanticModel` is written from. */
export const SEMANTIC_MODEL: SemanticModel = {
  sharedQueries: SHARED_QUERIES,
  tables: [
    {
      name: 'Bands',
      description: 'One row for each bucket of each series: actual, forecast, band and verdict',
      columns: [
        ...columns(bands, ['series', 'actual', 'forecast', 'lower', 'upper', 'coverage', 'fan']),
        { ...dateKey, hidden: true },
        { name: 'Time slot', source: 'time_slot', type: 'string', description: 'Local hour', hidden: true },
        {
          ...computed,
          name: 'Window',
          description: `How long before the newest data of all it began: ${listed([...WINDOWS.map(windowName), OLDER])}; what is coming counts to the first`,
          expression: `VAR Age = RELATED ( Series[Newest of all UTC] ) - Bands[Bucket start UTC]
RETURN
    SWITCH ( TRUE (), ${WINDOWS.map((days) => `Age < ${days}, "${windowName(days)}"`).join(', ')}, "${OLDER}" )`,
        },
      ],
      query: bandsQuery(bands),
      // Actuals that come late and labels that come later still change rows of the last weeks.
      refreshPolicy: { keptMonths: KEPT_MONTHS, refreshedDays: 35, daysAhead: 3 },
    },
    {
      name: 'Alarms',
      description: 'One row for each incident: neighbouring alarming buckets of one series',
      columns: [
        ...columns(alarms),
        { ...dateKey, hidden: true },
        {
          name: 'Link',
          source: 'link',
          type: 'string',
          category: 'WebUrl',
          description: 'Page of the incident, where people acknowledge and label it',
        },
        {
          ...computed,
          name: 'Amount',
          type: 'double',
          format: '#,0',
          description: 'What it cost (below zero) or brought: its money by cause where that is known, else its volume',
          expression: 'COALESCE ( Alarms[Money], Alarms[Volume] )',
        },
        {
          ...computed,
          name: 'Alarm link',
          category: 'WebUrl',
          description: 'Page of the incident, or of the one of its storm that lost most',
          expression: ofStorm(
            'Alarms[Link]',
            'MAXX ( TOPN ( 1, Together, Alarms[Amount], ASC, Alarms[Id], ASC ), Alarms[Link] )',
          ),
        },
        {
          ...computed,
          name: 'Alarm',
          description: 'Its series, or the storm that it is part of with the clients in the same status',
          expression: ofStorm(
            'Alarms[Series]',
            `VAR Clients =
            COUNTROWS ( SUMMARIZE ( FILTER ( Together, RELATED ( Series[In total] ) = "Yes" ), Alarms[Series] ) ) + 0
        RETURN
            ${phrase({ en: 'Storm', es: 'Tormenta', pt: 'Tempestade' }, REFRESH_LANGUAGE)} & " · "
                & ${counted('Clients', { en: 'client', es: 'cliente', pt: 'cliente' }, { en: 'clients', es: 'clientes', pt: 'clientes' }, REFRESH_LANGUAGE)}`,
          ),
        },
        {
          ...computed,
          name: 'Alarm severity',
          description: 'Its severity, or the worst of its storm',
          expression: ofStorm(
            'Alarms[Severity]',
            `SWITCH (
            TRUE (),
${WORST_FIRST.map((severity) => `            NOT ISEMPTY ( FILTER ( Together, Alarms[Severity] = "${severity}" ) ), "${severity}"`).join(',\n')}
        )`,
          ),
        },
        {
          source: null,
          type: 'dateTime',
          name: 'Alarm since',
          description: 'Its start as the series’ own clock shows it, or the earliest of its storm',
          format: 'yyyy-mm-dd hh:nn',
          expression: ofStorm('Alarms[Start]', 'MINX ( Together, Alarms[Start] )'),
        },
        {
          ...computed,
          name: 'Incident',
          description: 'Its series or storm with its start: one incident page for each',
          expression: 'Alarms[Alarm] & " · " & FORMAT ( Alarms[Alarm since], "yyyy-mm-dd hh:nn" )',
        },
      ],
      query: alarmsQuery(alarms),
      refreshPolicy: { keptMonths: KEPT_MONTHS, refreshedDays: 35, daysAhead: 3 },
    },
    {
      name: 'Series',
      description: 'One row for each client or group',
      columns: [
        ...columns(series).map((column) => (column.name === 'Series' ? { ...column, key: true } : column)),
        {
          source: null,
          type: 'dateTime',
          name: 'Newest of all UTC',
          description: 'Newest bucket with a complete actual of any series, in UTC',
          format: 'yyyy-mm-dd hh:nn',
          expression: 'MAX ( Series[Newest bucket UTC] )',
          hidden: true,
        },
        { name: 'Kind', source: 'kind', type: 'string', description: 'Group where it sums others, Client otherwise' },
        {
          ...computed,
          name: 'In total',
          description: 'Does it count when several series are added up? Groups do only where there are no clients',
          expression:
            'IF ( Series[Kind] = "Client" || ISEMPTY ( FILTER ( Series, Series[Kind] = "Client" ) ), "Yes", "No" )',
          hidden: true,
        },
        {
          ...computed,
          name: 'Within',
          description: 'Groups that hold all of it: beside one of them it is not counted again',
          expression: `VAR Own = Series[Series]
VAR OwnMembers = FILTER ( Membership, Membership[Group] = Own )
VAR OwnCount = COUNTROWS ( OwnMembers ) + 0
VAR Around =
    FILTER (
        Series,
        VAR There = Series[Series]
        VAR Theirs = FILTER ( Membership, Membership[Group] = There )
        RETURN
            Series[Kind] = "Group" && There <> Own
                && IF (
                    OwnCount = 0,
                    NOT ISEMPTY ( FILTER ( Theirs, Membership[Member] = Own ) ),
                    ISEMPTY (
                        FILTER (
                            OwnMembers,
                            VAR One = Membership[Member]
                            RETURN ISEMPTY ( FILTER ( Theirs, Membership[Member] = One ) )
                        )
                    )
                        && ( COUNTROWS ( Theirs ) > OwnCount || There < Own )
                )
    )
RETURN
    CONCATENATEX ( Around, Series[Series], "; " )`,
          hidden: true,
        },
        {
          source: null,
          type: 'double',
          name: 'Size',
          description: 'Payment volume in the history loaded, to find the largest',
          format: '#,0',
          expression: `VAR Own = Series[Series]
RETURN
    SUMX ( FILTER ( Bands, Bands[Series] = Own ), Bands[Actual] )`,
          hidden: true,
        },
        {
          ...computed,
          name: 'Alarm now',
          description: 'Has it an open incident?',
          expression: `VAR Own = Series[Series]
RETURN
    IF ( ISEMPTY ( FILTER ( Alarms, Alarms[Series] = Own && Alarms[Status] = "open" ) ), "No", "Yes" )`,
        },
        {
          ...computed,
          name: 'Alarm in history',
          description: 'Has it any incident in the history loaded?',
          expression: `VAR Own = Series[Series]
RETURN
    IF ( ISEMPTY ( FILTER ( Alarms, Alarms[Series] = Own && Alarms[Status] <> "withdrawn" ) ), "No", "Yes" )`,
        },
      ],
      query: seriesQuery(series),
    },
    {
      name: 'Membership',
      description: 'One row for each member of each group',
      columns: [
        { name: 'Group', source: 'group', type: 'string', description: 'Group' },
        { name: 'Member', source: 'member', type: 'string', description: 'Client that it sums' },
      ],
      query: MEMBERSHIP_QUERY,
      hidden: true,
    },
    {
      name: 'Contributors',
      description: 'One row for each member that moved most with a group in an incident',
      columns: [
        { name: 'Id', source: 'id', type: 'string', description: 'Identity of the incident' },
        { name: 'Series', source: 'series', type: 'string', description: 'Member of the group' },
        {
          name: 'Volume',
          source: 'volume',
          type: 'double',
          description: 'Actual less forecast of the member',
          format: '#,0',
        },
      ],
      query: CONTRIBUTORS_QUERY,
      hidden: true,
    },
    {
      name: 'Access',
      description: 'Who sees which client or group under the role By client',
      columns: [
        { name: 'User', source: 'user', type: 'string', description: 'Name the person is signed in by' },
        { name: 'Series', source: 'series', type: 'string', description: 'Client or group the person may see' },
      ],
      query: ACCESS_QUERY,
      hidden: true,
    },
    {
      name: 'Model',
      description: 'The model in service as text, in chunks a cell can hold; hidden, used by the measure Model text',
      columns: columns(model),
      query: wholeQuery('v1/model.txt', model),
      hidden: true,
    },
    {
      name: 'Money part',
      description: 'What the money of an incident is made of',
      columns: [
        {
          name: 'Part',
          source: 'part',
          type: 'string',
          description: 'Attempts, approval, ticket, refunds or the rest',
          sortBy: 'Part order',
        },
        {
          name: 'Part order',
          source: 'part_order',
          type: 'int64',
          description: 'Place of the part',
          format: '0',
          hidden: true,
        },
      ],
      query: MONEY_PART_QUERY,
    },
    {
      name: 'Date',
      description: 'Calendar of local dates',
      calendar: true,
      columns: [
        { ...dateKey, key: true },
        { name: 'Week', source: 'week', type: 'dateTime', description: 'Monday of the week', format: 'd mmm' },
        { name: 'Month', source: 'month', type: 'string', description: 'Year and month' },
        {
          name: 'Weekday',
          source: 'weekday',
          type: 'string',
          description: 'Day of the week',
          sortBy: 'Weekday number',
        },
        {
          name: 'Weekday number',
          source: 'weekday_number',
          type: 'int64',
          description: 'Monday is 1',
          format: '0',
          hidden: true,
        },
        {
          ...computed,
          name: 'Loaded',
          description:
            'Does it lie between the first and the last bucket loaded? Slicers and charts leave out the others',
          expression: `IF ( 'Date'[Date] >= MIN ( Bands[Date] ) && 'Date'[Date] <= MAX ( Bands[Date] ), "Yes", "No" )`,
          hidden: true,
        },
      ],
      query: DATE_QUERY,
    },
    {
      name: 'Time slot',
      description: 'Hours of a local day',
      columns: [{ name: 'Time slot', source: 'time_slot', type: 'string', description: 'Local hour', key: true }],
      query: TIME_SLOT_QUERY,
    },
    {
      name: 'Figures',
      description: 'Everything that is computed from the other tables',
      measures: MEASURES,
      columns: [
        {
          name: 'Refreshed at UTC',
          source: 'refreshed_at',
          type: 'dateTime',
          description: 'When the rows were taken from the API',
          format: 'yyyy-mm-dd hh:nn',
          hidden: true,
        },
        {
          name: 'Language',
          source: 'language',
          type: 'string',
          description: 'Language of what was made at refresh',
          hidden: true,
        },
      ],
      query: REFRESH_QUERY,
    },
  ],
  relationships: [
    { from: ['Bands', 'Series'], to: ['Series', 'Series'] },
    { from: ['Bands', 'Date'], to: ['Date', 'Date'] },
    { from: ['Bands', 'Time slot'], to: ['Time slot', 'Time slot'] },
    { from: ['Alarms', 'Series'], to: ['Series', 'Series'] },
    { from: ['Alarms', 'Date'], to: ['Date', 'Date'] },
    { from: ['Membership', 'Member'], to: ['Series', 'Series'] },
    { from: ['Contributors', 'Series'], to: ['Series', 'Series'] },
  ],
  roles: [
    {
      name: 'By client',
      description: 'Sees the clients and groups that the table Access gives to the person, and no name of another',
      // Bands, alarms, members and contributors follow their series.
      rows: {
        Series:
          'Series[Series] IN SELECTCOLUMNS ( FILTER ( Access, Access[User] = USERPRINCIPALNAME () ), "Series", Access[Series] )',
        Access: 'Access[User] = USERPRINCIPALNAME ()',
        // The text of the model holds what it remembers of every series, by name.
        Model: 'FALSE ()',
      },
    },
  ],
};
