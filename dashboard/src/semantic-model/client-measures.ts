import { SEVERITIES, WORST_FIRST } from '@tidemark/shared/vocabulary';
import { EITHER } from '../palette.ts';
import { LEFT_SERIES, NEWEST_COMPLETE, SILENT_FEED, SILENT_SERIES } from './status-measures.ts';
import type { Measure } from './types.ts';
import { phrase } from './words.ts';

const MONEY = '#,0';
const COUNT = '0';

/** Words of the state of a client, the worst first; each has a shape, so that colour is not needed. */
const STATES = [
  ['critical', '▼ ', { en: 'ALARM', es: 'ALARMA', pt: 'ALARME' }],
  ['warning', '◆ ', { en: 'WARNING', es: 'AVISO', pt: 'AVISO' }],
  ['info', '● ', { en: 'NOTICE', es: 'NOTA', pt: 'NOTA' }],
] as const;

const isOpen = (severity: string) => `NOT ISEMPTY ( FILTER ( OpenAlarms, Alarms[Severity] = "${severity}" ) )`;

const MEASURES: readonly Omit<Measure, 'folder'>[] = [
  {
    name: 'Client state',
    expression: `VAR OpenAlarms = FILTER ( Alarms, Alarms[Status] = "open" )
RETURN
    IF (
        HASONEVALUE ( Series[Series] ),
        SWITCH (
            TRUE (),
${STATES.map(([severity, shape, words]) => `            ${isOpen(severity)}, "${shape}" & ${phrase(words)},`).join('\n')}
            [Is silent] = 1, "✕ " & ${phrase({ en: 'NO DATA', es: 'SIN DATOS', pt: 'SEM DADOS' })},
            [Has left] = 1, "– " & ${phrase({ en: 'INACTIVE', es: 'INACTIVO', pt: 'INATIVO' })},
            "✓ OK"
        )
    )`,
    description: 'State of one client: its worst open alarm, no data, inactive for four weeks, or OK',
  },
  {
    name: 'Client colour',
    expression: `VAR OpenAlarms = FILTER ( Alarms, Alarms[Status] = "open" )
RETURN
    SWITCH (
        TRUE (),
${WORST_FIRST.map((severity) => `        ${isOpen(severity)}, "${EITHER[severity]}",`).join('\n')}
        [Is silent] = 1, "${EITHER.warning}",
        [Has left] = 1, "${EITHER.muted}",
        "${EITHER.ok}"
    )`,
    description: 'Colour of the state of a client, as a hexadecimal text',
  },
  {
    name: 'Is silent',
    expression: `VAR NewestOfAll = CALCULATE (${NEWEST_COMPLETE.replaceAll('\n', '\n    ')}, ALL ( Series ) )
VAR NewestHere =${NEWEST_COMPLETE}
VAR FeedIsSilent = ${SILENT_FEED}
RETURN
    IF ( ( ${SILENT_SERIES} ) || ( FeedIsSilent && [Has left] = 0 ), 1, 0 )`,
    description:
      '1 where a client has no data for three buckets to four weeks while others have, or nobody had at the time of the refresh',
    format: COUNT,
  },
  {
    name: 'Has left',
    expression: `VAR NewestOfAll = CALCULATE (${NEWEST_COMPLETE.replaceAll('\n', '\n    ')}, ALL ( Series ) )
VAR NewestHere =${NEWEST_COMPLETE}
RETURN
    IF ( ${LEFT_SERIES}, 1, 0 )`,
    description: '1 where a client has had no data for four weeks while others have: it has left, or has another name',
    format: COUNT,
  },
  {
    name: 'Urgency',
    expression: `VAR OpenAlarms = FILTER ( Alarms, Alarms[Status] = "open" )
VAR Level =
    SWITCH (
        TRUE (),
${WORST_FIRST.map((severity) => `        ${isOpen(severity)}, ${2 + SEVERITIES.indexOf(severity)},`).join('\n')}
        [Is silent] - [Has left]
    )
RETURN
    Level * 1000000000000 + [Lost in open alarms]`,
    description: 'Order of clients: the worst alarm first, then no data, then what is lost',
    format: COUNT,
  },
  {
    name: 'Urgency rank',
    expression: `VAR Own = [Urgency]
VAR OwnSeries = SELECTEDVALUE ( Series[Series] )
RETURN
    IF (
        NOT ISBLANK ( OwnSeries ),
        COUNTROWS (
            FILTER ( ALLSELECTED ( Series ), [Urgency] > Own || ( [Urgency] = Own && Series[Series] < OwnSeries ) )
        ) + 1
    )`,
    description: 'Place of a client among those in sight: 1 needs somebody first',
    format: COUNT,
  },
  {
    name: 'Money at risk',
    // Clients each by themselves: a group beside them would count them again. A minute more, since moments are fractions
    // that need not be equal to the last bit.
    expression: `VAR Clients = CALCULATETABLE ( VALUES ( Series[Series] ), Series[In total] = "Yes" )
RETURN
    SUMX (
        FILTER ( VALUES ( Series[Series] ), ISEMPTY ( Clients ) || Series[Series] IN Clients ),
        VAR HoursUnseen = CALCULATE ( MAX ( Series[Outage noticed hours] ) )
        VAR Newest = CALCULATE ( MAX ( Series[Newest bucket UTC] ) )
        RETURN
            CALCULATE (
                SUM ( Bands[Forecast] ),
                Bands[Bucket start UTC] > Newest && Bands[Bucket start UTC] < Newest + ( HoursUnseen * 60 + 1 ) / 1440,
                REMOVEFILTERS ( 'Date' )
            )
    )`,
    description: 'What a client is expected to bring until an outage that begins now would be noticed',
    format: MONEY,
  },
  {
    name: 'Last alarm',
    expression: 'CALCULATE ( MAX ( Alarms[Start] ), Alarms[Status] <> "withdrawn" )',
    description: 'Local start of the newest incident',
    format: 'ddd d mmm hh:nn',
  },
  {
    name: 'Alarm page',
    expression: `VAR OpenAlarms = FILTER ( Alarms, Alarms[Status] = "open" )
RETURN
    IF (
        HASONEVALUE ( Series[Series] ),
        MAXX (
            TOPN (
                1,
                OpenAlarms,
                SWITCH ( Alarms[Severity], ${WORST_FIRST.map((severity) => `"${severity}", ${1 + SEVERITIES.indexOf(severity)}`).join(', ')} ), DESC,
                ABS ( Alarms[Amount] ), DESC,
                Alarms[Id], ASC
            ),
            Alarms[Link]
        )
    )`,
    description: 'Page at the API of the worst open incident of a client; blank where none is open',
    category: 'WebUrl',
  },
  {
    name: 'Client line',
    expression: `SELECTEDVALUE ( Series[Series], ${phrase({
      en: 'Choose a client: right-click one on Now or Clients and drill through',
      es: 'Elija un cliente: clic derecho en Now o Clients y obtener detalles',
      pt: 'Escolha um cliente: clique com o botão direito em Now ou Clients e drill-through',
    })} )
    & IF ( HASONEVALUE ( Series[Series] ), " · " & [Client state] )`,
    description: 'Name and state of one client',
  },
  {
    name: 'Client promise',
    expression: 'SELECTEDVALUE ( Series[Promise] )',
    description: 'After how long an outage of one client would be noticed, in a sentence',
  },
  {
    name: 'Clients title',
    expression: `VAR ClientCount = COUNTROWS ( Series ) + 0
RETURN
    IF (
        ClientCount > 60,
        ClientCount & ${phrase({
          en: ' clients, more than there is room for panels: a table, alarmed ones first; all of them on the page Clients',
          es: ' clientes, más de los que caben en paneles: una tabla, primero los que tienen alarma; todos en la página Clientes',
          pt: ' clientes, mais do que cabe em painéis: uma tabela, primeiro os que têm alarme; todos na página Clientes',
        })},
        ${phrase({ en: 'Clients, alarmed ones first', es: 'Clientes, primero los que tienen alarma', pt: 'Clientes, primeiro os que têm alarme' })}
    )`,
    description: 'Title of the clients on the page Now; it says where there are too many for panels',
  },
];

/** What the page of clients says of each. */
export const CLIENT_MEASURES: readonly Measure[] = MEASURES.map((measure) => ({ ...measure, folder: 'Clients' }));
