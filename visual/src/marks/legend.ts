import { type Severity, WORST_FIRST } from '@tidemark/shared/vocabulary';
import { select } from 'd3';
import type { Formats } from '../format.ts';
import type { Point } from '../judged.ts';
import type { Options } from '../options.ts';
import type { Theme } from '../theme.ts';
import type { ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';
import { markerPath, shapeOf } from './alarm.ts';
import { dashOf } from './frame.ts';

interface Key {
  readonly name: string;
  readonly words: string;
  /** Are most alarms of this severity drops? Their triangle points down. */
  readonly isDrop?: boolean;
}

/** What each mark means, one short word each; only of marks that are drawn. */
export function drawLegend(
  root: HTMLElement,
  view: ViewModel,
  options: Options,
  theme: Theme,
  formats: Formats,
  translate: Translate,
  shown: boolean,
): void {
  const points = view.panels.flatMap((panel) => panel.series.points);
  const limits = points.some((point) => point.lower !== null || point.upper !== null);
  const keys: Key[] = [
    { name: 'actual', words: view.measure || translate('Role_actual') },
    ...(limits && options.band.show ? [{ name: 'band', words: bandWords(view, formats, translate) }] : []),
    ...(options.lines.forecast && points.some((p) => p.forecast !== null)
      ? [{ name: 'forecast', words: translate('Role_forecast') }]
      : []),
    ...WORST_FIRST.filter((severity) => points.some((point) => point.severity === severity)).map((severity) => ({
      name: severity,
      words: translate(`Severity_${severity}`),
      isDrop: areDrops(points, severity, options),
    })),
  ];
  const item = select(root)
    .style('display', () => (shown ? null : 'none'))
    .style('color', theme.muted)
    .selectAll<HTMLSpanElement, Key>('span.key')
    .data(keys, (key) => key.name)
    .join((enter) => {
      const made = enter.append('span').attr('class', 'key');
      made
        .append('svg')
        .attr('width', 20)
        .attr('height', 12)
        .attr('viewBox', '-10 -6 20 12')
        .attr('aria-hidden', 'true')
        .append('path');
      made.append('span');
      return made;
    })
    .order();
  item.select('span').text((key) => key.words);
  item
    .select('svg path')
    .attr('d', (key) => keyPath(key.name, options))
    .attr('transform', (key) => (key.isDrop ? 'rotate(180)' : null))
    .attr('fill', (key) => (key.name === 'actual' || key.name === 'forecast' ? 'none' : keyColour(key.name, theme)))
    .attr('fill-opacity', (key) => (key.name === 'band' ? Math.max(0.12, options.band.opacity) : 1))
    .attr('stroke', (key) => (key.name === 'actual' || key.name === 'forecast' ? keyColour(key.name, theme) : 'none'))
    .attr('stroke-width', (key) => (key.name === 'actual' ? options.lines.actualWidth : options.lines.forecastWidth))
    .attr('stroke-dasharray', (key) => (key.name === 'forecast' ? dashOf(options.lines.forecastStyle, 1.25) : null));
}

function areDrops(points: readonly Point[], severity: Severity, options: Options): boolean {
  if (shapeOf(options.severity, severity) !== 'triangle') return false;
  const own = points.filter((point) => point.severity === severity);
  return 2 * own.filter((point) => point.direction === 'low').length >= own.length;
}

/** The range by name, with its coverage where the author's own slider sets it. */
function bandWords({ coverage }: ViewModel, formats: Formats, translate: Translate): string {
  return coverage === null ? translate('Legend_Band') : `${translate('Legend_Band')} ${formats.coverage(coverage)}`;
}

function keyPath(name: string, options: Options): string {
  if (name === 'band') return 'M-9,-5H9V5H-9Z';
  if (name === 'actual' || name === 'forecast') return 'M-9,0H9';
  return markerPath(options.severity, name as Severity, 11);
}

function keyColour(name: string, theme: Theme): string {
  if (name === 'band') return theme.band;
  if (name === 'actual') return theme.actual;
  return name === 'forecast' ? theme.forecast : theme.severity[name as Severity];
}
