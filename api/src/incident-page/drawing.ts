import { elementAt } from '@tidemark/shared/forecasting';
import { html } from 'hono/html';
import type { PictureBucket } from './page-data.ts';

/** A fragment of markup, escaped. */
export type Markup = ReturnType<typeof html>;

const WIDTH = 680;
const HEIGHT = 258;
/** Room for the amounts at the left: at least, and for each of their letters, which are largest on a phone. */
const LEAST_LEFT = 58;
const LETTER = 11.5;
const BOTTOM = 32;
const TOP = 10;

/** What the picture of an incident is drawn with beside its buckets. */
export interface PictureTerms {
  readonly stepMs: number;
  /** Span of the incident, in epoch milliseconds. */
  readonly start: number;
  readonly end: number;
  /** Text of an amount, short. */
  readonly amount: (value: number) => string;
  /** Text of an instant under the axis. */
  readonly hour: (epochMs: number) => string;
  readonly label: string;
}

/**
 * The picture of an incident: actual against the bands that were issued before it, and a week before; the incident's span is
 * shaded. Lines break where nothing is known.
 */
export function picture(buckets: readonly PictureBucket[], terms: PictureTerms): Markup {
  const { stepMs, start, end, amount, hour, label } = terms;
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (!first || !last) return html``;
  const [from, to] = [first.start, last.start + stepMs];
  const values = buckets.flatMap(({ actual, lower, upper, weekBefore }) => [actual, lower, upper, weekBefore]);
  const known = values.filter((value) => value !== null);
  const [low, high] = [Math.min(0, ...known), Math.max(1, ...known) * 1.04];
  const ticks = ticksOf(low, high).map((value) => ({ value, text: amount(value) }));
  const left = Math.max(LEAST_LEFT, 8 + LETTER * Math.max(...ticks.map(({ text }) => text.length)));
  const x = (at: number) => round(left + ((at - from) / (to - from)) * (WIDTH - left));
  const y = (value: number) => round(TOP + ((high - value) / (high - low)) * (HEIGHT - TOP - BOTTOM));
  const middle = (bucket: PictureBucket) => x(bucket.start + stepMs / 2);
  const line = (of: (bucket: PictureBucket) => number | null) =>
    buckets
      .map((bucket, place) => {
        const value = of(bucket);
        if (value === null) return '';
        const before = buckets[place - 1];
        const joined = before !== undefined && of(before) !== null && bucket.start - before.start === stepMs;
        return `${joined ? 'L' : 'M'}${middle(bucket)} ${y(value)}`;
      })
      .join('');
  const runs: { readonly x: number; readonly lower: number; readonly upper: number }[][] = [];
  let lastBanded = Number.NEGATIVE_INFINITY;
  for (const bucket of buckets) {
    if (bucket.lower === null || bucket.upper === null) continue;
    if (bucket.start - lastBanded !== stepMs) runs.push([]);
    runs.at(-1)?.push({ x: middle(bucket), lower: y(bucket.lower), upper: y(bucket.upper) });
    lastBanded = bucket.start;
  }
  const band = runs
    .filter((run) => run.length > 1)
    .map((run) => {
      const above = run.map((at) => `${at.x} ${at.upper}`);
      const below = run.toReversed().map((at) => `${at.x} ${at.lower}`);
      return `M${above.join('L')}L${below.join('L')}Z`;
    })
    .join('');
  const every = Math.max(1, Math.ceil(buckets.length / 6));
  return html`<svg class="picture" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">
<rect class="span" x="${x(Math.max(start, from))}" y="${TOP}" width="${round(x(Math.min(end, to)) - x(Math.max(start, from)))}" height="${HEIGHT - TOP - BOTTOM}"/>
${ticks.map(
  ({ value, text }) => html`<line class="grid" x1="${left}" x2="${WIDTH}" y1="${y(value)}" y2="${y(value)}"/>
<text class="tick" x="${left - 8}" y="${round(y(value) + 4)}" text-anchor="end">${text}</text>`,
)}
${buckets
  .filter((_, place) => place % every === 0)
  .map(
    (bucket) =>
      html`<text class="tick" x="${middle(bucket)}" y="${HEIGHT - 6}" text-anchor="middle">${hour(bucket.start)}</text>`,
  )}
<path class="band" d="${band}"/>
<path class="week" d="${line(({ weekBefore }) => weekBefore)}"/>
<path class="median" d="${line(({ median }) => median)}"/>
<path class="actual" d="${line(({ actual }) => actual)}"/>
${buckets
  .filter((bucket) => bucket.start >= start && bucket.start < end)
  .flatMap((bucket) => (bucket.actual === null ? [] : [{ x: middle(bucket), y: y(bucket.actual) }]))
  .map((dot) => html`<circle class="dot" cx="${dot.x}" cy="${dot.y}" r="3.2"/>`)}
</svg>`;
}

/** One step of a waterfall: a total that stands on the ground, or what is added to the level before. */
export interface WaterfallStep {
  readonly name: string;
  readonly text: string;
  readonly value: number;
  readonly isTotal: boolean;
}

/** A waterfall from what was expected to what was seen, a row for each cause, its bar beneath its name and amount. */
export function waterfall(steps: readonly WaterfallStep[]): Markup {
  let level = 0;
  const spans = steps.map(({ value, isTotal }) => {
    const from = isTotal ? 0 : level;
    level = isTotal ? value : level + value;
    return [from, level] as const;
  });
  const [low, high] = [Math.min(0, ...spans.flat()), Math.max(1e-9, ...spans.flat())];
  return html`<ul class="rows">${steps.map(({ name, text, value, isTotal }, row) => {
    const [from, to] = elementAt(spans, row);
    return barRow({ name, detail: '', text }, [from, to, low, high], isTotal ? 'total' : value < 0 ? 'minus' : 'plus');
  })}</ul>`;
}

/** A row of `partBars`. */
export interface PartBar {
  readonly name: string;
  readonly detail: string;
  readonly text: string;
  readonly value: number;
}

/** Bars of money by part, from the side of too little to that of too much. */
export function partBars(rows: readonly PartBar[]): Markup {
  const values = rows.map(({ value }) => value);
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  return html`<ul class="rows">${rows.map((row) =>
    barRow(row, [0, row.value, low, Math.max(high, low + 1e-9)], row.value < 0 ? 'minus' : 'plus'),
  )}</ul>`;
}

const BAR = 1_000;

/** A name, an amount, and beneath them a bar from one value to another between two limits. */
function barRow(
  { name, detail, text }: Omit<PartBar, 'value'>,
  [from, to, low, high]: readonly [number, number, number, number],
  kind: 'total' | 'plus' | 'minus',
): Markup {
  const x = (value: number) => round(((value - low) / (high - low)) * BAR);
  // What is nothing has no bar; what is next to nothing has one that can be seen.
  const width = from === to && kind !== 'total' ? 0 : Math.max(4, round(Math.abs(x(to) - x(from))));
  return html`<li><span><bdi>${name}</bdi> <small>${detail}</small></span><b>${text}</b>
<svg viewBox="0 0 ${BAR} 12" preserveAspectRatio="none" aria-hidden="true"><rect class="rail" width="${BAR}" height="12"/><rect class="${kind}" x="${Math.min(x(from), x(to), BAR - width)}" width="${width}" height="12"/></svg></li>`;
}

/** Three or four round numbers between two. */
function ticksOf(low: number, high: number): number[] {
  const rough = (high - low) / 3;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((one) => one * power >= rough) ?? 10);
  const ticks: number[] = [];
  // Counted, so that zero is zero: a sum of steps comes near it, and a rounded-up share of one is −0.
  for (let count = Math.ceil(low / step); count * step <= high; count++) ticks.push(count * step || 0);
  return ticks;
}

const round = (value: number) => Math.round(value * 10) / 10;
