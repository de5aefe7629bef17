import { select } from 'd3';
import type { Formats } from '../format.ts';
import { amountOf, deepestWords, headlineOf, recentAlarms } from '../headline.ts';
import { EDGE, type Layout } from '../layout.ts';
import type { Options } from '../options.ts';
import type { Status } from '../status.ts';
import { textWidth } from '../text-width.ts';
import type { Theme } from '../theme.ts';
import type { ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';
import { markerPath } from './alarm.ts';

interface Header {
  readonly view: ViewModel;
  readonly layout: Layout;
  readonly width: number;
  readonly theme: Theme;
  readonly options: Options;
  readonly formats: Formats;
  readonly translate: Translate;
}

/** The status line, large, with a sign that differs by shape as well as by colour; below it the last alarms. */
export function drawHeader(root: HTMLElement, header: Header): void {
  const { view, layout, theme, options, formats, translate } = header;
  const headline = headlineOf(view, formats, translate);
  const { status, word } = headline;
  const colour = statusColour(status, theme);
  const details = layout.tiny && word !== '' ? [tileDetail(status, formats)] : headline.details;
  const room = header.width - 2 * (layout.tiny ? 4 : EDGE) - layout.tools;
  const { words, fontSize } = fitting(word, details, layout.headline.fontSize, room);
  const box = select(root).style('display', () => (layout.headline.show ? null : 'none'));
  const line = part(root, 'div', 'headline')
    .style('height', `${layout.headline.height}px`)
    .style('margin-right', `${layout.tools}px`)
    .style('font-size', `${fontSize}px`)
    .style('color', theme.foreground);
  box.attr('data-status', status.kind);
  const lineNode = line.node() as HTMLElement;
  drawSign(lineNode, status, options, theme, fontSize);
  part(lineNode, 'strong', 'word')
    .style('color', colour)
    .text(word)
    .style('display', () => (word ? null : 'none'));
  part(lineNode, 'span', 'detail')
    .text(words)
    .attr('title', headline.details[0] ?? '');
  const recent = layout.recent.show ? recentAlarms(view.panels, formats, header.width > 760 ? 4 : 2) : [];
  const past =
    recent.length > 0 ? `${translate('Header_LastAlarms')} ${recent.join('  ·  ')}` : translate('Header_NoAlarms');
  const deepest = deepestWords(view, formats, translate);
  part(root, 'div', 'recent')
    .style('display', () => (layout.recent.show && view.source !== 'none' ? null : 'none'))
    .style('height', `${layout.recent.height}px`)
    .style('color', theme.muted)
    .text(deepest === '' ? past : `${deepest}  ·  ${past}`);
}

/** Least share of the usual size a headline is set at before it says less. */
const SMALLEST = 0.72;

/** The longest detail that fits its line, set smaller where need be; money is left out whole, never cut. */
function fitting(word: string, details: readonly string[], fontSize: number, room: number) {
  const sizeOf = (words: string) => {
    // Sign and gaps take about two ems.
    const needed = textWidth(word, 100, 700) + textWidth(words, 100) + (words === '' ? 160 : 200);
    return Math.min(fontSize, (100 * room) / needed);
  };
  const words = details.find((detail) => sizeOf(detail) >= SMALLEST * fontSize) ?? details.at(-1) ?? '';
  return { words, fontSize: Math.max(6, sizeOf(words)) };
}

/** A tile says the depth alone; the word and the sign say the rest. */
function tileDetail(status: Status, formats: Formats): string {
  if (status.kind === 'no-data') return status.age === null ? '' : formats.duration(status.age);
  if (status.kind !== 'alarm') return '';
  return `${status.direction === 'low' ? '−' : '+'}${amountOf(status, formats)}`;
}

/** Colour of a status' word and sign. */
export function statusColour(status: Status, theme: Theme): string {
  if (status.kind === 'alarm') return theme.severity[status.severity];
  if (status.kind === 'no-data') return theme.severity.warning;
  if (status.kind === 'unjudged' && status.reason !== null) return theme.severity.warning;
  return status.kind === 'ok' ? theme.ok : theme.muted;
}

/** Outline of a status' sign in a box of `size` around the origin. */
export function signPath(status: Status, options: Options, size: number): { path: string; filled: boolean } {
  const r = size * 0.36;
  if (status.kind === 'alarm')
    return { path: markerPath(options.severity, status.severity, size * 0.95), filled: true };
  if (status.kind === 'ok') return { path: `M${-r},0L${-r * 0.25},${r * 0.75}L${r},${-r * 0.75}`, filled: false };
  if (status.kind === 'no-data') return { path: `M${-r},${-r}L${r},${r}M${r},${-r}L${-r},${r}`, filled: false };
  return { path: `M${-r},0H${r}`, filled: false };
}

function drawSign(line: HTMLElement, status: Status, options: Options, theme: Theme, fontSize: number): void {
  const size = Math.round(fontSize * 1.05);
  const { path, filled } = signPath(status, options, size);
  const colour = statusColour(status, theme);
  const flipped =
    status.kind === 'alarm' && status.direction === 'low' && options.severity[`${status.severity}Shape`] === 'triangle';
  let svg = select(line).select<SVGSVGElement>('svg.sign');
  if (svg.empty()) {
    svg = select(line).insert('svg', ':first-child').attr('class', 'sign').attr('aria-hidden', 'true') as never;
    svg.append('path');
  }
  svg
    .attr('width', size)
    .attr('height', size)
    .attr('viewBox', `${-size / 2} ${-size / 2} ${size} ${size}`);
  svg
    .select('path')
    .attr('d', path)
    .attr('transform', flipped ? `translate(0,${-size * 0.08}) rotate(180)` : null)
    .attr('fill', filled ? colour : 'none')
    .attr('stroke', filled ? 'none' : colour)
    .attr('stroke-width', Math.max(1.5, size * 0.13))
    .attr('stroke-linecap', 'round')
    .attr('stroke-linejoin', 'round');
}

/** The child element of a class, made on first use. */
export function part(root: Element, tag: string, name: string) {
  const found = select(root).select<HTMLElement>(`:scope > .${name}`);
  return found.empty() ? (select(root).append(tag).attr('class', name) as unknown as typeof found) : found;
}
