import { select } from 'd3';
import type { Theme } from '../theme.ts';
import type { Translate } from '../words.ts';
import { part } from './header.ts';

/** What of a list is out of sight. */
interface Cue {
  /** The box that scrolls; `null` where nothing does. */
  readonly box: HTMLElement | null;
  /** How many things it holds. */
  readonly count: number;
  /** Height of what is below it, in px. */
  readonly below: number;
  readonly theme: Theme;
  readonly translate: Translate;
}

/** Says at the lower edge of a box how many more there are below, until they are scrolled to. */
export function drawCue(root: HTMLElement, { box, count, below, theme, translate }: Cue): void {
  const cue = part(root, 'div', 'cue').attr('aria-hidden', 'true');
  const show = () => {
    const hidden = box === null ? 0 : box.scrollHeight - box.clientHeight - box.scrollTop;
    const more = box === null || hidden < 8 ? 0 : Math.max(1, Math.round((count * hidden) / box.scrollHeight));
    cue
      .style('display', () => (more === 0 ? 'none' : null))
      .style('bottom', `${below}px`)
      .style('color', theme.foreground)
      .text(`▾ ${translate('Scroll_More', String(more))}`);
  };
  show();
  if (box !== null) select(box).on('scroll.cue', show);
}
