import type { AlarmRules } from '@tidemark/shared/detection';
import { DAY_MS, type Fan } from '@tidemark/shared/forecasting';
import { type NamedDays, parseEvents } from './events.ts';
import { grainFault } from './grain-fault.ts';
import { type JudgedSeries, judgeSeries, type Point, rulesOf } from './judged.ts';
import { type Interval, parseWindows } from './maintenance.ts';
import { type SoFar, soFarOf } from './open-bucket.ts';
import { drawsServed, type Options } from './options.ts';
import { type ReferenceLine, referencesOf } from './references.ts';
import type { RowSeries, Rows } from './rows.ts';
import { type Sensitivity, sensitivityOf, withCoverage } from './sensitivity.ts';
import { type Status, statusOf, urgency } from './status.ts';
import { distinct, type Phrase } from './words.ts';

/** Where the limits on the picture come from. */
export type LimitSource = 'rows' | 'fans' | 'model' | 'packaged-model' | 'none';

/** One series with its own plot. */
export interface Panel {
  readonly series: JudgedSeries;
  readonly status: Status;
  /** End of the newest complete bucket; `null` without one. */
  readonly now: number | null;
  /** The bucket still open; `null` without one. */
  readonly soFar: SoFar | null;
  /** Lines from measures. */
  readonly references: readonly ReferenceLine[];
  /** Where there are limits but not enough memory to judge by them; `null` for nowhere. */
  readonly learning: Interval | null;
}

/** All that is drawn, before any pixel. */
export interface ViewModel {
  /** `landing`: no field is bound; `empty`: fields but no rows; `chart`: something to draw. */
  readonly stage: 'landing' | 'empty' | 'chart';
  readonly panels: readonly Panel[];
  /** First and last instant of all panels, the last bucket's end included. */
  readonly domain: readonly [number, number];
  readonly source: LimitSource;
  /** Nominal coverage of the limits, where they are made here; `null` for limits as served. */
  readonly coverage: number | null;
  /** What readers can do about that coverage; `null` where the author does not offer it. */
  readonly sensitivity: Sensitivity | null;
  readonly notices: readonly Phrase[];
  readonly windows: readonly Interval[];
  /** Days the author has named. */
  readonly events: readonly NamedDays[];
  /** Largest absolute value drawn. */
  readonly largest: number;
  readonly highlighting: boolean;
  readonly measure: string;
  readonly format: string | null;
}

/** Fans for the rows of each series, or why there are none. */
export interface Forecasts {
  readonly source: LimitSource;
  /** Per series, per row. */
  readonly fans: readonly (readonly (Fan | null)[])[];
  /** The series with rows for future buckets the model has added. */
  readonly series: readonly RowSeries[];
  /** What the service judges by, as the bound model text says it; the usual rules where nobody does. */
  readonly rules: AlarmRules;
  readonly notices: readonly Phrase[];
  /** Special days the model knows of, on the clock of the rows; absent where no model is run. */
  readonly days?: readonly NamedDays[];
  /** Per series, from which row on it is judged, and why not; absent where all rows are. */
  readonly judgements?: readonly Judgement[];
  /** Is a model still to be run on some of the series? */
  readonly pending?: boolean;
}

/** Which rows of a series are judged. */
export interface Judgement {
  /** Time of the first row that is. */
  readonly judgedFrom: number;
  /** Why the newest rows are not; `null` where they are. */
  readonly reason: Phrase | null;
}

/**
 * The picture of some rows: pure, so that the same rows and options always draw the same.
 * @param now the present, in ms
 * @param coverage what a reader has chosen; `null` for the author's
 */
export function buildViewModel(
  rows: Rows,
  forecasts: Forecasts,
  set: Options,
  { now, coverage = null }: { readonly now: number; readonly coverage?: number | null },
): ViewModel {
  const options = withCoverage(set, coverage);
  const shown = forecasts.series.map((series, k) => withinHorizon(series, forecasts.fans[k] ?? [], options.future));
  const domain = domainOf(shown.map(({ series }) => series));
  const { windows, unread } = parseWindows(options.maintenance.windows, domain[0], domain[1]);
  const served = drawsServed(options, rows.bound);
  const muted = options.maintenance.mute ? windows : [];
  const { staleAfter } = options.freshness;
  const reasons: Phrase[] = [];
  const panels = shown.map(({ series, fans }, k) => {
    const { judgedFrom, reason } = judgementOf(rows, forecasts, served, k);
    const drawn = judgeSeries(series, fans, options, {
      served,
      mutedWhen: muted,
      service: forecasts.rules,
      judgedFrom,
    });
    const foreign = served || reason !== null ? null : grainFault(drawn.points);
    const judged = foreign === null ? drawn : withoutVerdicts(drawn);
    const why = reason ?? foreign;
    // How far the model has come is said in the header alone: a sentence more would move the chart.
    if (why !== null && forecasts.pending !== true) reasons.push(why);
    return {
      series: judged,
      status: statusOf(judged, { now, staleMs: staleAfter * judged.stepMs, reason: why }),
      now: nowOf(judged),
      soFar: soFarOf(judged.points, judged.stepMs, now),
      references: referencesOf(series),
      learning: learningOf(judged, forecasts.judgements?.[k]?.judgedFrom ?? Number.NEGATIVE_INFINITY),
    };
  });
  // Panels stay where they are until the last of them is judged.
  if (options.multiples.alarmedFirst && forecasts.pending !== true) panels.sort(moreUrgent);
  const notices: Phrase[] = [...forecasts.notices];
  const faults = rows.faults.map(({ phrase }) => phrase);
  notices.unshift(...distinct([...faults, ...reasons]));
  if (unread.length > 0) notices.push({ key: 'Notice_UnreadWindows', values: [unread.join('; ')] });
  const { events, unread: unreadDays } = parseEvents(options.events.named);
  if (unreadDays.length > 0) notices.push({ key: 'Notice_UnreadEvents', values: [unreadDays.join('; ')] });
  if (!rows.bound.has('actual')) notices.push({ key: 'Hint_BindActual' });
  notices.push(...settingNotices(options));
  const stage = rows.bound.size === 0 ? 'landing' : panels.length === 0 ? 'empty' : 'chart';
  return {
    stage,
    panels,
    domain,
    source: forecasts.source,
    coverage:
      served || forecasts.source === 'rows' || forecasts.source === 'none'
        ? null
        : rulesOf(options, served, forecasts.rules).coverage,
    sensitivity: sensitivityOf(rows, forecasts, set, coverage),
    notices,
    windows,
    events: options.events.model ? withModelDays(events, forecasts.days ?? []) : events,
    largest: largestOf(panels),
    highlighting: rows.highlighting,
    measure: rows.measure,
    format: rows.format,
  };
}

/** The author's days and the model's; of a day both name, the author's. */
function withModelDays(own: readonly NamedDays[], days: readonly NamedDays[]): NamedDays[] {
  const others = days.filter((day) => !own.some(({ from, to }) => from < day.to && to > day.from));
  return [...own, ...others].sort((a, b) => a.from - b.from);
}

/** Rows that are wrong by construction are not judged; else it depends on how much the model remembers. */
function judgementOf({ faults }: Rows, { judgements }: Forecasts, served: boolean, k: number): Judgement {
  const fault = faults.find(({ blocks, onlyServed }) => blocks && (served || onlyServed !== true));
  const judgement = judgements?.[k] ?? { judgedFrom: Number.NEGATIVE_INFINITY, reason: null };
  if (fault === undefined) return judgement;
  return { judgedFrom: served ? judgement.judgedFrom : Number.POSITIVE_INFINITY, reason: fault.phrase };
}

function withoutVerdicts(series: JudgedSeries): JudgedSeries {
  const points = series.points.map((point) => ({ ...point, direction: null, severity: null, reason: null }));
  return { ...series, points, incidents: [] };
}

/** Where limits are drawn before there is memory enough to judge by them. */
function learningOf({ points, stepMs }: JudgedSeries, judgedFrom: number): Interval | null {
  const first = points.find((point) => point.lower !== null || point.upper !== null);
  const end = Math.min(judgedFrom, (points.findLast((point) => point.state !== 'future')?.time ?? 0) + stepMs);
  return first === undefined || first.time >= end ? null : { from: first.time, to: end };
}

/** Settings that cannot do what their names say, in sentences. */
function settingNotices({ axes, reference }: Options): Phrase[] {
  const { minimum, maximum } = axes;
  const isRefused = minimum !== null && maximum !== null && minimum >= maximum;
  return [
    ...(isRefused ? [{ key: 'Notice_AxisRange', values: [String(minimum), String(maximum)] }] : []),
    ...(reference.show && reference.value === null ? [{ key: 'Notice_ReferenceValue' }] : []),
  ];
}

/** In alarm now, the deepest first; then by the last alarm, then by volume. */
function moreUrgent(one: Panel, other: Panel): number {
  const last = ({ series }: Panel) => series.incidents.at(-1)?.startTime ?? 0;
  const volume = ({ series }: Panel) => series.points.reduce((sum, point) => sum + Math.abs(point.actual ?? 0), 0);
  return urgency(other.status) - urgency(one.status) || last(other) - last(one) || volume(other) - volume(one);
}

function withinHorizon(series: RowSeries, fans: readonly (Fan | null)[], future: Options['future']) {
  const first = series.rows.findIndex((row) => row.state === 'future');
  if (first === -1 || (future.show && future.buckets === 0)) return { series, fans };
  const end = future.show ? first + future.buckets : first;
  return { series: { ...series, rows: series.rows.slice(0, end) }, fans: fans.slice(0, end) };
}

function domainOf(series: readonly RowSeries[]): readonly [number, number] {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const { rows, stepMs } of series) {
    const first = rows[0];
    const last = rows.at(-1);
    if (first === undefined || last === undefined) continue;
    from = Math.min(from, first.time);
    to = Math.max(to, last.time + (last.state === 'future' ? 0 : (stepMs ?? 0)));
  }
  if (from < to) return [from, to];
  // A single row stands in the middle of a day.
  return from === to ? [from - DAY_MS / 2, from + DAY_MS / 2] : [0, 1];
}

function nowOf(series: JudgedSeries): number | null {
  const known = series.points.findLast((point: Point) => point.state !== 'future' && point.state !== 'open');
  return known === undefined ? null : known.time + series.stepMs;
}

/** Length of the shortest buckets, in ms. */
export function stepOf({ panels }: ViewModel): number {
  return Math.min(...panels.map(({ series }) => series.stepMs));
}

function largestOf(panels: readonly Panel[]): number {
  let largest = 0;
  for (const { series } of panels) {
    for (const { actual, forecast, upper } of series.points) {
      if (actual !== null && Math.abs(actual) > largest) largest = Math.abs(actual);
      if (forecast !== null && Math.abs(forecast) > largest) largest = Math.abs(forecast);
      if (upper !== null && Math.abs(upper) > largest) largest = Math.abs(upper);
    }
  }
  return largest;
}
