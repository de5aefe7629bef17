import { bandAt, bucketStart, DAY_MS, FAN_COVERAGES, WEEK_MS } from '@tidemark/shared/forecasting';
import type { AlarmTrade } from '../evaluation/alarm-trade.ts';
import type { JudgedNext } from '../evaluation/backtest.ts';
import { lowRecallWarning, type SyntheticAnomalyTest } from '../evaluation/synthetic-anomaly-test.ts';
import { percent, shortPercent } from '../numbers.ts';
import { anomalyChart } from './anomaly-chart.ts';
import { bandChart } from './band-chart.ts';
import { calibrationChart } from './calibration-chart.ts';
import type { TextTable } from './comparison.ts';
import { coverageBySlot, weekSummary } from './hour-of-week.ts';
import { hourOfWeekChart } from './hour-of-week-chart.ts';
import { htmlTable } from './html-table.ts';
import { outageChart } from './outage-chart.ts';
import { escaped } from './svg.ts';
import { tradeChart } from './trade-chart.ts';
import { tradeTables } from './trade-table.ts';

/** Contents of a report. */
export interface ReportInput {
  readonly modelVersion: string;
  readonly stepMs: number;
  readonly timeZone: string;
  /** Every judged bucket by series, in order. */
  readonly judged: ReadonlyMap<string, readonly JudgedNext[]>;
  /** The model against simple forecasts. */
  readonly comparison: readonly TextTable[];
  /** Who serves each series and why, as `serviceTable` lays it out. */
  readonly service: TextTable;
  readonly injected: SyntheticAnomalyTest;
  /** Budget of false alarms → share of troubles seen; `null` where nothing was counted. */
  readonly trade: AlarmTrade | null;
  /** A warning about series that hardly trade, see `sparsityStatement`. */
  readonly silence: string | null;
  /** The decision on holidays, paydays and events, with its reason; `null` where none were configured. */
  readonly calendar: string | null;
}

const COVERAGE = 0.99;
/** Series drawn, the largest first, and the days drawn of each. */
const DRAWN = 3;
const DRAWN_DAYS = 21;
/** A week of more slots is drawn over the whole width: beside another chart its numbers are too small to read. */
const NARROW_WEEK = 7 * 24;

/** A self-contained HTML page: how good the bands were on the test part. */
export function reportPage(input: ReportInput): string {
  const { judged, stepMs, timeZone, injected, silence } = input;
  const volume = (rows: readonly JudgedNext[]) => rows.reduce((sum, { actual }) => sum + Math.abs(actual), 0);
  const byVolume = [...judged].sort(([, a], [, b]) => volume(b) - volume(a));
  const largest = byVolume.slice(0, DRAWN);
  const all = [...judged.values()].flat();
  const insideOf = (coverage: number) => all.filter((one) => isInside(one, coverage)).length / all.length;
  const day = (bucket: number) =>
    new Date(bucketStart(bucket, stepMs)).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone });
  // Series begin and end when they like: neither the first nor the last of them tells.
  const first = all.reduce((least, { bucket }) => Math.min(least, bucket), Number.POSITIVE_INFINITY);
  const last = all.reduce((most, { bucket }) => Math.max(most, bucket), Number.NEGATIVE_INFINITY);
  const weeks = all.length / (WEEK_MS / stepMs);
  const sensitivities = FAN_COVERAGES.map((coverage) => {
    const outside = all.filter((one) => !isInside(one, coverage));
    const low = outside.filter(({ actual, fan }) => actual < bandAt(fan, coverage).lower).length;
    return { coverage, kept: insideOf(coverage), low: low / weeks, high: (outside.length - low) / weeks };
  });
  const warnings = [lowRecallWarning(injected), silence].filter((line) => line !== null);
  const slots = coverageBySlot(all, input, 0.95);
  const week = weekSummary(slots, 0.95);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tidemark: how good are the bands?</title><style>${STYLE}</style></head><body><main>
<h1>How good are the bands?</h1>
<p class="lead">From ${day(first)} to ${day(last)}, time the model was not trained on, <b>${percent(insideOf(COVERAGE))}</b> of ${all.length.toLocaleString('en-US')} buckets were inside their 99 % bands.</p>
<section><h2>Actual volume against its 99 % band</h2>
<p><span class="key actual-key"></span>actual <span class="key band-key"></span>band issued one bucket ahead <span class="key miss-key"></span>outside</p>
${largest
  .map(([id, rows]) => {
    const shown = rows.slice(-Math.round((DRAWN_DAYS * DAY_MS) / stepMs));
    const outside = shown.filter((one) => !isInside(one, COVERAGE)).length;
    const days = Math.round((shown.length * stepMs) / DAY_MS);
    return `<h3>${escaped(id)} <span class="faint">last ${days} days, ${outside} of ${shown.length} buckets outside</span></h3><div class="wide">${bandChart(id, shown, input, COVERAGE)}</div>`;
  })
  .join('')}</section>
<section><h2>What an outage would have looked like</h2><p>Had all volume of <b>${escaped(injected.examples[0]?.series ?? '')}</b> stopped at a busy hour, bucket by bucket with the bands issued meanwhile.</p><p><span class="key usual-key"></span>actual <span class="key actual-key"></span>with the outage <span class="key band-key"></span>band <span class="key miss-key"></span>alarm</p>
<div class="three">${injected.examples.map((example) => `<div>${outageChart(example, COVERAGE)}</div>`).join('')}</div>
<p class="note">Where the lower limit is 0, an empty bucket is within the band, and a band per bucket cannot show an outage.</p>${warnings.map((line) => `<p class="warn">${escaped(line)}</p>`).join('')}</section>
<section><h2>Synthetic anomalies</h2><p>Outages, drops and spikes of several sizes put into the test part of ${injected.series} series, ${injected.replicates} times over: the share that the 99 % band flagged while they lasted, and how soon. Outside them it was left ${injected.falsePerWeek.toFixed(1)} times a series-week, without any anomaly ${injected.falsePerWeekUndisturbed.toFixed(1)} times.</p><div class="wide">${anomalyChart(injected)}</div></section>
${tradeSection(input.trade)}<section><h2>Which sensitivity?</h2><p>False alarms a series-week at each coverage.</p>${htmlTable(
    {
      title: 'band',
      head: ['kept', 'false alarms a series-week', 'too low', 'too high'],
      rows: sensitivities.map(({ coverage, kept, low, high }) => [
        shortPercent(coverage),
        percent(kept),
        (low + high).toFixed(2),
        low.toFixed(2),
        high.toFixed(2),
      ]),
    },
    sensitivities.map(({ low, high }) => low + high),
  )}</section>
<section class="${slots.length > NARROW_WEEK ? 'stack' : 'pair'}"><div><h2>Calibration</h2><p>On the line, empirical coverage equals the nominal one; below it the band was too narrow.</p>${calibrationChart(sensitivities.map(({ kept }) => kept))}</div>
<div><h2>When in the week</h2><p>Percent of buckets inside the 95 % band, local time. Orange cells are below 95 %; ${percent(week.kept)} of the hours are within five points of it.</p><div class="wide">${hourOfWeekChart(slots, 0.95)}</div></div></section>
<section><h2>Against simple forecasts</h2><p>Smaller is better, except for the shares inside a band, which should equal its coverage.</p>${input.comparison.map((table) => htmlTable(table)).join('')}</section>
<section><h2>Who serves each series</h2><p>At the end of the history. What the bands of each candidate lost in the last weeks (a loss counts half after three), in those of the one that serves; a candidate takes over when it loses 7 % less.</p>${htmlTable(input.service)}</section>
<footer>Model ${escaped(input.modelVersion)}${input.calendar === null ? '' : `; ${escaped(input.calendar)}`}. MASE: mean error in units of the mean change from week to week. Pinball: loss of the quantiles, in the same units. MSIS: width of the band plus a penalty for every miss, likewise. Width: of the 95 % band, in mean volumes.</footer>
</main></body></html>
`;
}

function tradeSection(trade: AlarmTrade | null): string {
  if (trade === null) return '';
  const { troubles, series, counted } = trade;
  const some = series < counted ? `${series} of ${counted} series, of all sizes` : `${series} series`;
  return `<section><h2>How many false alarms, for how much seen?</h2><p>The alarms over counts on ${troubles} troubles put into the last weeks of ${some}. The budget is TIDEMARK_ALARM_BUDGET.</p><div class="wide">${tradeChart(trade)}</div>${tradeTables(
    trade,
  )
    .map((table) => htmlTable(table))
    .join('')}<p class="note">Other incidents are false ones and troubles that the history itself holds.</p></section>
`;
}

function isInside({ actual, fan }: JudgedNext, coverage: number): boolean {
  const { lower, upper } = bandAt(fan, coverage);
  return actual >= lower && actual <= upper;
}

const STYLE = `
:root{color-scheme:light dark;--page:#fbfbf9;--ink:#22282e;--soft:#4a545e;--faint:#6b7681;--line:#dcdfe2;--rule:#9aa4ad;--band:#a9c6dd;--median:#5f8fb4;--point:#2f6f9f;--miss:#c4500c;--kept:#dee9f2;--broken:#c4500c;--deep:#fff;--out:#f3e4d6;--track:#eceeef}
@media(prefers-color-scheme:dark){:root{--page:#171b1f;--ink:#e8eaec;--soft:#b9c1c9;--faint:#8f99a3;--line:#333a41;--rule:#59636c;--band:#33536d;--median:#7fa9cb;--point:#7fb2dc;--miss:#f08a45;--kept:#22313d;--broken:#d9691f;--deep:#14181b;--out:#3a2c20;--track:#262c32}}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{max-width:960px;margin:0 auto;padding:40px 24px}
h1{font-size:30px;margin:0 0 8px}h2{font-size:19px;margin:40px 0 4px}h3{font-size:14px;margin:18px 0 2px;color:var(--soft)}h3 .faint{font-weight:400;margin-left:8px}
p{margin:4px 0 12px;color:var(--soft)}.lead{font-size:18px;color:var(--ink)}
svg{width:100%;height:auto;display:block}.faint{color:var(--faint);fill:var(--faint)}
.tick{font-size:11px;fill:var(--faint)}.cell{font-size:11px;fill:var(--ink)}.cell.deep{fill:var(--deep);font-weight:600}.name{font-size:13px;fill:var(--soft)}
.slot{fill:color-mix(in srgb,var(--broken) var(--missing),var(--kept))}
.grid{stroke:var(--line);stroke-width:1}.band{fill:var(--band);fill-opacity:.55}.out{fill:var(--out)}.track{fill:var(--track)}.seen{fill:var(--point)}
.median{fill:none;stroke:var(--median);stroke-width:1;stroke-dasharray:3 3}.actual{fill:none;stroke:var(--ink);stroke-width:1.4;stroke-linejoin:round}.usual{fill:none;stroke:var(--faint);stroke-width:1.2;stroke-dasharray:2 3}
.trade{fill:none;stroke:var(--rule);stroke-width:1.6;stroke-linejoin:round}.trade.all{stroke:var(--point);stroke-width:3.5}.leader{fill:none;stroke:var(--line)}.name.all{font-weight:600;fill:var(--ink)}.default{stroke:var(--faint);stroke-dasharray:4 4}
.says{font-size:13px;fill:var(--faint)}.says.loud{fill:var(--miss);font-weight:600}
.miss{fill:var(--miss);stroke:var(--page);stroke-width:1.2}.point{fill:var(--point)}
.key{display:inline-block;width:18px;height:10px;margin:0 6px 0 14px}.actual-key{height:2px;background:var(--ink);vertical-align:middle}.usual-key{height:0;border-top:2px dotted var(--faint);vertical-align:middle}.band-key{background:var(--band)}.miss-key{width:10px;border-radius:5px;background:var(--miss)}
.pair{display:grid;grid-template-columns:300px minmax(0,1fr);gap:40px}.stack>div:first-child svg{max-width:300px}.three{display:grid;grid-template-columns:repeat(3,minmax(0,1fr));gap:16px;margin-bottom:12px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums;margin-bottom:14px}
th{font-weight:600;text-align:right;padding:5px 8px;border-bottom:1.5px solid var(--rule);white-space:nowrap}td{text-align:right;padding:4px 8px;border-bottom:1px solid var(--line);white-space:nowrap}
th:first-child,td:first-child,td.text{text-align:left}td.text{white-space:normal;overflow-wrap:anywhere;min-width:220px}td.text:first-child{min-width:140px}.bar{width:45%;text-align:left}.bar i{display:block;height:10px;border-radius:3px;background:var(--point);min-width:2px}
.warn{border-left:3px solid var(--miss);padding-left:12px;color:var(--ink)}.note,footer{font-size:13px;color:var(--faint)}footer{margin-top:48px}
@media(max-width:720px){main{padding:24px 14px}.pair,.three{grid-template-columns:minmax(0,1fr)}.pair>div:first-child svg{max-width:320px}.three svg{max-width:420px}.wide svg{min-width:680px}.pair .wide svg{min-width:520px}.bar{min-width:110px}}
`;
