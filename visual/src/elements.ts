import { select } from 'd3';
import { part } from './marks/header.ts';

/** The elements that last as long as the visual; what is drawn goes into them. */
export interface Elements {
  readonly root: HTMLElement;
  /** Box of the panels, which scrolls. */
  readonly chart: HTMLElement;
  /** Picture of the panels. */
  readonly svg: SVGSVGElement;
  /** Picture of the zoom strip. */
  readonly strip: SVGSVGElement;
  readonly table: HTMLElement;
  /** Box of the table of all series, which scrolls. */
  readonly overview: HTMLElement;
  readonly incidents: HTMLElement;
}

/**
 * The elements of one visual, made in the order in which they are read. `language` is that of their words, which need
 * not be the page's: screen readers pronounce by it, browsers choose fonts and break lines by it.
 */
export function createElements(element: HTMLElement, language: string): Elements {
  const root = select(element).append('div').attr('class', 'tidemark').attr('lang', language).node() as HTMLElement;
  for (const name of ['header', 'notices', 'back', 'sensitivity', 'legend', 'message']) part(root, 'div', name);
  const chart = part(root, 'div', 'chart').node() as HTMLElement;
  const svg = select(chart).append('svg').attr('class', 'panels').node() as SVGSVGElement;
  const table = part(root, 'div', 'table').attr('tabindex', 0).style('display', 'none').node() as HTMLElement;
  const overview = part(root, 'div', 'overview').style('display', 'none').node() as HTMLElement;
  const incidents = part(root, 'section', 'incident-list').style('display', 'none').node() as HTMLElement;
  const strip = select(root).append('svg').attr('class', 'brush-strip').attr('aria-hidden', 'true').node();
  part(root, 'div', 'spoken').attr('aria-live', 'polite').attr('role', 'status');
  return { root, chart, svg, strip: strip as SVGSVGElement, table, overview, incidents };
}

/** Shows the chart, a table in its place, or neither (for a message). */
export function showParts(
  { root, chart, table, overview }: Elements,
  shown: 'chart' | 'table' | 'overview' | 'none',
  height: number,
): void {
  if (shown === 'none') {
    for (const name of ['header', 'notices', 'back', 'sensitivity', 'legend', 'brush-strip', 'incident-list', 'cue'])
      select(root).select(`.${name}`).style('display', 'none');
  }
  select(chart).style('display', () => (shown === 'chart' ? null : 'none'));
  for (const [box, name] of [
    [table, 'table'],
    [overview, 'overview'],
  ] as const) {
    select(box)
      .style('display', () => (shown === name ? null : 'none'))
      .style('height', `${height}px`);
  }
}

/** Has a sentence read out by screen readers, once each time it changes. */
export function announce({ root }: Elements, sentence: string): void {
  const spoken = part(root, 'div', 'spoken');
  if (spoken.text() !== sentence) spoken.text(sentence);
}
