import { part } from '../marks/header.ts';
import type { Theme } from '../theme.ts';
import type { Translate } from '../words.ts';

/** A button of the small bar in the corner. */
export interface Tool {
  readonly name: string;
  /** Key of its words. */
  readonly label: string;
  /** Outline in a 16 × 16 box. */
  readonly path: string;
  readonly pressed?: boolean;
  readonly run: () => void;
}

export const TABLE_PATH = 'M2,3H14V13H2ZM2,6.3H14M2,9.6H14M6,3V13';
export const INCIDENTS_PATH = 'M2,4L3.5,6L5,4ZM7,5H14M2,10L3.5,12L5,10ZM7,11H14';
export const EXPORT_PATH = 'M8,2V10M4.6,6.8L8,10.2L11.4,6.8M2.5,13.5H13.5';
export const RESET_PATH = 'M3,8A5,5 0 1 1 4.6,11.7M3,13V9.6H6.4';

/** Draws the tools; they show when the visual is pointed at or holds the focus. */
export function drawToolbar(root: HTMLElement, tools: readonly Tool[], theme: Theme, translate: Translate): void {
  const bar = part(root, 'div', 'toolbar').attr('role', 'toolbar').style('color', theme.muted);
  const button = bar
    .selectAll<HTMLButtonElement, Tool>('button')
    .data(tools, (tool) => tool.name)
    .join((enter) => {
      const made = enter.append('button').attr('type', 'button');
      made
        .append('svg')
        .attr('viewBox', '0 0 16 16')
        .attr('width', 16)
        .attr('height', 16)
        .attr('aria-hidden', 'true')
        .append('path');
      return made;
    })
    .attr('class', (tool) => tool.name)
    .attr('title', (tool) => translate(tool.label))
    .attr('aria-label', (tool) => translate(tool.label))
    .attr('aria-pressed', (tool) => (tool.pressed === undefined ? null : String(tool.pressed)))
    .on('click', (event: MouseEvent, tool) => {
      event.stopPropagation();
      tool.run();
    });
  button
    .select('path')
    .attr('d', (tool) => tool.path)
    .attr('fill', 'none')
    .attr('stroke', 'currentColor')
    .attr('stroke-width', 1.3)
    .attr('stroke-linecap', 'round')
    .attr('stroke-linejoin', 'round');
}
