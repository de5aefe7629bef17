import { createGrid, elementAt, HOUR_MS, type Series, zoneClock } from '@tidemark/shared/forecasting';
import { percent } from '../numbers.ts';
import type { PreparedHistory, SeriesReport } from './prepare.ts';
import type { CountedSeries } from './prepared.ts';
import { setAsideLines } from './set-aside-lines.ts';

const WIDTH = 760;
const HEIGHT = 120;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** The data-quality report as one page that needs nothing else: a line of days and a week of hours for every series. */
export function qualityPage({ all, report }: PreparedHistory): string {
  const gaps = report.feedGaps.map(({ from, to }) => `${minute(from)} to ${minute(to)}`);
  const notes = [
    gaps.length > 0
      ? `Taken as a gap of the feed, because no client has a transaction at otherwise busy times: ${gaps.join('; ')}.`
      : 'The feed has no gap.',
    report.totals.unmatched > 0
      ? `${count(report.totals.unmatched)} transactions (${shareText(report.unmatchedShare)} of gross) have no client and are in no series.`
      : 'Every transaction has a client.',
    report.totals.duplicated > 0
      ? `${count(report.totals.duplicated)} transactions are of merchants listed more than once; each counts once.`
      : '',
    ...setAsideLines(report.totals.setAside).map((line) => `${line[0]?.toUpperCase()}${line.slice(1)}.`),
  ];
  const modelable = report.series.filter((series) => series.modelable).length;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Data quality</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Data quality</h1>
<p class="lead">${count(report.totals.transactions)} transactions, ${minute(report.from)} to ${minute(report.watermark)} UTC,
in ${report.stepMs / HOUR_MS}-hour buckets of ${report.measure} volume. ${modelable} of ${report.series.length} series have enough history for a model.</p>
<p>${notes.filter(Boolean).map(escaped).join(' ')}</p>
<p class="key"><span class="swatch line"></span>daily volume <span class="swatch gap"></span>feed missing
<span class="swatch zero"></span>day without a transaction <span class="swatch negative"></span>negative day
&emsp;Right: mean volume by weekday and hour, ${escaped(report.timeZone)}; darker is more.</p>
</header>
${report.series.map((series, index) => section(series, elementAt(all, index), report.timeZone)).join('\n')}
</body>
</html>
`;
}

function section(quality: SeriesReport, { series }: CountedSeries, timeZone: string): string {
  const { observed, zero, missing, open } = quality.buckets;
  const hours = series.stepMs / HOUR_MS;
  const facts: [string, string][] = [
    ['transactions', count(quality.transactions)],
    ['observed', count(observed)],
    [
      'zero',
      `${count(zero)}${quality.longestZeroRun > 1 ? `, longest run ${duration(quality.longestZeroRun * hours)}` : ''}`,
    ],
    ['missing', `${count(missing)}${missing > 0 ? `, longest gap ${duration(quality.longestGap * hours)}` : ''}`],
    ['open', count(open)],
    ['negative', count(quality.negative)],
    ['outliers', count(quality.outliers)],
    ['duplicated', count(quality.duplicated)],
    ['late', shareText(quality.lateShare)],
  ];
  return `<section>
<h2>${escaped(quality.id)} ${quality.reason === null ? '' : `<em>${escaped(quality.reason)}</em>`}</h2>
<div class="pictures">${daysPicture(series)}${weekPicture(series, timeZone)}</div>
<dl>${facts.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join('')}</dl>
</section>`;
}

interface Day {
  /** Epoch ms of its first bucket, UTC. */
  readonly startMs: number;
  readonly volume: number;
  readonly state: 'seen' | 'zero' | 'missing';
}

/** Sums per UTC day; a day with any known bucket is known. The open last day is left out: it would look like a drop. */
function daysOf({ values, states, firstBucket, stepMs }: Series): Day[] {
  const { perDay } = createGrid(stepMs);
  const days: Day[] = [];
  const skip = (perDay - (firstBucket % perDay)) % perDay;
  for (let start = skip; start + perDay <= values.length; start += perDay) {
    const inDay = states.slice(start, start + perDay);
    if (inDay.includes('open')) break;
    const volume = values
      .subarray(start, start + perDay)
      .reduce((sum, value) => sum + (Number.isNaN(value) ? 0 : value), 0);
    const state = inDay.includes('missing') ? 'missing' : inDay.includes('observed') ? 'seen' : 'zero';
    days.push({ startMs: (firstBucket + start) * stepMs, volume, state });
  }
  return days;
}

/** The least height of a scale: nothing is divided by 0. */
const NOTHING = 1e-9;

function daysPicture(series: Series): string {
  const days = daysOf(series);
  const least = Math.min(0, ...days.map((day) => day.volume));
  const most = Math.max(NOTHING, ...days.map((day) => day.volume));
  const x = (index: number) => 46 + ((WIDTH - 50) * index) / Math.max(1, days.length);
  const y = (volume: number) => 8 + (HEIGHT - 26) * (1 - (volume - least) / (most - least));
  const wide = Math.max(1, (WIDTH - 50) / Math.max(1, days.length));
  let path = '';
  let marks = '';
  let months = '';
  let pen = 'M';
  const everyMonths = days.length > 400 ? 3 : 1;
  days.forEach((day, index) => {
    const date = new Date(day.startMs);
    if (date.getUTCDate() === 1 && date.getUTCMonth() % everyMonths === 0) {
      const name = date.toLocaleString('en', { month: 'short', timeZone: 'UTC' });
      const label = date.getUTCMonth() === 0 ? `${name} ${date.getUTCFullYear()}` : name;
      months += `<line class="month" x1="${round(x(index))}" x2="${round(x(index))}" y1="8" y2="${HEIGHT - 18}"/><text x="${round(x(index))}" y="${HEIGHT - 4}">${label}</text>`;
    }
    if (day.state === 'missing') {
      marks += `<rect class="gap" x="${round(x(index))}" y="8" width="${round(wide + 0.4)}" height="${HEIGHT - 26}"/>`;
      pen = 'M';
      return;
    }
    if (day.state === 'zero')
      marks += `<rect class="zero" x="${round(x(index))}" y="${round(y(0)) - 1}" width="${round(wide)}" height="4"/>`;
    if (day.volume < 0)
      marks += `<circle class="negative" cx="${round(x(index) + wide / 2)}" cy="${round(y(day.volume))}" r="2.5"/>`;
    path += `${pen}${round(x(index) + wide / 2)},${round(y(day.volume))}`;
    pen = 'L';
  });
  const baseline = `<line class="axis" x1="46" x2="${WIDTH - 4}" y1="${round(y(0))}" y2="${round(y(0))}"/>`;
  // An edge too near to the line at 0 would be written over its label.
  const edges = [0, ...[most, least].filter((at) => Math.abs(y(at) - y(0)) > 10 && at !== NOTHING)];
  const scale = edges.map((at) => `<text class="scale" x="40" y="${round(y(at)) + 3}">${compact(at)}</text>`).join('');
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Daily volume of ${escaped(series.id)}">${months}${marks}${baseline}${scale}<path d="${path}"/></svg>`;
}

function weekPicture({ id, values, states, firstBucket, stepMs }: Series, timeZone: string): string {
  const clock = zoneClock(timeZone);
  const { perDay } = createGrid(stepMs);
  const sums = new Float64Array(7 * perDay);
  const seen = new Float64Array(7 * perDay);
  states.forEach((state, index) => {
    if (state === 'missing' || state === 'open') return;
    const local = clock.local((firstBucket + index) * stepMs);
    const slot = local.weekday * perDay + Math.floor((local.hour * HOUR_MS + local.minute * 60_000) / stepMs);
    sums[slot] = elementAt(sums, slot) + elementAt(values, index);
    seen[slot] = elementAt(seen, slot) + 1;
  });
  const means = sums.map((sum, slot) => sum / Math.max(1, elementAt(seen, slot)));
  const most = Math.max(NOTHING, ...means);
  const wide = 168 / perDay;
  let cells = '';
  means.forEach((mean, slot) => {
    const strength = Math.max(0, mean / most);
    cells += `<rect x="${round(32 + (slot % perDay) * wide)}" y="${8 + Math.floor(slot / perDay) * 13}" width="${round(wide - 0.8)}" height="12" fill="#1f5a85" fill-opacity="${round(0.05 + 0.95 * strength)}"/>`;
  });
  const days = WEEKDAYS.map((day, index) => `<text class="scale" x="28" y="${17 + index * 13}">${day}</text>`).join('');
  const hours = [0, 6, 12, 18]
    .map((hour) => `<text class="hour" x="${32 + hour * 7}" y="${HEIGHT - 9}">${hour}h</text>`)
    .join('');
  return `<svg class="week" viewBox="0 0 206 ${HEIGHT}" role="img" aria-label="Mean volume by weekday and hour of ${escaped(id)}">${cells}${days}${hours}</svg>`;
}

const STYLE = `
:root { color: #1d2733; background: #fff; font: 15px/1.5 system-ui, "Segoe UI", sans-serif; }
body { max-width: 1060px; margin: 2.5rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.7rem; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.05rem; margin: 0 0 .3rem; }
h2 em { font-weight: 400; font-style: normal; font-size: .85rem; color: #8a4b08; background: #fdf1de; border-radius: 3px; padding: .1rem .45rem; margin-left: .4rem; }
.lead { font-size: 1.05rem; }
p { margin: .3rem 0; }
.key { color: #56636f; font-size: .85rem; margin-top: .8rem; }
.swatch { display: inline-block; width: 14px; height: 10px; margin: 0 .3rem 0 .8rem; border-radius: 2px; }
.swatch:first-child { margin-left: 0; }
.swatch.line { height: 2px; vertical-align: middle; background: #1f5a85; }
.swatch.gap { background: #e3c7a0; } .swatch.zero { background: #8b98a5; height: 4px; vertical-align: middle; }
.swatch.negative { background: #b4470f; width: 7px; height: 7px; border-radius: 50%; }
section { border-top: 1px solid #e3e8ed; padding: 1.1rem 0 .8rem; break-inside: avoid; }
.pictures { display: grid; grid-template-columns: ${WIDTH}fr 206fr; gap: 1.5rem; align-items: start; }
svg { width: 100%; height: auto; display: block; }
svg text { font-size: 10px; fill: #6b7885; } svg text.scale { text-anchor: end; font-variant-numeric: tabular-nums; }
path { fill: none; stroke: #1f5a85; stroke-width: 1.1; stroke-linejoin: round; }
.axis { stroke: #b8c2cc; } .month { stroke: #eef1f4; }
rect.gap { fill: #e3c7a0; } rect.zero { fill: #8b98a5; } circle.negative { fill: #b4470f; }
dl { display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; margin: .5rem 0 0; font-size: .85rem; }
dl div { display: flex; gap: .4rem; } dt { color: #6b7885; } dd { margin: 0; font-variant-numeric: tabular-nums; }
`;

function minute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function compact(value: number): string {
  return value.toLocaleString('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
}

function duration(hours: number): string {
  return hours >= 48 ? `${(hours / 24).toFixed(1)} days` : `${hours} h`;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** A share in percent, with more decimals where it is small. */
function shareText(share: number): string {
  return percent(share, share > 0 && share < 0.001 ? 3 : 1);
}
