import { select } from 'd3';
import type { Formats } from '../format.ts';
import {
  amountOf,
  deepestWords,
  type Headline,
  headlineOf,
  inOneLine,
  type RecentAlarm,
  recentAlarms,
} from '../headline.ts';
import type { DrawnIncident } from '../judged.ts';
import { EDGE, type Layout } from '../layout.ts';
import type { Options } from '../options.ts';
import { isDistant, type Status } from '../status.ts';
import { textWidth } from '../text-width.ts';
import type { Theme } from '../theme.ts';
import type { Panel, ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';
import { drawStatusSign, type Look, statusColour } from './sign.ts';

interface Header {
  readonly view: ViewModel;
  readonly layout: Layout;
  readonly width: number;
  readonly theme: Theme;
  readonly options: Options;
  readonly formats: Formats;
  readonly translate: Translate;
  /** What a click on an alarm of the past does; `null` where nothing may be clicked. */
  readonly open: ((panel: Panel, incident: DrawnIncident) => void) | null;
}

/** The status line, large, with a sign that differs by shape as well as by colour; below it the last alarms. */
export function drawHeader(root: HTMLElement, header: Header): void {
  const { view, layout, theme, options, formats, translate } = header;
  const headline = headlineOf(view, formats, translate);
  const { status } = headline;
  const isHushed = status.kind === 'ok' && !options.header.calm;
  const word = isHushed ? '' : headline.word;
  const colour = statusColour(status, theme);
  const details = layout.tiny && word !== '' ? tileDetails(headline, formats) : headline.details;
  const room = header.width - 2 * (layout.tiny ? 4 : EDGE) - layout.tools;
  const { words, fontSize } = fitting(word, details, layout.headline.fontSize, room);
  const box = select(root).style('display', () => (layout.headline.show ? null : 'none'));
  const line = part(root, 'div', 'headline')
    .style('height', `${layout.headline.height}px`)
    .style('margin-right', `${layout.tools}px`)
    .style('font-size', `${fontSize}px`)
    .style('color', isHushed ? theme.muted : theme.foreground);
  box.attr('data-status', status.kind);
  const lineNode = line.node() as HTMLElement;
  drawSign(lineNode, status, header, fontSize);
  select(lineNode)
    .select('svg.sign')
    .style('display', () => (isHushed ? 'none' : null));
  part(lineNode, 'strong', 'word')
    .style('color', colour)
    .text(word)
    .style('display', () => (word ? null : 'none'));
  part(lineNode, 'span', 'detail')
    .text(words)
    .attr('title', headline.details[0] ?? '');
  const last = layout.recent.show ? recentAlarms(view.panels, formats, header.width > 760 ? 4 : 2) : [];
  const deepest = deepestWords(view, formats, translate);
  const past = part(root, 'div', 'recent')
    .style('display', () => (layout.recent.show ? null : 'none'))
    .style('height', `${layout.recent.height}px`)
    .style('color', theme.muted);
  const lead = translate(last.length > 0 ? 'Header_LastAlarms' : 'Header_NoAlarms');
  const both = deepest === '' ? lead : `${deepest}  ·  ${lead}`;
  // On a phone the words "Last alarms" would stand there without one.
  const hasRoom = last.length === 0 || textWidth(`${both} ${last[0]?.short}`, RECENT_SIZE) <= header.width - 2 * EDGE;
  const recent = hasRoom || deepest === '' ? last : [];
  part(past.node() as HTMLElement, 'span', 'lead').text(hasRoom ? both : deepest);
  past
    .selectAll<HTMLButtonElement, RecentAlarm>('button')
    .data(recent)
    .join('button')
    .attr('type', 'button')
    .property('disabled', header.open === null)
    // The list of incidents and the alarms themselves can be reached by keyboard.
    .attr('tabindex', -1)
    .attr('title', ({ words }) => words)
    .text(({ short }, k) => `${k > 0 ? '  ·  ' : hasRoom ? ' ' : ''}${short}`)
    .on('click', (event: MouseEvent, { panel, incident }) => {
      event.stopPropagation();
      header.open?.(panel, incident);
    });
}

/** Size of the line of past alarms, in px; `visual.less` sets it. */
const RECENT_SIZE = 12;
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

/** A tile says of how many series it speaks and the depth; the word and the sign say the rest. */
function tileDetails({ status, counted }: Headline, formats: Formats): string[] {
  return [inOneLine(counted, tileDetail(status, formats)), ...(counted === '' ? [] : [counted])];
}

function tileDetail(status: Status, formats: Formats): string {
  if (status.kind === 'no-data') return status.age === null ? '' : formats.duration(status.age);
  if (status.kind !== 'alarm' || !isDistant(status)) return '';
  return `${status.direction === 'low' ? '−' : '+'}${amountOf(status, formats)}`;
}

function drawSign(line: HTMLElement, status: Status, look: Look, fontSize: number): void {
  let svg = select(line).select<SVGSVGElement>('svg.sign');
  if (svg.empty()) svg = select(line).insert('svg', ':first-child') as never;
  drawStatusSign(svg.node() as SVGSVGElement, status, look, Math.round(fontSize * 1.05));
}

/** The child element of a class, made on first use. */
export function part(root: Element, tag: string, name: string) {
  const found = select(root).select<HTMLElement>(`:scope > .${name}`);
  return found.empty() ? (select(root).append(tag).attr('class', name) as unknown as typeof found) : found;
}
