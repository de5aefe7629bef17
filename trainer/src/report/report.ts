import { bandAt, createCalendar, FAN_COVERAGES } from '@tidemark/shared';
import type { Judged } from '../model/backtest.ts';
import { bandChart, calibrationChart, hourOfWeekChart, htmlTable, percent } from './charts.ts';
import { outage } from './outage.ts';
import { escaped } from './svg.ts';

/** What a report tells of. */
export interface ReportInput {
  readonly modelVersion: string;
  readonly stepMs: number;
  readonly timeZone: string;
  /** Every judged bucket by series, in order. */
  readonly judged: ReadonlyMap<string, readonly Judged[]>;
  /** Rows of the comparison with simple forecasts, its head first. */
  readonly comparison: readonly (readonly string[])[];
  /** What was decided about holidays, paydays and events, and why; `null` where none were configured. */
  readonly calendar: string | null;
}

const COVERAGE = 0.99;
/** Series drawn, the largest first, and the days drawn of each. */
const DRAWN = 3;
const DRAWN_DAYS = 21;

/** A self-contained page: how good the bands were on time the model had not seen. */
export function reportPage(input: ReportInput): string {
  const { judged, stepMs } = input;
  const volume = (rows: readonly Judged[]) => rows.reduce((sum, { actual }) => sum + Math.abs(actual), 0);
  const largest = [...judged].sort(([, a], [, b]) => volume(b) - volume(a)).slice(0, DRAWN);
  const all = [...judged.values()].flat();
  const inside = FAN_COVERAGES.map((coverage) => all.filter((one) => isInside(one, coverage)).length / all.length);
  const [first, last] = [all[0], all[all.length - 1]];
  const day = (bucket: number | undefined) =>
    bucket === undefined
      ? ''
      : new Date(bucket * stepMs).toLocaleDateString('en-GB', { dateStyle: 'long', timeZone: 'UTC' });
  const weeks = all.length / ((7 * 86_400_000) / stepMs);
  const at99 = inside[FAN_COVERAGES.indexOf(COVERAGE)] as number;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Tidemark: how good are the bands?</title><style>${STYLE}</style></head><body><main>
<h1>How good are the bands?</h1>
<p class="lead">From ${day(first?.bucket)} to ${day(last?.bucket)}, time the model had not learned from, <b>${percent(at99)}</b> of ${all.length.toLocaleString('en-US')} buckets stayed inside bands that promised 99 %.</p>
<section><h2>Actual volume against its 99 % band</h2>
<p><span class="key actual-key"></span>actual <span class="key band-key"></span>band issued one bucket ahead <span class="key miss-key"></span>outside</p>
${largest
  .map(([id, rows]) => {
    const shown = rows.slice(-Math.round((DRAWN_DAYS * 86_400_000) / stepMs));
    return `<h3>${escaped(id)}</h3>${bandChart(id, shown, stepMs, COVERAGE)}`;
  })
  .join('')}</section>
<section class="pair"><div><h2>Promises kept</h2><p>Share of buckets inside, against the share promised. On the line the promise is kept; below it the band was too narrow.</p>${calibrationChart(inside)}</div>
<div><h2>Which sensitivity?</h2><p>Every band has false alarms. Pick the row you can live with.</p>${htmlTable(
    ['band', 'kept', 'outside, a series-week', 'too low', 'too high'],
    FAN_COVERAGES.map((coverage, c) => {
      const outside = all.filter((one) => !isInside(one, coverage));
      const low = outside.filter(({ actual, fans: [fan] }) => fan && actual < bandAt(fan, coverage).lower).length;
      return [
        percent(coverage),
        percent(inside[c] as number),
        (outside.length / weeks).toFixed(2),
        (low / weeks).toFixed(2),
        ((outside.length - low) / weeks).toFixed(2),
      ];
    }),
  )}</div></section>
<section><h2>When in the week</h2><p>Percent of buckets inside the 95 % band by local hour. Orange is where the promise is broken.</p>${hourOfWeek(all, input)}</section>
<section><h2>What an outage would have looked like</h2><p>Had all volume stopped at any busy hour: how often the 99 % band would have raised a low alarm before the outage was over, and how long after its start.</p>${htmlTable(
    ['series', ...OUTAGES.map((hours) => `${hours} h: seen`), ...OUTAGES.map((hours) => `${hours} h: hours to alarm`)],
    [...judged]
      .sort(([, a], [, b]) => volume(b) - volume(a))
      .slice(0, 12)
      .map(([id, rows]) => {
        const figures = OUTAGES.map((hours) => outage(rows, hours, stepMs, COVERAGE));
        return [
          id,
          ...figures.map(({ seen }) => percent(seen)),
          ...figures.map(({ seen, hoursToAlarm }) => (seen > 0 ? hoursToAlarm.toFixed(1) : '–')),
        ];
      }),
  )}<p class="note">Where the lower limit is 0, a bucket without volume is nothing unusual, and no band per bucket can show the outage.</p></section>
<section><h2>Against simple forecasts</h2><p>Small is good, except for the shares inside, which should be what they promise. First number: next bucket; second: a day ahead.</p>${htmlTable(input.comparison[0] ?? [], input.comparison.slice(1))}</section>
<footer>Model ${escaped(input.modelVersion)}${input.calendar === null ? '' : `; ${escaped(input.calendar)}`}. MASE: mean error in units of the mean change from week to week. MSIS: width of the band plus a penalty for every miss, in the same units.</footer>
</main></body></html>
`;
}

const OUTAGES = [1, 2, 4];

function isInside({ actual, fans: [fan] }: Judged, coverage: number): boolean {
  if (!fan) return false;
  const { lower, upper } = bandAt(fan, coverage);
  return actual >= lower && actual <= upper;
}

function hourOfWeek(all: readonly Judged[], { stepMs, timeZone }: ReportInput): string {
  const calendar = createCalendar(stepMs, timeZone);
  const inside = new Float64Array(7 * calendar.perDay);
  const counted = new Float64Array(7 * calendar.perDay);
  for (const one of all) {
    const slot = calendar.slotOfWeek(one.bucket);
    counted[slot] = (counted[slot] as number) + 1;
    if (isInside(one, 0.95)) inside[slot] = (inside[slot] as number) + 1;
  }
  return hourOfWeekChart(inside, counted, calendar.perDay, 0.95);
}

const STYLE = `
:root{color-scheme:light}
body{margin:0;background:#fbfbf9;color:#22282e;font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
main{max-width:960px;margin:0 auto;padding:40px 24px}
h1{font-size:30px;margin:0 0 8px}h2{font-size:19px;margin:40px 0 4px}h3{font-size:14px;margin:18px 0 2px;color:#4a545e}
p{margin:4px 0 12px;color:#4a545e}.lead{font-size:18px;color:#22282e}
svg{width:100%;height:auto;display:block}
.tick{font-size:11px;fill:#6b7681}.cell{font-size:11px;fill:#22282e}
.grid{stroke:#dcdfe2;stroke-width:1}.band{fill:#a9c6dd;fill-opacity:.55}
.median{fill:none;stroke:#5f8fb4;stroke-width:1;stroke-dasharray:3 3}.actual{fill:none;stroke:#22282e;stroke-width:1.4;stroke-linejoin:round}
.miss{fill:#c4500c;stroke:#fff;stroke-width:1.2}.point{fill:#2f6f9f}
.key{display:inline-block;width:18px;height:10px;margin:0 6px 0 14px}.actual-key{height:2px;background:#22282e;vertical-align:middle}.band-key{background:#a9c6dd}.miss-key{width:10px;border-radius:5px;background:#c4500c}
.pair{display:grid;grid-template-columns:330px 1fr;gap:40px}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{font-weight:600;text-align:right;padding:5px 8px;border-bottom:1.5px solid #9aa4ad}td{text-align:right;padding:4px 8px;border-bottom:1px solid #e6e8ea}
th:first-child,td:first-child{text-align:left}
.note,footer{font-size:13px;color:#6b7681}footer{margin-top:48px}
@media(max-width:720px){.pair{grid-template-columns:1fr}}
`;
