import { DAY_MS } from '@tidemark/shared/forecasting';
import { type Severity, WORST_FIRST } from '@tidemark/shared/vocabulary';
import { select } from 'd3';
import type { Formats } from '../format.ts';
import { bySeverity, type Options } from '../options.ts';
import type { Picture } from '../picture.ts';
import type { Theme } from '../theme.ts';
import type { ViewModel } from '../view-model.ts';
import type { Translate } from '../words.ts';
import { markerPath, shapeOf } from './alarm.ts';
import { ENVELOPE_OPACITY } from './envelope.ts';
import { dashOf } from './frame.ts';
import { part } from './header.ts';

interface Key {
  readonly name: string;
  readonly words: string;
  /** Are most alarms of this severity drops? Their triangle points down. */
  readonly isDrop?: boolean;
}

interface Legend extends Pick<Picture, 'view' | 'options' | 'theme' | 'formats' | 'layout' | 'zone'> {
  readonly translate: Translate;
  /** Length of the stretches the lines are drawn by; `null` where each bucket is. */
  readonly rolledMs: number | null;
}

/** What each mark means, one short word each; only of marks that are drawn. */
export function drawLegend(root: HTMLElement, legend: Legend): void {
  const { view, options, theme, formats, translate, layout } = legend;
  const { limit, forecasts, alarms, drops } = contentsOf(view);
  const keys: Key[] = [
    ...actualKeys(legend),
    ...(limit !== null && options.band.show
      ? [{ name: limit, words: limitWords(limit, view, formats, translate) }]
      : []),
    ...(options.lines.forecast && forecasts ? [{ name: 'forecast', words: translate('Role_forecast') }] : []),
    ...WORST_FIRST.filter((severity) => alarms[severity] > 0).map((severity) => ({
      name: severity,
      words: translate(`Severity_${severity}`),
      isDrop: shapeOf(options.severity, severity) === 'triangle' && 2 * drops[severity] >= alarms[severity],
    })),
  ];
  const item = select(root)
    .style('display', () => (layout.legend.show ? null : 'none'))
    .style('margin-right', `${layout.list.width}px`)
    .style('order', options.legend.place === 'bottom' ? 1 : 0)
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
  const { zone } = legend;
  part(root, 'span', 'zone')
    .style('display', () => (zone === null ? 'none' : null))
    .text(zone === null ? '' : translate('Legend_Zone', zone));
  item.select('span').text((key) => key.words);
  item
    .select('svg path')
    .attr('d', (key) => keyPath(key.name, options))
    .attr('transform', (key) => (key.isDrop ? 'rotate(180)' : null))
    .attr('fill', (key) => (isLine(key.name) ? 'none' : keyColour(key.name, theme)))
    .attr('fill-opacity', (key) => fillOpacity(key.name, options))
    .attr('stroke', (key) => (isLine(key.name) ? keyColour(key.name, theme) : 'none'))
    .attr('stroke-width', (key) => (key.name === 'actual' ? options.lines.actualWidth : options.lines.forecastWidth))
    .attr('stroke-dasharray', (key) => (key.name === 'forecast' ? dashOf(options.lines.forecastStyle, 1.25) : null));
}

/** What is drawn of the actual: each bucket, or the mean and the reach of each day or week. */
function actualKeys({ view, translate, rolledMs }: Legend): Key[] {
  const measure = view.measure || translate('Role_actual');
  if (rolledMs === null) return [{ name: 'actual', words: measure }];
  const rhythm = rolledMs > DAY_MS ? 'Weekly' : 'Daily';
  return [
    { name: 'actual', words: translate(`Legend_${rhythm}Mean`, measure) },
    { name: 'envelope', words: translate(`Legend_${rhythm}Reach`) },
  ];
}

/** What of all that can be drawn the points hold: looked through once. */
function contentsOf({ panels }: ViewModel) {
  let [lowers, uppers, forecasts] = [false, false, false];
  const [alarms, drops] = [bySeverity(() => 0), bySeverity(() => 0)];
  for (const { series } of panels) {
    for (const { lower, upper, forecast, severity, direction } of series.points) {
      if (lower !== null) lowers = true;
      if (upper !== null) uppers = true;
      if (forecast !== null) forecasts = true;
      if (severity === null) continue;
      alarms[severity]++;
      if (direction === 'low') drops[severity]++;
    }
  }
  const limit: Limit | null = lowers && uppers ? 'band' : lowers ? 'lower' : uppers ? 'upper' : null;
  return { limit, forecasts, alarms, drops };
}

/** What is drawn of the range: its area, or the edge of the one limit there is. */
type Limit = 'band' | 'lower' | 'upper';

/** The range by name, with its coverage where the author's own slider sets it. */
function limitWords(limit: Limit, { coverage }: ViewModel, formats: Formats, translate: Translate): string {
  const name = translate(limit === 'band' ? 'Legend_Band' : `Role_${limit}`);
  return coverage === null ? name : `${name} ${formats.coverage(coverage)}`;
}

function isLine(name: string): boolean {
  return ['actual', 'forecast', 'lower', 'upper'].includes(name);
}

function keyPath(name: string, options: Options): string {
  if (name === 'band' || name === 'envelope') return 'M-9,-5H9V5H-9Z';
  if (isLine(name)) return 'M-9,0H9';
  return markerPath(options.severity, name as Severity, 11);
}

function fillOpacity(name: string, { band }: Options): number {
  if (name === 'envelope') return ENVELOPE_OPACITY;
  return name === 'band' ? Math.max(0.12, band.opacity) : 1;
}

function keyColour(name: string, theme: Theme): string {
  if (['band', 'lower', 'upper'].includes(name)) return theme.band;
  if (name === 'actual' || name === 'envelope') return theme.actual;
  return name === 'forecast' ? theme.forecast : theme.severity[name as Severity];
}
