import type { Picture } from '../picture.ts';
import type { Translate } from '../words.ts';
import { part } from './header.ts';

interface SliderInput extends Pick<Picture, 'view' | 'theme' | 'formats' | 'layout'> {
  readonly translate: Translate;
  /** What a choice does; `null` is the coverage as it was. */
  readonly choose: (coverage: number | null) => void;
}

/** Draws the slider by which a reader moves the coverage of the range, with what it does said beside it. */
export function drawSensitivity(root: HTMLElement, input: SliderInput): void {
  const { view, theme, formats, layout, translate } = input;
  const { sensitivity } = view;
  const line = part(root, 'div', 'sensitivity')
    .style('display', () => (layout.sensitivity.show ? null : 'none'))
    .style('height', `${layout.sensitivity.height}px`)
    .style('color', theme.muted);
  if (sensitivity === null) return;
  const { stops, at, isMoved, effect } = sensitivity;
  const node = line.node() as HTMLElement;
  const rests = effect === 'served' || effect === 'no-fans';
  const count = view.panels.reduce((sum, { series }) => sum + series.incidents.length, 0);
  const coverage = formats.coverage(stops[at] as number);
  const said = rests
    ? translate(effect === 'served' ? 'Why_Served' : 'Why_NoFans')
    : translate(isMoved && effect === 'preview' ? 'Slider_Preview' : 'Slider_Says', coverage, String(count));
  const label = part(node, 'label', 'name');
  part(label.node() as HTMLElement, 'span', 'words').text(translate('Slider_Name'));
  part(label.node() as HTMLElement, 'input', 'range')
    .attr('type', 'range')
    .attr('min', 0)
    .attr('max', stops.length - 1)
    .attr('step', 1)
    .attr('title', translate('Slider_Description'))
    .attr('aria-valuetext', said)
    .property('disabled', rests)
    .property('value', at)
    .style('accent-color', theme.band)
    .on('input', (event: Event) => {
      const chosen = stops[Number((event.target as HTMLInputElement).value)];
      input.choose(chosen ?? null);
    })
    .on('click', (event: MouseEvent) => event.stopPropagation());
  part(node, 'output', 'says').attr('title', said).text(said);
  part(node, 'button', 'as-before')
    .attr('type', 'button')
    .style('display', () => (isMoved ? null : 'none'))
    .style('color', theme.foreground)
    .text(translate('Slider_Reset'))
    .on('click', (event: MouseEvent) => {
      event.stopPropagation();
      input.choose(null);
    });
}
