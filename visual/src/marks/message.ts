import { select } from 'd3';
import type { Theme } from '../theme.ts';
import { part } from './header.ts';

export interface Message {
  readonly title: string;
  readonly lines: readonly string[];
}

/** Words in place of the picture: what to bind, that nothing is there, that drawing failed. */
export function drawMessage(root: HTMLElement, message: Message | null, theme: Theme | null): void {
  const box = part(root, 'div', 'message').style('display', () => (message === null ? 'none' : null));
  const node = box.node() as HTMLElement;
  if (message === null) return;
  let picture = select(node).select<SVGSVGElement>(':scope > svg');
  if (picture.empty()) {
    picture = select(node).append('svg').attr('viewBox', '0 0 120 48').attr('aria-hidden', 'true') as never;
    picture
      .append('path')
      .attr('class', 'ghost-band')
      .attr('d', 'M0,24C20,6 40,6 60,20S100,32 120,16V32C100,46 80,46 60,36S20,24 0,40Z');
    picture.append('path').attr('class', 'ghost-line').attr('d', 'M0,32C20,14 40,14 60,28S84,52 92,46S110,26 120,25');
  }
  const band = theme?.band ?? 'currentColor';
  picture.select('.ghost-band').attr('fill', band).attr('fill-opacity', 0.2);
  picture
    .select('.ghost-line')
    .attr('fill', 'none')
    .attr('stroke', theme?.actual ?? 'currentColor')
    .attr('stroke-width', 2);
  part(node, 'h1', 'title').text(message.title);
  part(node, 'div', 'lines')
    .style('color', () => theme?.muted ?? null)
    .selectAll('p')
    .data(message.lines as string[])
    .join('p')
    .text((line) => line);
}
