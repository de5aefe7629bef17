import { WORST_FIRST } from '@tidemark/shared/vocabulary';
import { EITHER } from '../palette.ts';
import { CLIENT_MEASURES } from './client-measures.ts';
import { countedIncidents } from './counted-incidents.ts';
import { INCIDENT_MEASURES } from './incident-measures.ts';
import { NEWEST_COMPLETE, STATUS_MEASURES } from './status-measures.ts';
import { TITLE_MEASURES } from './title-measures.ts';
import type { Measure } from './types.ts';

const MONEY = '#,0';
const SHARE = '0.0%;-0.0%;0.0%';
const COUNT = '0';

/**
 * An amount over the series in sight that counts every client once: a series is left out beside a group in sight that
 * holds all of it. The one definition of a total; groups that share only some of their clients are both counted.
 */
function total(amount: string): string {
  return `VAR Chosen = VALUES ( Series[Series] )
VAR Counted =
    FILTER (
        Series,
        VAR Around = "; " & Series[Within] & "; "
        RETURN
            ISEMPTY ( FILTER ( Chosen, FIND ( "; " & Series[Series] & "; ", Around, 1, 0 ) > 0 ) )
    )
RETURN
    CALCULATE ( ${amount}, Counted )`;
}

/** A limit belongs to one bucket of one series: limits of several do not add up to a band. */
function limit(column: string): string {
  return `IF (
    HASONEVALUE ( Series[Series] ) && HASONEVALUE ( Bands[Bucket start UTC] ),
    SUM ( ${column} )
)`;
}

/** Money of the incidents in sight on one side, counted once. */
function incidentVolume(side: '<' | '>'): string {
  return `${countedIncidents(`Alarms[Status] <> "withdrawn" && Alarms[Amount] ${side} 0`)}
RETURN
    ${side === '<' ? '-' : ''}SUMX ( Counted, Alarms[Amount] ) + 0`;
}

/** Observed coverage of the last days, up to the newest judged bucket, whatever dates are picked. */
function coverageOfLast(days: number): string {
  return `VAR Newest =
    CALCULATE (
        MAX ( Bands[Bucket start UTC] ),
        NOT ISBLANK ( Bands[Score] ),
        REMOVEFILTERS ( 'Date' )
    )
RETURN
    CALCULATE (
        [Observed coverage],
        Bands[Bucket start UTC] > Newest - ${days},
        REMOVEFILTERS ( 'Date' )
    )`;
}

/** Buckets that have both an actual and a forecast. */
const COMPLETE = 'FILTER ( Bands, NOT ISBLANK ( Bands[Actual] ) && NOT ISBLANK ( Bands[Forecast] ) )';

const JUDGED = 'FILTER ( Bands, NOT ISBLANK ( Bands[Score] ) )';

const volume: Measure[] = [
  {
    name: 'Actual',
    expression: total('SUM ( Bands[Actual] )'),
    description: 'Payment volume that came in',
    format: MONEY,
  },
  {
    name: 'Forecast',
    expression: total('SUM ( Bands[Forecast] )'),
    description: 'Payment volume expected before it came in',
    format: MONEY,
  },
  {
    name: 'Min',
    expression: limit('Bands[Lower]'),
    description: 'Lower limit of the band of one bucket of one series',
    format: MONEY,
  },
  {
    name: 'Max',
    expression: limit('Bands[Upper]'),
    description: 'Upper limit of the band of one bucket of one series',
    format: MONEY,
  },
  {
    name: 'Deviation',
    expression: total(`SUMX ( ${COMPLETE}, Bands[Actual] - Bands[Forecast] )`),
    description: 'Actual less forecast, over buckets that have both, each client counted once',
    format: MONEY,
  },
  {
    name: 'Deviation %',
    expression: total(
      `DIVIDE ( SUMX ( ${COMPLETE}, Bands[Actual] - Bands[Forecast] ), ABS ( SUMX ( ${COMPLETE}, Bands[Forecast] ) ) )`,
    ),
    description: 'Actual less forecast as a share of the forecast, over buckets that have both',
    format: SHARE,
  },
  {
    name: 'Deviation 24 h %',
    expression: `VAR Newest =${NEWEST_COMPLETE}
RETURN
    CALCULATE (
        [Deviation %],
        Bands[Bucket start UTC] > Newest - 1,
        Bands[State] IN { "observed", "zero" },
        REMOVEFILTERS ( 'Date' )
    )`,
    description: 'Deviation over the last 24 hours of complete buckets',
    format: SHARE,
  },
].map((measure) => ({ ...measure, folder: 'Volume' }));

const alarms: Measure[] = [
  {
    name: 'Active alarms',
    expression: `COUNTROWS ( FILTER ( Alarms, Alarms[Status] = "open" && ISBLANK ( Alarms[Storm] ) ) )
    + CALCULATE ( DISTINCTCOUNTNOBLANK ( Alarms[Storm] ), Alarms[Status] = "open" ) + 0`,
    description: 'Incidents that are open now; those of one storm count as one',
    format: COUNT,
  },
  {
    name: 'Incidents',
    expression: 'COUNTROWS ( FILTER ( Alarms, Alarms[Status] <> "withdrawn" ) ) + 0',
    description: 'Incidents that began in the time in sight',
    format: COUNT,
  },
  {
    name: 'Lost volume',
    expression: incidentVolume('<'),
    description: 'What incidents fell short of what was expected, as a positive amount',
    format: MONEY,
  },
  {
    name: 'Excess volume',
    expression: incidentVolume('>'),
    description: 'What incidents brought beyond what was expected',
    format: MONEY,
  },
  {
    name: 'Lost in open alarms',
    expression: 'CALCULATE ( [Lost volume], Alarms[Status] = "open" )',
    description: 'What the incidents that are open now fell short of what was expected',
    format: MONEY,
  },
  {
    name: 'Severity colour',
    expression: `SWITCH (
    TRUE (),
${WORST_FIRST.map((severity) => `    "${severity}" IN VALUES ( Alarms[Severity] ), "${EITHER[severity]}"`).join(',\n')}
)`,
    description: 'Colour of the worst severity among the incidents in sight, as a hexadecimal text',
  },
  {
    name: 'Alarms per series-week',
    expression: `DIVIDE ( [Incidents], SUMX ( ${JUDGED}, RELATED ( Series[Step minutes] ) ) / 10080 )`,
    description: 'Incidents for each week of one series that was judged',
    format: '0.00',
  },
  {
    name: 'False-alarm rate',
    expression: `DIVIDE (
    COUNTROWS ( FILTER ( Alarms, Alarms[Label] = "normal" ) ),
    COUNTROWS ( FILTER ( Alarms, NOT ISBLANK ( Alarms[Label] ) ) )
)`,
    description: 'Of the incidents that people labelled, the share they called normal; blank while none is labelled',
    format: SHARE,
  },
  {
    name: 'Bucket severity',
    expression: `SWITCH (
    TRUE (),
${WORST_FIRST.map((severity) => `    "${severity}" IN VALUES ( Bands[Severity] ), "${severity}"`).join(',\n')}
)`,
    description: 'Worst severity among the buckets in sight; blank without an alarm',
  },
].map((measure) => ({ ...measure, folder: 'Alarms' }));

const health: Measure[] = [
  {
    name: 'Judged buckets',
    expression: `COUNTROWS ( ${JUDGED} ) + 0`,
    description: 'Buckets that were held against their band',
    format: MONEY,
  },
  {
    name: 'Observed coverage',
    expression: `VAR Judged = ${JUDGED}
RETURN
    DIVIDE (
        COUNTROWS ( FILTER ( Judged, Bands[Actual] >= Bands[Lower] && Bands[Actual] <= Bands[Upper] ) ),
        COUNTROWS ( Judged )
    )`,
    description: 'Share of judged buckets that fell inside the band',
    format: SHARE,
  },
  {
    name: 'Coverage 7 d',
    expression: coverageOfLast(7),
    description: 'Observed coverage of the last 7 days',
    format: SHARE,
  },
  {
    name: 'Coverage 28 d',
    expression: coverageOfLast(28),
    description: 'Observed coverage of the last 28 days',
    format: SHARE,
  },
  {
    name: 'Nominal coverage',
    expression: 'AVERAGE ( Bands[Coverage] )',
    description: 'Coverage the band promises',
    format: SHARE,
  },
  {
    name: 'Band width %',
    expression: `VAR Judged = ${JUDGED}
RETURN
    DIVIDE ( SUMX ( Judged, Bands[Upper] - Bands[Lower] ), SUMX ( Judged, ABS ( Bands[Forecast] ) ) )`,
    description: 'Width of the band as a share of the forecast, over judged buckets',
    format: SHARE,
  },
  {
    name: 'Model version',
    expression: `VAR Newest = MAX ( Bands[Origin UTC] )
RETURN
    CALCULATE ( MAX ( Bands[Model version] ), Bands[Origin UTC] = Newest )`,
    description: 'Version of the model that issued the newest band',
  },
  {
    name: 'Model text',
    // Said once in a visual: repeated in every row it would be more than any visual takes in.
    expression: `VAR Newest =
    CALCULATE ( MAX ( Bands[Bucket start UTC] ), ALLSELECTED ( Bands ), Bands[State] IN { "observed", "zero" } )
VAR SeriesHere = SELECTEDVALUE ( Series[Series] )
VAR FirstSeries = CALCULATE ( MIN ( Series[Series] ), ALLSELECTED ( Series ) )
VAR Here =
    MIN ( Bands[Bucket start UTC] ) <= Newest && MAX ( Bands[Bucket start UTC] ) >= Newest
        && ( ISBLANK ( SeriesHere ) || SeriesHere = FirstSeries )
RETURN
    IF ( Here, CONCATENATEX ( 'Model', 'Model'[Text], "", 'Model'[Chunk], ASC ) )`,
    description: 'The model and what it remembers, for the visual to compute bands itself; on the newest bucket only',
  },
].map((measure) => ({ ...measure, folder: 'Model health' }));

/** Every measure, by display folder. */
export const MEASURES: readonly Measure[] = [
  ...volume,
  ...alarms,
  ...health,
  ...STATUS_MEASURES,
  ...CLIENT_MEASURES,
  ...INCIDENT_MEASURES,
  ...TITLE_MEASURES,
];
