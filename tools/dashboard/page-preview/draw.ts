import { DAY_MS } from '@tidemark/shared/forecasting';
import { group, tickStep, ticks } from 'd3-array';
import { FIGURES, type Sight } from '../figures.ts';
import { Moment } from '../m/values.ts';
import { type Cell, msOf, type Row } from '../tables.ts';
import type { DrawnVisual, FieldReference } from './committed-report.ts';
import { shown } from './formats.ts';

/** What drawing needs beside the visual. */
export interface Canvas {
  /** What is in sight when the visual's own filters and a further condition on rows are applied. */
  readonly sight: (visual: DrawnVisual, further?: Further) => Sight;
  readonly formats: ReadonlyMap<string, string>;
  // biome-ignore lint/suspicious/noExplicitAny: the theme as the report holds it
  readonly theme: any;
}

export interface Further {
  readonly series?: (row: Row) => boolean;
  readonly alarms?: (row: Row) => boolean;
  readonly date?: (ms: number) => boolean;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function figure({ name }: FieldReference, sight: Sight): Cell {
  const compute = FIGURES[name];
  if (compute === undefined) throw new Error(`no figure for the measure ${name}`);
  return compute(sight);
}

const formatOf = (canvas: Canvas, { table, name }: FieldReference) => canvas.formats.get(`${table}[${name}]`);

/** Tiles of a cardVisual; a single one with a colour is a line of text. */
export function drawCards(visual: DrawnVisual, canvas: Canvas): string {
  const sight = canvas.sight(visual);
  const fields = visual.wells.Data ?? [];
  if (visual.colourBy !== null) {
    const colour = FIGURES[visual.colourBy]?.(sight);
    return `<div class="status" style="color:${colour}">${escaped(String(figure(fields[0] as FieldReference, sight)))}</div>`;
  }
  const columns = Number(visual.objects.layout?.columnCount ?? fields.length);
  const tiles = fields.map((field) => {
    const value = shown(figure(field, sight), formatOf(canvas, field));
    return `<div class="tile"><span>${escaped(field.label)}</span><b>${escaped(value)}</b></div>`;
  });
  return `<div class="tiles" style="grid-template-columns:repeat(${columns},1fr)">${tiles.join('')}</div>`;
}

/** A tableEx: one row for each combination of its columns. */
export function drawTable(visual: DrawnVisual, canvas: Canvas): string {
  const fields = visual.wells.Values ?? [];
  const table = fields[0]?.table as string;
  const sight = canvas.sight(visual);
  const source = table === 'Alarms' ? sight.alarms : sight.series;
  const columns = fields.filter(({ kind }) => kind === 'Column');
  const text = (cell: Cell | undefined) => (cell instanceof Moment ? cell.ms : (cell ?? null));
  const alike = group(source, (row) => JSON.stringify(columns.map(({ name }) => text(row[name]))));
  const rows = [...alike.values()].map((together) => {
    const row = together[0] as Row;
    const among = new Set(together);
    const own = canvas.sight(
      visual,
      table === 'Alarms' ? { alarms: (one) => among.has(one) } : { series: (one) => among.has(one) },
    );
    const cell = (field: FieldReference) => (field.kind === 'Column' ? row[field.name] : figure(field, own)) ?? null;
    const shades = fields.map(({ table: from, name }) => {
      const shade = visual.shades[`${from}.${name}`];
      return shade === undefined ? '' : ` style="color:${FIGURES[shade]?.(own)};font-weight:600"`;
    });
    return { shades, cells: fields.map(cell), key: visual.sort === null ? null : cell(visual.sort.field) };
  });
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

/** A choice with nothing chosen. */
export function drawSlicer(visual: DrawnVisual, canvas: Canvas): string {
  const dates = canvas.sight(visual).bands.map((row) => msOf(row.Date));
  if (visual.objects.data?.mode !== 'Between') return '<div class="choice">All<i>⌄</i></div>';
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  const range = [day(Math.min(...dates)), day(Math.max(...dates))].map((text) => `<div class="choice">${text}</div>`);
  return `<div class="range">${range.join('')}</div>`;
}

/** Lines or columns over the weeks. */
export function drawWeekly(visual: DrawnVisual, canvas: Canvas): string {
  const fields = visual.wells.Y ?? [];
  const sight = canvas.sight(visual);
  const weekOf = (ms: number) => ms - ((((ms / DAY_MS + 3) % 7) + 7) % 7) * DAY_MS;
  const weeks = [...new Set(sight.bands.map((row) => weekOf(msOf(row.Date))))].sort((a, b) => a - b);
  const values = weeks.map((week) => {
    const own = canvas.sight(visual, { date: (ms) => weekOf(ms) === week });
    return fields.map((field) => figure(field, own) as number | null);
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
