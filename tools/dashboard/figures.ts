import { LIGHT } from '@tidemark/dashboard/testing/palette';
import { DAY_MS } from '@tidemark/shared/forecasting';
import { SEVERITIES, type Severity, WORST_FIRST } from '@tidemark/shared/vocabulary';
import { Moment } from './m/values.ts';
import { type Cell, msOf, type Row, type Tables } from './tables.ts';

/** The rows that a visual's filters, its categories and the page leave in sight. */
export interface Sight {
  readonly bands: readonly Row[];
  readonly alarms: readonly Row[];
  readonly series: readonly Row[];
  /** The tables without any filter on dates, for measures that look back from the newest bucket. */
  readonly allDates: { readonly bands: readonly Row[] };
  readonly figures: readonly Row[];
  readonly model: readonly Row[];
  /** Did somebody choose among the series outside the visual? */
  readonly choosing: boolean;
  readonly nowMs: number;
}

/** A choice of rows: by column of Series, of Alarms, or by date. */
export interface Choice {
  readonly series?: (row: Row) => boolean;
  readonly alarms?: (row: Row) => boolean;
  readonly date?: (ms: number) => boolean;
}

/** What is in sight of a choice; series filter bands and alarms, dates both, alarms nothing else. */
export function sightOf(tables: Tables, nowMs: number, { series, alarms, date }: Choice = {}): Sight {
  const { Bands = [], Alarms = [], Series = [], Figures = [], Model = [] } = tables;
  const chosen = series === undefined ? Series : Series.filter(series);
  const names = new Set(chosen.map((row) => row.Series));
  const ofSeries = (row: Row) => names.has(row.Series as Cell);
  const dated = (row: Row) => date === undefined || date(msOf(row.Date));
  const bands = Bands.filter(ofSeries);
  return {
    bands: bands.filter(dated),
    alarms: Alarms.filter((row) => ofSeries(row) && dated(row) && (alarms === undefined || alarms(row))),
    series: chosen,
    allDates: { bands },
    figures: Figures,
    model: Model,
    choosing: false,
    nowMs,
  };
}

const number = (cell: Cell | undefined) => (typeof cell === 'number' ? cell : 0);
const sum = (rows: readonly Row[], value: (row: Row) => number) => rows.reduce((total, row) => total + value(row), 0);
const ratio = (a: number, b: number) => (b === 0 ? null : a / b);
const judged = (rows: readonly Row[]) => rows.filter((row) => row.Score !== null);
const complete = (rows: readonly Row[]) => rows.filter((row) => row.State === 'observed' || row.State === 'zero');
const newest = (rows: readonly Row[], column: string) =>
  rows.reduce((latest, row) => Math.max(latest, msOf(row[column]) || 0), 0);
const open = (sight: Sight) => sight.alarms.filter((row) => row.Status === 'open');
const stepMinutes = ({ series }: Sight) => Math.max(...series.map((row) => number(row['Step minutes'])));

/** Rows of series that are not within a group in sight beside them: every client is counted once. */
function countedOnce(rows: readonly Row[], series: readonly Row[]): readonly Row[] {
  const chosen = new Set(series.map((row) => String(row.Series)));
  const counted = new Set(
    series.filter((row) => !groupsOf(row).some((group) => chosen.has(group))).map((row) => row.Series),
  );
  return rows.filter((row) => counted.has(row.Series ?? null));
}

const groupsOf = ({ Within }: Row) => (Within ? String(Within).split('; ') : []);

function total(column: string) {
  return ({ bands, series }: Sight) => {
    const known = countedOnce(bands, series).filter((row) => row[column] !== null);
    return known.length === 0 ? null : sum(known, (row) => number(row[column]));
  };
}

function limit(column: string) {
  return ({ bands, series }: Sight) =>
    series.length === 1 && bands.length === 1 ? ((bands[0] as Row)[column] as number | null) : null;
}

function incidentVolume(sign: 1 | -1) {
  return ({ alarms, series }: Sight) => {
    const oneSide = alarms.filter((row) => row.Status !== 'withdrawn' && sign * number(row.Volume) > 0);
    const around = (row: Row) => groupsOf(series.find((one) => one.Series === row.Series) ?? {});
    const counted = oneSide.filter((row) => {
      const groups = around(row);
      return !oneSide.some(
        (other) =>
          groups.includes(String(other.Series)) &&
          msOf(other['Start UTC']) < msOf(row['End UTC']) &&
          msOf(other['End UTC']) > msOf(row['Start UTC']),
      );
    });
    return sum(counted, (row) => sign * number(row.Volume));
  };
}

function coverage(rows: readonly Row[]) {
  const held = judged(rows);
  const inside = held.filter(
    (row) => number(row.Actual) >= number(row.Lower) && number(row.Actual) <= number(row.Upper),
  );
  return ratio(inside.length, held.length);
}

function coverageOfLast(days: number) {
  return ({ allDates }: Sight) => {
    const end = newest(judged(allDates.bands), 'Bucket start UTC');
    return coverage(allDates.bands.filter((row) => msOf(row['Bucket start UTC']) > end - days * DAY_MS));
  };
}

function hoursSinceData(sight: Sight) {
  const latest = newest(complete(sight.allDates.bands), 'Bucket start UTC');
  return latest === 0 ? null : (sight.nowMs - latest) / 3_600_000 - stepMinutes(sight) / 60;
}

function newestData(sight: Sight): Cell {
  const known = complete(sight.allDates.bands);
  const end = newest(known, 'Bucket start UTC');
  const shown = newest(
    known.filter((row) => msOf(row['Bucket start UTC']) === end),
    'Bucket start',
  );
  return end === 0 ? null : new Moment('datetime', shown + stepMinutes(sight) * 60_000);
}

const rank = (severity: Cell | undefined) => SEVERITIES.indexOf(severity as Severity);

const SILENT_BUCKETS = 3;
const limitHours = (sight: Sight) => (SILENT_BUCKETS * stepMinutes(sight)) / 60;

function silentSeries(sight: Sight): number {
  const known = complete(sight.allDates.bands);
  const end = newest(known, 'Bucket start UTC') - SILENT_BUCKETS * stepMinutes(sight) * 60_000;
  return sight.series.filter((one) => {
    const own = known.filter((row) => row.Series === one.Series);
    return newest(own, 'Bucket start UTC') < end;
  }).length;
}

/** What is wrong with the data; `null` where nothing is. */
function feedTrouble(sight: Sight): string | null {
  const hours = hoursSinceData(sight);
  if (hours === null) return 'NO DATA';
  const stamp = (ms: number) => formatted(ms, 'ddd d mmm hh:nn');
  const refreshed = msOf(sight.figures[0]?.['Refreshed at UTC']);
  const old = (sight.nowMs - refreshed) / 3_600_000;
  const silent = silentSeries(sight);
  if (hours - old > limitHours(sight)) return `NO DATA SINCE ${stamp(msOf(newestData(sight)))}`;
  if (silent > 0) return `${silent} SERIES WITHOUT DATA`;
  return old > limitHours(sight) ? `REPORT NOT REFRESHED SINCE ${stamp(refreshed)} UTC` : null;
}

function status(sight: Sight) {
  const trouble = feedTrouble(sight);
  const [worst] = open(sight).toSorted(
    (a, b) => rank(b.Severity) - rank(a.Severity) || msOf(a['Start UTC']) - msOf(b['Start UTC']),
  );
  if (worst === undefined) return trouble ?? 'OK · no open incident';
  const inStorms = open(sight).filter(({ Storm }) => (Storm ?? null) !== null);
  const storms = inStorms.length === 0 ? '' : stormText(inStorms);
  const after = trouble === null ? '' : ` · ${trouble}`;
  const more = open(sight).length - inStorms.length - (inStorms.includes(worst) ? 0 : 1);
  const others = more > 0 ? ` · ${more} more` : '';
  if (inStorms.includes(worst)) {
    const began = Math.min(...inStorms.map(({ Start }) => msOf(Start)));
    return `ALARM · ${storms} since ${formatted(began, 'ddd hh:nn')}${others}${after}`;
  }
  const side = worst.Direction === 'low' ? ' below minimum' : ' above maximum';
  const since = formatted(msOf(worst.Start), 'ddd hh:nn');
  return `ALARM · ${worst.Series}${side} since ${since}${storms === '' ? '' : ` · ${storms}`}${others}${after}`;
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;
const stormsOf = (alarms: readonly Row[]) => new Set(alarms.flatMap(({ Storm }) => Storm ?? [])).size;

/** Incidents of storms in a few words: how many storms, of how many clients, what they moved. */
function stormText(inStorms: readonly Row[]): string {
  const volume = sum(inStorms, (row) => number(row.Volume));
  const size = Math.abs(volume);
  const thousands = size >= 1_000 ? `${Math.round(size / 1_000)}K` : String(Math.round(size));
  const amount = size >= 999_500 ? `${(size / 1e6).toFixed(1)}M` : thousands;
  const clients = new Set(inStorms.map(({ Series }) => Series)).size;
  return `${counted(stormsOf(inStorms), 'storm')} · ${counted(clients, 'client')} · ${volume < 0 ? '−' : '+'}${amount}`;
}

/** Open incidents, those of one storm counted as one. */
function activeAlarms(sight: Sight): number {
  return open(sight).filter(({ Storm }) => (Storm ?? null) === null).length + stormsOf(open(sight));
}

function statusColour(sight: Sight) {
  if (open(sight).some((row) => row.Severity === 'critical')) return LIGHT.critical;
  if (open(sight).length > 0) return LIGHT.warning;
  const hours = hoursSinceData(sight);
  const dated = hours === null || hours > limitHours(sight) || silentSeries(sight) > 0;
  return dated ? LIGHT.warning : LIGHT.ok;
}

const both = (rows: readonly Row[]) => rows.filter((row) => row.Actual !== null && row.Forecast !== null);
const deviation = (rows: readonly Row[]) => sum(both(rows), (row) => number(row.Actual) - number(row.Forecast));
const deviationShare = (rows: readonly Row[]) =>
  ratio(deviation(rows), Math.abs(sum(both(rows), (row) => number(row.Forecast))));
const incidents = (sight: Sight) => sight.alarms.filter((row) => row.Status !== 'withdrawn').length;
const only = (rows: readonly Row[], column: string) => {
  const values = new Set(rows.map((row) => row[column] ?? null));
  return values.size === 1 ? ([...values][0] as Cell) : null;
};

/**
 * What each measure of the model comes to. Power BI computes the DAX; this says the same in TypeScript, for pictures of
 * the pages and to hold the API's rows against.
 */
export const FIGURES: Readonly<Record<string, (sight: Sight) => Cell>> = {
  Actual: total('Actual'),
  Forecast: total('Forecast'),
  Min: limit('Lower'),
  Max: limit('Upper'),
  Deviation: ({ bands, series }) => deviation(countedOnce(bands, series)),
  'Deviation %': ({ bands, series }) => deviationShare(countedOnce(bands, series)),
  'Active alarms': activeAlarms,
  Incidents: incidents,
  'Lost volume': incidentVolume(-1),
  'Excess volume': incidentVolume(1),
  'Deviation 24 h %': ({ allDates, series }) => {
    const known = complete(countedOnce(allDates.bands, series));
    const end = newest(known, 'Bucket start UTC');
    return deviationShare(known.filter((row) => msOf(row['Bucket start UTC']) > end - DAY_MS));
  },
  'Lost in open alarms': (sight) => incidentVolume(-1)({ ...sight, alarms: open(sight) }),
  'Severity colour': ({ alarms }) => {
    const worst = WORST_FIRST.find((severity) => alarms.some((row) => row.Severity === severity));
    return worst === undefined ? null : LIGHT[worst];
  },
  'Alarms per series-week': (sight) =>
    ratio(incidents(sight), (judged(sight.bands).length * stepMinutes(sight)) / 10_080),
  'False-alarm rate': ({ alarms }) =>
    ratio(alarms.filter((row) => row.Label === 'normal').length, alarms.filter((row) => row.Label !== null).length),
  'Bucket severity': ({ bands }) =>
    WORST_FIRST.find((severity) => bands.some((row) => row.Severity === severity)) ?? null,
  'Judged buckets': ({ bands }) => judged(bands).length,
  'Observed coverage': ({ bands }) => coverage(bands),
  'Coverage 7 d': coverageOfLast(7),
  'Coverage 28 d': coverageOfLast(28),
  'Nominal coverage': ({ bands }) => {
    const known = bands.filter((row) => row.Coverage !== null);
    return ratio(
      sum(known, (row) => number(row.Coverage)),
      known.length,
    );
  },
  'Band width %': ({ bands }) =>
    ratio(
      sum(judged(bands), (row) => number(row.Upper) - number(row.Lower)),
      sum(judged(bands), (row) => Math.abs(number(row.Forecast))),
    ),
  'Model version': ({ bands }) => {
    const latest = newest(bands, 'Origin UTC');
    return bands.find((row) => msOf(row['Origin UTC']) === latest)?.['Model version'] ?? null;
  },
  'Model text': ({ model }) =>
    model
      .toSorted((a, b) => number(a.Chunk) - number(b.Chunk))
      .map(({ Text }) => Text)
      .join(''),
  'Newest data': newestData,
  'Hours since last data': hoursSinceData,
  'Silent series': silentSeries,
  Status: status,
  'Status colour': statusColour,
  'Shown at first': ({ series, choosing }) => (choosing || series.every((row) => row.Headline === 'Yes') ? 1 : 0),
  'Bucket state': ({ bands }) => only(bands, 'State'),
  'Bucket fan': ({ bands }) => only(bands, 'Fan'),
  'Bucket reason': ({ bands }) => only(bands, 'Reason'),
  'Alarm rules in force': ({ series }) => series[0]?.['Alarm rules'] ?? null,
  'Last refresh': ({ figures }) => figures[0]?.['Refreshed at UTC'] ?? null,
};

/** A date by the letters of a model format string. */
export function formatted(ms: number, format: string): string {
  const date = new Date(ms);
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' }).format(date);
  const two = (value: number) => String(value).padStart(2, '0');
  const parts: Record<string, string> = {
    yyyy: String(date.getUTCFullYear()),
    mmm: part({ month: 'short' }),
    mm: two(date.getUTCMonth() + 1),
    ddd: part({ weekday: 'short' }),
    dd: two(date.getUTCDate()),
    d: String(date.getUTCDate()),
    hh: two(date.getUTCHours()),
    nn: two(date.getUTCMinutes()),
  };
  return format.replace(/yyyy|mmm|mm|ddd|dd|d|hh|nn/g, (letters) => parts[letters] as string);
}
