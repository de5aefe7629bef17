import { elementAt } from '@tidemark/shared/forecasting';
import { listed, ROW_STATES, SEVERITIES, type Severity, WORST_FIRST } from '@tidemark/shared/vocabulary';
import { EITHER } from '../palette.ts';
import type { Measure } from './types.ts';
import { counted, inLocale, phrase } from './words.ts';

const COUNT = '0';
const DAY_AND_TIME = 'ddd d mmm hh:nn';

const WORST = elementAt(WORST_FIRST, 0);

/** The branches of a SWITCH over severities, the worst first; the mildest is what else there is. */
function bySeverity(textOf: (severity: Severity) => string, separator: string, indent = ''): string {
  return WORST_FIRST.map((severity) =>
    severity === SEVERITIES[0] ? `${indent}${textOf(severity)}` : `${indent}"${severity}", ${textOf(severity)}`,
  ).join(separator);
}

/** Start of the newest complete bucket in UTC, whatever dates are picked. */
export const NEWEST_COMPLETE = `
    CALCULATE (
        MAX ( Bands[Bucket start UTC] ),
        Bands[State] IN { "observed", "zero" },
        REMOVEFILTERS ( 'Date' )
    )`;

/** Buckets without data after which a feed counts as silent. */
const SILENT_BUCKETS = 3;

/** Longest name of a series in the status, in characters: a line holds it, however wide its letters are. */
const LONGEST_NAME = 20;

/** DAX that gives a text cut to what the status line holds. */
function shortened(text: string): string {
  return `IF ( LEN ( ${text} ) > ${LONGEST_NAME}, LEFT ( ${text}, ${LONGEST_NAME - 1} ) & "…", ${text} )`;
}

/** Days without data after which a client counts as one that has left, or was renamed; as in the service. */
const LEFT_DAYS = 28;

/**
 * DAX condition: the variable NewestHere is three buckets or more behind NewestOfAll, and has not left. A minute less, since
 * moments are fractions that need not be equal to the last bit.
 */
export const SILENT_SERIES = `NOT ISBLANK ( NewestOfAll )
                    && NewestHere < NewestOfAll - ( ${SILENT_BUCKETS} * CALCULATE ( MAX ( Series[Step minutes] ) ) - 1 ) / 1440
                    && NewestHere >= NewestOfAll - ${LEFT_DAYS}`;

/** DAX condition: when the report was refreshed, NewestOfAll had ended more than three buckets before, or there was none. */
export const SILENT_FEED = `ISBLANK ( NewestOfAll )
    || ( [Last refresh] - NewestOfAll ) * 1440 > ${SILENT_BUCKETS + 1} * CALCULATE ( MAX ( Series[Step minutes] ) )`;

/** DAX condition: NewestHere is so far behind NewestOfAll that the client has left; there may be no data of it at all. */
export const LEFT_SERIES = `NOT ISBLANK ( NewestOfAll ) && NewestHere < NewestOfAll - ${LEFT_DAYS}`;

/** DAX table of the series whose newest data is three buckets or more behind the newest of all. */
const SILENT = `VAR NewestOfAll =${NEWEST_COMPLETE}
    RETURN
        FILTER (
            VALUES ( Series[Series] ),
            VAR NewestHere =${NEWEST_COMPLETE}
            RETURN
                ${SILENT_SERIES}
        )`;

const ALARM = phrase({ en: 'ALARM', es: 'ALARMA', pt: 'ALARME' });
const SINCE = phrase({ en: ' since ', es: ' desde ', pt: ' desde ' });

/** DAX variables: the open alarms, the worst of them (the oldest of the worst, of those that began together the costliest), and whether it is part of a storm. */
const OPEN_ALARMS = `VAR OpenAlarms = FILTER ( Alarms, Alarms[Status] = "open" )
VAR WorstAlarm =
    TOPN (
        1,
        OpenAlarms,
        SWITCH ( Alarms[Severity], ${bySeverity((severity) => `${1 + SEVERITIES.indexOf(severity)}`, ', ')} ), DESC,
        Alarms[Start UTC], ASC,
        ABS ( Alarms[Amount] ), DESC,
        Alarms[Id], ASC
    )
VAR WorstInStorm = NOT ISBLANK ( MAXX ( WorstAlarm, Alarms[Storm] ) )`;

/** What the top of the page says, and what the visual is given of one bucket. */
export const STATUS_MEASURES: readonly Measure[] = [
  {
    name: 'Newest data',
    // The local clock may go back: the newest bucket is the newest in UTC.
    expression: `VAR Newest =${NEWEST_COMPLETE}
VAR ShownThere =
    CALCULATE ( MAX ( Bands[Bucket start] ), Bands[Bucket start UTC] = Newest, REMOVEFILTERS ( 'Date' ) )
RETURN
    IF ( NOT ISBLANK ( Newest ), ShownThere + MAX ( Series[Step minutes] ) / 1440 )`,
    description: 'Local end of the newest complete bucket',
    format: 'ddd d mmm hh:nn',
  },
  {
    name: 'Hours since last data',
    expression: `VAR Newest =${NEWEST_COMPLETE}
RETURN
    IF ( NOT ISBLANK ( Newest ), ( UTCNOW () - Newest ) * 24 - MAX ( Series[Step minutes] ) / 60 )`,
    description: 'Hours since the end of the newest complete bucket, at the time of looking',
    format: '0.0',
  },
  {
    name: 'Silent series',
    expression: `COUNTROWS ( ${SILENT} ) + 0`,
    description: 'Series that have no data for three buckets or more while others have: one feed of several is silent',
    format: COUNT,
  },
  {
    name: 'Feed trouble',
    expression: `VAR HoursSilent = [Hours since last data]
VAR HoursOld = ( UTCNOW () - [Last refresh] ) * 24
VAR LimitHours = ${SILENT_BUCKETS} * MAX ( Series[Step minutes] ) / 60
VAR SilentHere = ${SILENT}
RETURN
    SWITCH (
        TRUE (),
        ISBLANK ( HoursSilent ), ${phrase({ en: 'NO DATA', es: 'SIN DATOS', pt: 'SEM DADOS' })},
        HoursSilent - HoursOld > LimitHours,
            ${phrase({ en: 'NO DATA SINCE ', es: 'SIN DATOS DESDE ', pt: 'SEM DADOS DESDE ' })}
                & ${inLocale('[Newest data]', DAY_AND_TIME)},
        COUNTROWS ( SilentHere ) = 1,
            ${phrase({ en: 'NO DATA FROM ', es: 'SIN DATOS DE ', pt: 'SEM DADOS DE ' })}
                & ${shortened('MAXX ( SilentHere, Series[Series] )')},
        COUNTROWS ( SilentHere ) > 1,
            COUNTROWS ( SilentHere )
                & ${phrase({ en: ' SERIES WITHOUT DATA', es: ' SERIES SIN DATOS', pt: ' SÉRIES SEM DADOS' })},
        HoursOld > LimitHours,
            ${phrase({ en: 'REPORT NOT REFRESHED SINCE ', es: 'INFORME SIN ACTUALIZAR DESDE ', pt: 'RELATÓRIO NÃO ATUALIZADO DESDE ' })}
                & ${inLocale('[Last refresh]', DAY_AND_TIME)} & " UTC"
    )`,
    description:
      'What is wrong with the data, blank where nothing is: the feed was silent when the report was refreshed, some series were, or the report has not been refreshed since; three buckets are the limit',
  },
  {
    name: 'Storms',
    expression: `VAR InStorms = FILTER ( Alarms, Alarms[Status] = "open" && NOT ISBLANK ( Alarms[Storm] ) )
VAR StormCount = CALCULATE ( DISTINCTCOUNTNOBLANK ( Alarms[Storm] ), InStorms )
VAR StormClients = COUNTROWS ( SUMMARIZE ( FILTER ( InStorms, RELATED ( Series[In total] ) = "Yes" ), Alarms[Series] ) ) + 0
VAR StormVolume =
    CALCULATE ( [Excess volume] - [Lost volume], Alarms[Status] = "open", NOT ISBLANK ( Alarms[Storm] ) )
RETURN
    IF (
        StormCount > 0,
        ${counted('StormCount', { en: 'storm', es: 'tormenta', pt: 'tempestade' }, { en: 'storms', es: 'tormentas', pt: 'tempestades' })}
            & " · " & ${counted('StormClients', { en: 'client', es: 'cliente', pt: 'cliente' }, { en: 'clients', es: 'clientes', pt: 'clientes' })}
            & " · " & IF ( StormVolume < 0, "−", "+" )
            & SWITCH (
                TRUE (),
                ABS ( StormVolume ) >= 999500, ${inLocale('ABS ( StormVolume ) / 1000000', '#,0.0')} & "M",
                ABS ( StormVolume ) >= 1000, FORMAT ( ABS ( StormVolume ) / 1000, "0" ) & "K",
                FORMAT ( ABS ( StormVolume ), "0" )
            )
    )`,
    description: 'Open incidents of storms in a few words: how many storms, of how many clients, what they moved',
  },
  {
    name: 'Status',
    // Only the band has a minimum: what the counts have seen may lie inside it.
    expression: `${OPEN_ALARMS}
VAR IsLow = MAXX ( WorstAlarm, Alarms[Direction] ) = "low"
RETURN
    SWITCH (
        TRUE (),
        ISEMPTY ( OpenAlarms ),
            COALESCE ( [Feed trouble], ${phrase({ en: 'OK · no open incident', es: 'OK · sin incidentes abiertos', pt: 'OK · nenhum incidente aberto' })} ),
        ${ALARM} & " · "
            & IF (
                WorstInStorm,
                [Storms] & ${SINCE}
                    & ${inLocale('MINX ( FILTER ( OpenAlarms, NOT ISBLANK ( Alarms[Storm] ) ), Alarms[Start] )', 'ddd hh:nn')},
                ${shortened('MAXX ( WorstAlarm, Alarms[Series] )')}
                    & IF (
                        COALESCE ( MAXX ( WorstAlarm, Alarms[Detector] ), "band" ) = "band",
                        IF (
                            IsLow,
                            ${phrase({ en: ' below minimum', es: ' bajo el mínimo', pt: ' abaixo do mínimo' })},
                            ${phrase({ en: ' above maximum', es: ' sobre el máximo', pt: ' acima do máximo' })}
                        ),
                        IF (
                            IsLow,
                            ${phrase({ en: ' below expected', es: ' bajo lo esperado', pt: ' abaixo do esperado' })},
                            ${phrase({ en: ' above expected', es: ' sobre lo esperado', pt: ' acima do esperado' })}
                        )
                    )
                    & ${SINCE} & ${inLocale('MAXX ( WorstAlarm, Alarms[Start] )', 'ddd hh:nn')}
            )
    )`,
    description:
      'The line at the top of the page, in the language of the person: the worst open alarm, a storm of many clients as one; without alarms what is wrong with the data, or OK',
  },
  {
    name: 'Status detail',
    expression: `${OPEN_ALARMS}
VAR Further =
    COUNTROWS ( FILTER ( OpenAlarms, ISBLANK ( Alarms[Storm] ) ) ) + 0
        - IF ( NOT WorstInStorm && NOT ISEMPTY ( OpenAlarms ), 1, 0 )
VAR FurtherStorms = IF ( WorstInStorm, BLANK (), [Storms] )
VAR FurtherText =
    FurtherStorms
        & IF ( NOT ISBLANK ( FurtherStorms ) && Further > 0, " · " )
        & IF (
            Further > 0,
            ${counted('Further', { en: 'more alarm', es: 'alarma más', pt: 'alarme a mais' }, { en: 'more alarms', es: 'alarmas más', pt: 'alarmes a mais' })}
        )
VAR DataText =
    ${phrase({ en: 'data until ', es: 'datos hasta ', pt: 'dados até ' })} & ${inLocale('[Newest data]', DAY_AND_TIME)}
        & ${phrase({ en: ', taken at ', es: ', leídos a las ', pt: ', lidos às ' })}
        & FORMAT ( [Last refresh], "hh:nn" ) & " UTC"
VAR Trouble = [Feed trouble]
RETURN
    SWITCH (
        TRUE (),
        NOT ISEMPTY ( OpenAlarms ), FurtherText & IF ( FurtherText <> "", " · " ) & COALESCE ( Trouble, DataText ),
        ISBLANK ( Trouble ), DataText,
        ${phrase({ en: 'no open incident is known', es: 'ningún incidente abierto conocido', pt: 'nenhum incidente aberto conhecido' })}
    )`,
    description:
      'The line below the status: further alarms and storms, then what is wrong with the data, or until when there are data',
  },
  {
    name: 'Status colour',
    expression: `SWITCH (
    TRUE (),
    NOT ISEMPTY ( FILTER ( Alarms, Alarms[Status] = "open" && Alarms[Severity] = "${WORST}" ) ), "${EITHER[WORST]}",
    [Active alarms] > 0 || NOT ISBLANK ( [Feed trouble] ), "${EITHER.warning}",
    "${EITHER.ok}"
)`,
    description: 'Colour of the status, as a hexadecimal text',
  },
  {
    name: 'Status detail colour',
    expression: `IF ( [Active alarms] > 0 && NOT ISBLANK ( [Feed trouble] ), "${EITHER.warning}", "${EITHER.muted}" )`,
    description: 'Colour of the line below the status: of a warning where data are wrong beside an alarm',
  },
  {
    name: 'Is headline',
    expression: `VAR Groups = FILTER ( ALL ( Series ), Series[Kind] = "Group" )
VAR Candidates = FILTER ( ALL ( Series ), ISEMPTY ( Groups ) || Series[Kind] = "Group" )
VAR Largest = TOPN ( 1, Candidates, Series[Size], DESC, Series[Series], ASC )
RETURN
    IF ( SELECTEDVALUE ( Series[Series] ) = MAXX ( Largest, Series[Series] ), 1, 0 )`,
    description:
      '1 for the series at the top of the page: the largest group, or the largest client without groups, of those the person may see',
    format: COUNT,
  },
  {
    name: 'Shown at first',
    expression: `IF (
    COUNTROWS ( ALLSELECTED ( Series[Series] ) ) < COUNTROWS ( ALL ( Series[Series] ) )
        || [Is headline] = 1,
    1,
    0
)`,
    description: '1 for every series somebody chose; while nobody chose, 1 for the headline only',
    format: COUNT,
  },
  {
    name: 'Bucket reason',
    expression: 'SELECTEDVALUE ( Bands[Reason] )',
    description: 'What a detector beside the band holds against one bucket, in a sentence; blank where none does',
  },
  {
    name: 'Bucket side',
    expression: 'SELECTEDVALUE ( Bands[Direction] )',
    description: 'Side on which one bucket left its band, or of the trouble that its reason tells of: low or high',
  },
  {
    name: 'Bucket page',
    expression: `VAR Here = MIN ( Bands[Bucket start UTC] )
VAR AlarmsHere =
    FILTER (
        CALCULATETABLE ( Alarms, REMOVEFILTERS ( 'Date' ) ),
        Alarms[Status] <> "withdrawn" && Alarms[Start UTC] <= Here && Alarms[End UTC] > Here
    )
RETURN
    IF (
        HASONEVALUE ( Series[Series] ),
        MAXX ( TOPN ( 1, AlarmsHere, ABS ( Alarms[Amount] ), DESC, Alarms[Id], ASC ), Alarms[Link] )
    )`,
    description: 'Page at the API of the incident that a bucket of one series is part of, for the list of the visual',
  },
  {
    name: 'Alarm rules in force',
    expression: 'MAX ( Series[Alarm rules] )',
    description: 'The rules that the service judges by, for the visual',
  },
  {
    name: 'Bucket state',
    expression: 'SELECTEDVALUE ( Bands[State] )',
    description: `What is known of one bucket: ${listed(ROW_STATES)}`,
  },
  {
    name: 'Bucket fan',
    expression: 'SELECTEDVALUE ( Bands[Fan] )',
    description: 'The limits of one bucket at every coverage, for the sensitivity slider of the visual',
  },
  {
    name: 'Last refresh',
    expression: 'MAX ( Figures[Refreshed at UTC] )',
    description: 'When this model last took rows from the API, in UTC',
    format: 'yyyy-mm-dd hh:nn',
  },
].map((measure) => ({ ...measure, folder: 'Status' }));
