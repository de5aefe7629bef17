import { tickStep, ticks } from 'd3-array';
import { type Context, columnIs } from '../dax/context.ts';
import { Moment } from '../m/values.ts';
import { type Cell, msOf } from '../tables.ts';
import type { DrawnVisual, FieldReference } from './committed-report.ts';
import { shown } from './formats.ts';
import { groupsOf, type Look, sightOf } from './look.ts';

/** What drawing needs beside the visual. */
export interface Canvas {
  readonly look: Look;
  readonly formats: ReadonlyMap<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the theme as the report holds it
  readonly theme: any;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

const measured = ({ look }: Canvas, name: string, context: Context): Cell =>
  look.model.measure(name, context, look.viewer);

const formatOf = (canvas: Canvas, { table, name }: FieldReference) => canvas.formats.get(`${table}[${name}]`);

/** Tiles of a cardVisual; a single one with a colour is a line of text. */
export function drawCards(visual: DrawnVisual, canvas: Canvas): string {
  const context = sightOf(canvas.look, visual);
  const fields = visual.wells.Data ?? [];
  if (visual.colourBy !== null) {
    const colour = String(measured(canvas, visual.colourBy, context));
    return lineOfText(String(measured(canvas, (fields[0] as FieldReference).name, context)), colour, visual);
  }
  const columns = Number(visual.objects.layout?.columnCount ?? fields.length);
  const tiles = fields.map((field) => {
    const value = shown(measured(canvas, field.name, context), formatOf(canvas, field));
    return `<div class="tile"><span>${escaped(field.label)}</span><b>${escaped(value)}</b></div>`;
  });
  return `<div class="tiles" style="grid-template-columns:repeat(${columns},1fr)">${tiles.join('')}</div>`;
}

/** A text that wraps, as large and as bold as the visual says. */
export function lineOfText(text: string, colour: string, { objects }: Pick<DrawnVisual, 'objects'>): string {
  const { fontSize, bold } = objects.value ?? {};
  const style = `color:${colour};font-size:${fontSize}pt;font-weight:${bold ? 700 : 400}`;
  return `<div class="line" style="${style}">${escaped(text)}</div>`;
}

/** A tableEx: one row for each combination of its columns. */
export function drawTable(visual: DrawnVisual, canvas: Canvas): string {
  const fields = visual.wells.Values ?? [];
  const columns = fields.filter(({ kind }) => kind === 'Column');
  const groups = groupsOf(canvas.look, visual, columns);
  const all = groups.map(({ cells, context }) => {
    const cell = (field: FieldReference) =>
      field.kind === 'Measure' ? measured(canvas, field.name, context) : (cells.get(field) ?? null);
    const shades = fields.map(({ table: from, name }) => {
      const shade = visual.shades[`${from}.${name}`];
      return shade === undefined ? '' : ` style="color:${measured(canvas, shade, context)};font-weight:600"`;
    });
    const sorted = fields.find(
      ({ table, name }) => table === visual.sort?.field.table && name === visual.sort.field.name,
    );
    return { shades, cells: fields.map(cell), key: sorted === undefined ? null : cell(sorted) };
  });
  const measures = fields.flatMap(({ kind }, k) => (kind === 'Measure' ? [k] : []));
  // A row whose measures are all blank is not shown.
  const rows = all.filter(({ cells }) => measures.length === 0 || measures.some((k) => cells[k] !== null));
  const order = (key: Cell) => (typeof key === 'number' ? key : msOf(key));
  rows.sort((a, b) => (order(a.key) - order(b.key)) * (visual.sort?.descending ? -1 : 1));
  const numeric = (k: number) => typeof rows[0]?.cells[k] === 'number';
  const align = (k: number) => (numeric(k) ? ' class="number"' : '');
  const body = rows.map(
    ({ cells, shades }) =>
      `<tr>${cells.map((cell, k) => `<td${align(k)}${shades[k]}>${escaped(cell === null ? '' : isLink(cell) ? '↗' : shown(cell, formatOf(canvas, fields[k] as FieldReference)))}</td>`).join('')}</tr>`,
  );
  const head = fields.map(({ label }, k) => `<th${align(k)}>${escaped(label)}</th>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${body.join('')}</tbody></table>`;
}

const isLink = (cell: Cell) => typeof cell === 'string' && /^https?:/.test(cell);

/** Money of each value of a column, each beginning where the one before ends, and their sum. */
export function drawWaterfall(visual: DrawnVisual, canvas: Canvas): string {
  const [category, amount] = [visual.wells.Category?.[0], visual.wells.Y?.[0]] as [FieldReference, FieldReference];
  const parts = groupsOf(canvas.look, visual, [category]).map(({ cells, context }) => {
    return { label: String(cells.get(category)), value: Number(measured(canvas, amount.name, context) ?? 0) };
  });
  const sum = parts.reduce((total, { value }) => total + value, 0);
  let at = 0;
  const bars = parts.map(({ label, value }) => {
    const from = at;
    at += value;
    return { label, value, from, to: at, colour: value < 0 ? 'decreaseFill' : 'increaseFill' };
  });
  bars.push({ label: 'Total', value: sum, from: 0, to: sum, colour: 'totalFill' });
  const [width, height] = [visual.width - 24, visual.height - 50];
  const ends = bars.flatMap(({ from, to }) => [from, to]);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const y = (value: number) => 18 + (height - 52) * ((high - value) / (high - low || 1));
  const wide = width / bars.length;
  const marks = bars.map(({ label, value, from, to, colour }, k) => {
    const [top, bottom] = [y(Math.max(from, to)), y(Math.min(from, to))];
    const fill = visual.fills[colour];
    const middle = (k + 0.5) * wide;
    return `<rect x="${k * wide + 6}" y="${top}" width="${wide - 12}" height="${Math.max(1, bottom - top)}" fill="${fill}"/><text x="${middle}" y="${value < 0 ? bottom + 14 : top - 5}" text-anchor="middle">${short(value, false, 1)}</text><text x="${middle}" y="${height - 4}" text-anchor="middle">${escaped(label)}</text>`;
  });
  return `<svg width="${width}" height="${height}"><line x1="0" x2="${width}" y1="${y(0)}" y2="${y(0)}" stroke="${canvas.theme.backgroundNeutral}"/>${marks.join('')}</svg>`;
}

/** A choice with nothing chosen. */
export function drawSlicer(visual: DrawnVisual, canvas: Canvas): string {
  const dates = sightOf(canvas.look, visual)
    .visible('Bands')
    .map((row) => msOf(row.Date));
  if (visual.objects.data?.mode !== 'Between') return '<div class="choice">All<i>⌄</i></div>';
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const range = [day(Math.min(...dates)), day(Math.max(...dates))].map((text) => `<div class="choice">${text}</div>`);
  return `<div class="range">${range.join('')}</div>`;
}

/** Lines or columns over the weeks. */
export function drawWeekly(visual: DrawnVisual, canvas: Canvas): string {
  const fields = visual.wells.Y ?? [];
  const context = sightOf(canvas.look, visual);
  const used = new Set(context.visible('Bands').map((row) => msOf(row.Date)));
  const dates = context.visible('Date').filter((row) => used.has(msOf(row.Date)));
  const weeks = [...new Set(dates.map((row) => msOf(row.Week)))].sort((a, b) => a - b);
  const values = weeks.map((week) => {
    const own = context.and([columnIs('Date', 'Week', [new Moment('datetime', week)])]);
    return fields.map((field) => measured(canvas, field.name, own) as number | null);
  });
  const [width, height] = [visual.width - 24, visual.height - 62];
  const [left, bottom] = [54, 20];
  const all = values.flat().filter((value) => value !== null);
  const format = formatOf(canvas, fields[0] as FieldReference);
  const columns = visual.type === 'clusteredColumnChart';
  const percent = format?.includes('%') ?? false;
  const [low, high] = columns
    ? [0, Math.max(...all, 1e-9) * 1.08]
    : padded(Math.min(...all), Math.max(...all), percent);
  const x = (k: number) => left + ((k + 0.5) / weeks.length) * (width - left);
  const y = (value: number) => 8 + (height - bottom - 8) * (1 - (value - low) / (high - low));
  const colours = fields.map(({ table, name }) => visual.colours[`${table}.${name}`] as string);
  const step = tickStep(low, high, 4);
  const marked = ticks(low, high, 4);
  const grid = marked.map(
    (tick) =>
      `<line x1="${left}" x2="${width}" y1="${y(tick)}" y2="${y(tick)}" stroke="${canvas.theme.backgroundNeutral}"/><text x="${left - 6}" y="${y(tick) + 4}" text-anchor="end">${short(tick, percent, step)}</text>`,
  );
  const every = Math.ceil(weeks.length / 7);
  const label = (week: number) =>
    new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', timeZone: 'UTC' }).format(week);
  const labels = weeks.map((week, k) =>
    k % every === 0 ? `<text x="${x(k)}" y="${height - 4}" text-anchor="middle">${label(week)}</text>` : '',
  );
  const marks = fields.map((_, f) => {
    const colour = colours[f] as string;
    const points = values.flatMap((row, k) => (row[f] === null ? [] : [[k, row[f] as number] as const]));
    if (!columns) {
      const path = points.map(([k, value]) => `${x(k)},${y(value)}`).join(' ');
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2"/>`;
    }
    const wide = ((width - left) / weeks.length) * 0.7;
    return points
      .map(([k, value]) => {
        const at = x(k) - wide / 2 + (f * wide) / fields.length;
        return `<rect x="${at}" y="${y(value)}" width="${wide / fields.length}" height="${y(low) - y(value)}" fill="${colour}"/>`;
      })
      .join('');
  });
  const legend = fields.map((field, f) => `<i style="background:${colours[f]}"></i>${escaped(field.label)}`).join(' ');
  return `<div class="legend">${fields.length > 1 ? legend : '&nbsp;'}</div><svg width="${width}" height="${height}">${grid.join('')}${labels.join('')}${marks.join('')}</svg>`;
}

function padded(low: number, high: number, percent: boolean): [number, number] {
  const room = Math.max(high - low, percent ? 0.04 : 1e-9) * 0.15;
  return [low - room, percent && high <= 1 ? Math.min(1, high + room) : high + room];
}

function short(value: number, percent: boolean, step: number): string {
  if (percent) return `${(value * 100).toFixed(step < 0.01 ? 1 : 0)} %`;
  return new Intl.NumberFormat('en-US', { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}
