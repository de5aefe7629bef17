import { nameInText } from '@tidemark/shared/contract/name-in-text';
import { DAY_MS } from '@tidemark/shared/forecasting';
import type { Formats } from './format.ts';
import type { DrawnIncident, Point } from './judged.ts';
import { lossOf } from './loss.ts';
import { crossing, isDistant, type Status, urgency } from './status.ts';
import type { Panel, ViewModel } from './view-model.ts';
import { sentenceOf, type Translate } from './words.ts';

/** What the header says: a word to be read across a room, and what it rests on. */
export interface Headline {
  readonly word: string;
  /** The same in fewer and fewer words; none is empty but the last. */
  readonly details: readonly string[];
  /** How many of several series are so; empty of one, and where all is quiet. */
  readonly counted: string;
  /** Whose colour and sign it wears. */
  readonly status: Status;
}

/** The headline over all panels: the most urgent one speaks, and says how many there are. */
export function headlineOf(view: ViewModel, formats: Formats, translate: Translate): Headline {
  const first = view.panels[0];
  if (first === undefined)
    return { word: translate('Status_empty'), details: [''], counted: '', status: { kind: 'empty' } };
  const worst = view.panels.reduce((one, other) => (urgency(other.status) > urgency(one.status) ? other : one));
  const { word, details } = statusWords(worst, formats, translate);
  const { status } = worst;
  if (view.panels.length === 1) return { word, details, counted: '', status };
  const isQuiet = status.kind === 'ok' || (status.kind === 'unjudged' && status.reason === null);
  if (isQuiet) {
    return { word, details: [translate('Header_AllSeries', String(view.panels.length))], counted: '', status };
  }
  const alike = view.panels.filter((panel) => panel.status.kind === status.kind).length;
  const counted = translate('Header_OfSeries', String(alike), String(view.panels.length));
  const dead = status.kind === 'alarm' ? view.panels.filter((panel) => panel.status.kind === 'no-data').length : 0;
  const silent = dead === 0 ? '' : ` · ${translate('Header_SeriesWithoutData', String(dead))}`;
  const withName = (name: string) => details.map((detail) => `${counted} · ${nameInText(name)} ${detail}`);
  const named = withName(worst.series.name);
  const shorter = withName(shortName(worst.series.name));
  return {
    word,
    details: [...named.map((detail) => detail + silent), ...named, ...shorter, counted, ''],
    counted,
    status,
  };
}

/** Longest name that the words of several series hold whole, in characters. */
const LONGEST_NAME = 20;

/** A name as a line of words has room for it: names that begin alike often differ at the end, which stays. */
function shortName(name: string): string {
  const letters = [...name];
  if (letters.length <= LONGEST_NAME) return name;
  const [begin, end] = [letters.slice(0, 10).join(''), letters.slice(-9).join('')];
  return `${begin.trimEnd()}…${end.trimStart()}`;
}

/** A status in words. */
export interface StatusWords {
  readonly word: string;
  /** What it rests on, the same in fewer and fewer words; the last may be empty. */
  readonly details: readonly string[];
}

/** The status of one panel in words. */
export function statusWords(panel: Panel, formats: Formats, translate: Translate): StatusWords {
  const { status } = panel;
  const newest = panel.now ?? 0;
  switch (status.kind) {
    case 'alarm':
      return { word: translate(`Status_${status.severity}`), details: alarmWords(panel, status, formats, translate) };
    case 'no-data': {
      const since = translate('Header_Since', formats.instant(status.since));
      const length = status.age === null ? '' : translate('Header_For', formats.duration(status.age));
      const details = length === '' ? [since, ''] : [`${length} · ${since}`, length, ''];
      return { word: translate('Status_noData'), details };
    }
    case 'ok': {
      const asOf = translate('Header_AsOf', formats.instant(newest));
      const soFar = soFarWords(panel, formats, translate);
      const more = [soFar || todayWords(panel, formats, translate), nextMinimumWords(panel, formats, translate)].filter(
        Boolean,
      );
      const longer = more.map((_, k) => [asOf, ...more.slice(0, k + 1)].join(' · ')).reverse();
      return { word: translate('Status_ok'), details: [...longer, asOf, ''] };
    }
    case 'unjudged': {
      const value = status.value === null ? '' : formats.short(status.value);
      const asOf = `${value} ${translate('Header_AsOf', formats.instant(newest))}`;
      if (status.value === null && status.reason !== null) {
        return { word: translate('Status_unjudged'), details: [sentenceOf(status.reason, translate), ''] };
      }
      if (status.reason === null) return { word: '', details: [asOf, value] };
      return { word: translate('Status_unjudged'), details: [sentenceOf(status.reason, translate), asOf, value, ''] };
    }
    case 'empty':
      return { word: translate('Status_empty'), details: [''] };
  }
}

/** What the open bucket holds so far beside what it should hold by now; empty without an open bucket. */
function soFarWords({ soFar }: Panel, formats: Formats, translate: Translate): string {
  if (soFar === null) return '';
  const actual = formats.short(soFar.actual);
  if (soFar.expected === null) return translate('SoFar', actual);
  return translate('SoFar_Expected', actual, formats.short(soFar.expected));
}

/** What the day of the newest bucket has brought so far beside what was expected of the same buckets; empty for whole days. */
function todayWords({ series, now }: Panel, formats: Formats, translate: Translate): string {
  if (now === null || series.stepMs >= DAY_MS) return '';
  const from = Math.floor(now / DAY_MS) * DAY_MS;
  let [actual, expected] = [0, 0];
  for (let k = series.points.length - 1; k >= 0; k--) {
    const point = series.points[k] as Point;
    if (point.time < from) break;
    if (point.time >= now || point.actual === null) continue;
    if (point.forecast === null) return '';
    actual += point.actual;
    expected += point.forecast;
  }
  return expected === 0 ? '' : translate('Header_Today', formats.short(actual), formats.short(expected));
}

/** Below what the bucket that comes next would be under its minimum; empty where no limit is known. */
function nextMinimumWords({ series, now }: Panel, formats: Formats, translate: Translate): string {
  if (now === null) return '';
  const next = series.points.findLast(({ time }) => time === now);
  return next?.lower === null || next === undefined ? '' : translate('Header_NextMinimum', formats.short(next.lower));
}

type Alarm = Extract<Status, { kind: 'alarm' }>;

/** How far outside now, since when, and what that came to; share and money are both measured from the limit. */
function alarmWords(panel: Panel, status: Alarm, formats: Formats, translate: Translate): string[] {
  const side = status.direction === 'low' ? 'BelowMinimum' : 'AboveMaximum';
  const amount = amountOf(status, formats);
  const since = formats.near(status.since, (panel.now ?? 0) - 1);
  const now = translate(`Header_${side}`, amount, since);
  const [lost, full] = lossWords(panel, status.incident, formats, translate);
  const sign = status.direction === 'low' ? '−' : '+';
  const began = translate('Header_Since', since);
  if (status.reason !== undefined) {
    const told = `${status.reason} · ${began}`;
    return [inOneLine(told, lost), told, status.reason, lost, ''];
  }
  if (!isDistant(status)) return [inOneLine(began, lost), began, lost, ''];
  return [inOneLine(now, full), inOneLine(now, lost), inOneLine(`${sign}${amount}`, lost), lost, `${sign}${amount}`];
}

/** Why a bucket alarms, as far as it is said, and how far beyond its limit it is, or from its forecast where it lies inside. */
export function pointAlarmWords(
  point: Point,
  formats: Formats,
  translate: Translate,
  format: string | null = null,
): string[] {
  const outside = crossing(point);
  const { share, distance, direction } = outside;
  const amount = share === null ? formats.full(distance, format) : formats.percent(share);
  const beyond = translate(direction === 'low' ? 'Tooltip_Below' : 'Tooltip_Above', amount);
  if (point.reason) return isDistant(outside) ? [point.reason, beyond] : [point.reason];
  if (isDistant(outside)) return [beyond];
  const missed = (point.actual ?? 0) - (point.forecast ?? point.actual ?? 0);
  if (missed === 0) return [];
  return [translate(missed < 0 ? 'Lost_Forecast' : 'Excess_Forecast', formats.full(Math.abs(missed), format))];
}

/** A distance from a limit as a share of it, or as money where the limit has no share. */
export function amountOf(outside: Pick<Alarm, 'share' | 'distance'>, formats: Formats): string {
  const { share, distance } = outside;
  return share === null || share > 9.99 ? formats.short(distance) : formats.percent(share);
}

/** What an incident came to, in short and with both references named; empty where nothing is known. */
export function lossWords(panel: Panel, incident: DrawnIncident, formats: Formats, translate: Translate) {
  const { beyondLimit, fromForecast, told } = lossOf(panel.series, incident);
  if (told === 0) return ['', ''] as const;
  const key = told < 0 ? 'Lost' : 'Excess';
  const [amount, forecast] = [Math.abs(told), Math.abs(fromForecast)].map(formats.short) as [string, string];
  const short = translate(beyondLimit === 0 ? `${key}_Forecast` : `${key}_Limit`, amount);
  // Of what the counts have seen some buckets may have brought more than was lost below the limit.
  const hasBoth = beyondLimit > 0 && Math.sign(fromForecast) === Math.sign(told);
  return [short, hasBoth ? translate(`${key}_Both`, amount, forecast) : short] as const;
}

/** What an incident came to, with a sign, as `lossOf` tells it; empty where nothing is known. */
export function signedLoss(panel: Panel, incident: DrawnIncident, formats: Formats): string {
  const { told } = lossOf(panel.series, incident);
  return told === 0 ? '' : formats.signed(told);
}

/** The parts that say something, as one text. */
export function inOneLine(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(' · ');
}

/** Where the running alarm of the only panel was at its deepest, if that is not now; empty otherwise. */
export function deepestWords(view: ViewModel, formats: Formats, translate: Translate): string {
  const [panel, ...more] = view.panels;
  if (panel?.status.kind !== 'alarm' || more.length > 0) return '';
  const { deepest } = lossOf(panel.series, panel.status.incident);
  if (deepest === null || deepest.time + panel.series.stepMs === panel.now) return '';
  return translate(
    'Header_Deepest',
    amountOf(crossing(deepest), formats),
    formats.near(deepest.time, (panel.now ?? 0) - 1),
  );
}

/**
 * What can be said of the past: there are alarms, there is none, or nothing. Where nothing is judged nobody knows, and
 * where the page tells the state of more than is drawn (`calm` off) “none” would be read as said of all of it.
 */
export function pastOf({ panels, source }: Pick<ViewModel, 'panels' | 'source'>, calm: boolean) {
  if (panels.some(({ series }) => series.incidents.length > 0)) return 'alarms';
  const isJudged = panels.some(({ status }) => status.kind !== 'unjudged' && status.kind !== 'empty');
  return calm && isJudged && source !== 'none' ? 'none' : 'unsaid';
}

/** An alarm of the past in words. */
export interface RecentAlarm {
  readonly panel: Panel;
  readonly incident: DrawnIncident;
  readonly words: string;
  /** The same with a long name cut. */
  readonly short: string;
}

/** The last alarms, newest first: when, and how far at their deepest. */
export function recentAlarms(panels: readonly Panel[], formats: Formats, most: number): RecentAlarm[] {
  const found = panels.flatMap((panel) => panel.series.incidents.map((incident) => ({ panel, incident })));
  found.sort((a, b) => b.incident.startTime - a.incident.startTime);
  return found.slice(0, most).map(({ panel, incident }) => {
    const words = recentWords(panel, incident, formats);
    const { name } = panel.series;
    if (panels.length === 1) return { panel, incident, words, short: words };
    const [whole, short] = [name, shortName(name)].map((shown) => `${nameInText(shown)} ${words}`) as [string, string];
    return { panel, incident, words: whole, short };
  });
}

/** When an incident began, and how far it was beyond its limit at its deepest. */
export function recentWords(panel: Panel, incident: DrawnIncident, formats: Formats): string {
  const { deepest } = lossOf(panel.series, incident);
  const sign = incident.direction === 'low' ? '−' : '+';
  const amount =
    deepest === null ? signedLoss(panel, incident, formats) : `${sign}${amountOf(crossing(deepest), formats)}`;
  return `${formats.instant(incident.startTime)} ${amount}`.trimEnd();
}
