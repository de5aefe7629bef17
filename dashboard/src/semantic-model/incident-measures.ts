import { countedIncidents } from './counted-incidents.ts';
import type { Measure } from './types.ts';
import { inLocale, phrase } from './words.ts';

const MONEY = '#,0';

/** Sums of what incidents' money is made of, in the order of the parts; the rest is what they leave. */
const SUMS = ['Money attempts', 'Money approval', 'Money ticket', 'Money refunds'].map(
  (name) => `SUMX ( Counted, Alarms[${name}] )`,
);
const ALL_MONEY = 'SUMX ( Counted, Alarms[Amount] )';

/** DAX of a measure over the incidents of the same series that began before the ones in sight, by the date in sight. */
function earlier(measure: string): string {
  return `VAR SeriesHere = CALCULATETABLE ( VALUES ( Alarms[Series] ), REMOVEFILTERS ( 'Date' ) )
VAR Began = CALCULATE ( MIN ( Alarms[Start UTC] ), REMOVEFILTERS ( 'Date' ) )
RETURN
    CALCULATE (
        ${measure},
        REMOVEFILTERS ( Alarms[Incident] ),
        SeriesHere,
        Alarms[Start UTC] < Began,
        Alarms[Status] <> "withdrawn"
    )`;
}

/** An expression of several lines as an argument: a step further in. */
const inner = (expression: string) => expression.replaceAll('\n', '\n    ');

/** What the page of one incident says. */
export const INCIDENT_MEASURES: readonly Measure[] = [
  {
    name: 'Incident title',
    expression: `IF (
        HASONEVALUE ( Alarms[Incident] ),
        SELECTEDVALUE ( Alarms[Alarm] ) & " · "
            & IF ( [Lost volume] >= [Excess volume],
                ${inLocale('[Lost volume]', '#,0')} & ${phrase({ en: ' lost', es: ' perdido', pt: ' perdido' })},
                ${inLocale('[Excess volume]', '#,0')} & ${phrase({ en: ' in excess', es: ' de exceso', pt: ' de excesso' })} )
            & " · " & ${inLocale('MIN ( Alarms[Start] )', 'ddd d mmm hh:nn')} & " – "
            & IF (
                "open" IN VALUES ( Alarms[Status] ),
                ${phrase({ en: 'goes on', es: 'sigue abierto', pt: 'continua aberto' })},
                ${inLocale('MAX ( Alarms[End] )', 'ddd d mmm hh:nn')}
            ),
        ${phrase({
          en: 'Choose an incident: right-click one on Now or History and drill through',
          es: 'Elija un incidente: clic derecho en Now o History y obtener detalles',
          pt: 'Escolha um incidente: clique com o botão direito em Now ou History e drill-through',
        })}
    )`,
    description: 'Whose incident it is, what it cost and how long it lasted',
  },
  {
    name: 'Incident sentence',
    expression: `VAR Told = TOPN ( 1, FILTER ( Alarms, NOT ISBLANK ( Alarms[Sentence] ) ), Alarms[Amount], ASC, Alarms[Id], ASC )
RETURN
    IF ( HASONEVALUE ( Alarms[Incident] ), MAXX ( Told, Alarms[Sentence] & IF ( NOT ISBLANK ( Alarms[Where] ), " · " & Alarms[Where] ) ) )`,
    description: 'What happened and where it lies, in a sentence; of a storm, of the series that lost most',
  },
  {
    name: 'Incident link',
    expression:
      'IF ( HASONEVALUE ( Alarms[Incident] ), MAXX ( TOPN ( 1, Alarms, Alarms[Amount], ASC, Alarms[Id], ASC ), Alarms[Link] ) )',
    description: 'Page of the incident at the API, where people acknowledge and label it',
  },
  {
    name: 'Incident id',
    expression: 'SELECTEDVALUE ( Alarms[Id] )',
    description: 'Identity of the one incident in sight, for a button that acknowledges it',
  },
  {
    name: 'Near incident',
    expression: `VAR FromHere = MIN ( Alarms[Start UTC] ) - 2
VAR ToHere = MAX ( Alarms[End UTC] ) + 1
RETURN
    IF (
        NOT ISEMPTY ( Alarms )
            && MIN ( Bands[Bucket start UTC] ) >= FromHere && MIN ( Bands[Bucket start UTC] ) <= ToHere,
        1,
        0
    )`,
    description: '1 for buckets of the series of an incident from two days before it to a day after it',
    format: '0',
  },
  {
    name: 'Week before',
    // The same clock time; through a change of the clocks, when no bucket begins at it, the same hour of UTC. Filters of
    // Bands are those of its series, date and hour, too: the series is put back.
    expression: `VAR SeriesOfIncident = CALCULATE ( DISTINCTCOUNTNOBLANK ( Alarms[Series] ), REMOVEFILTERS ( Series ) )
VAR HereLocal = MIN ( Bands[Bucket start] ) - 7
VAR HereUtc = MIN ( Bands[Bucket start UTC] ) - 7
VAR Minute = 1 / 1440
VAR ByClock =
    CALCULATE (
        SUM ( Bands[Actual] ),
        REMOVEFILTERS ( Bands ),
        VALUES ( Series[Series] ),
        Bands[Bucket start] > HereLocal - Minute && Bands[Bucket start] < HereLocal + Minute
    )
VAR ByInstant =
    CALCULATE (
        SUM ( Bands[Actual] ),
        REMOVEFILTERS ( Bands ),
        VALUES ( Series[Series] ),
        Bands[Bucket start UTC] > HereUtc - Minute && Bands[Bucket start UTC] < HereUtc + Minute
    )
RETURN
    IF ( SeriesOfIncident = 1 && HASONEVALUE ( Series[Series] ), COALESCE ( ByClock, ByInstant ) )`,
    description:
      'What came in a week before at the same time of the business’s own clock, around an incident of one series',
    format: '#,0',
  },
  {
    name: 'Money of part',
    // Of a storm, a client beside its group is not counted again: the side is the one of what it is made of in all.
    expression: `VAR Falls = SUM ( Alarms[Amount] ) < 0
${countedIncidents('( Alarms[Amount] < 0 ) = Falls')}
RETURN
    SWITCH (
        SELECTEDVALUE ( 'Money part'[Part order] ),
${SUMS.map((sum, k) => `        ${k + 1}, ${sum}`).join(',\n')},
        ${SUMS.length + 1}, ROUND ( ${ALL_MONEY}${SUMS.map((sum) => ` - ${sum}`).join('')}, 2 ) + 0,
        ${ALL_MONEY}
    )`,
    description:
      'Net money of incidents by what made it: attempts, approval, ticket, refunds; the rest is not told apart',
    format: MONEY,
  },
  {
    name: 'Members that moved',
    expression: `VAR Ids = VALUES ( Alarms[Id] )
VAR Moved = FILTER ( CALCULATETABLE ( Contributors, REMOVEFILTERS ( Series ) ), Contributors[Id] IN Ids )
RETURN
    CONCATENATEX (
        TOPN ( 5, Moved, ABS ( Contributors[Volume] ), DESC ),
        Contributors[Series] & " " & ${inLocale('Contributors[Volume]', '#,0;-#,0')},
        "; ",
        ABS ( Contributors[Volume] ), DESC
    )`,
    description: 'Of an incident of a group, the members that moved most with it, of those the person may see',
  },
  {
    name: 'Earlier incidents',
    expression: earlier('COUNTROWS ( Alarms )'),
    description: 'Incidents of the same series that began before the one in sight, by date',
    format: '0',
  },
  {
    name: 'Earlier lost',
    expression: `IF ( NOT ISBLANK ( [Earlier incidents] ), ${inner(earlier('[Lost volume]'))} )`,
    description: 'What they lost',
    format: MONEY,
  },
  {
    name: 'Earlier excess',
    expression: `IF ( NOT ISBLANK ( [Earlier incidents] ), ${inner(earlier('[Excess volume]'))} )`,
    description: 'What they brought beyond what was expected',
    format: MONEY,
  },
  {
    name: 'Earlier label',
    expression: `IF ( NOT ISBLANK ( [Earlier incidents] ), ${inner(earlier('CONCATENATEX ( VALUES ( Alarms[Label] ), Alarms[Label], " " )'))} )`,
    description: 'What people said of them',
  },
].map((measure) => ({ ...measure, folder: 'Incident' }));
