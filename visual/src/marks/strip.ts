import type { Point } from '../judged.ts';
import { type Frame, layer } from './frame.ts';

/** Room the strip takes above the plot, in px. */
export const STRIP_ROOM = 34;
/** Half band widths at which a bar ends. */
const MOST = 2;

interface Bar {
  readonly point: Point;
  /** Distance from the forecast in half band widths, in [−MOST, MOST]: beyond ±1 lies what is outside the range. */
  readonly deviation: number;
}

/** Deviations from the forecast as bars, each in the width of its own range: what is far is far whatever the hour. */
export function drawStrip(frame: Frame, shown: boolean, above: number): void {
  const { px, theme, width, options } = frame;
  const half = (STRIP_ROOM - 8) / 2;
  const group = layer(frame.plot, 'deviation-strip')
    .style('pointer-events', 'none')
    .attr('transform', `translate(0,${-above - half - 4})`);
  const bars = shown && options.band.strip ? frame.points.flatMap((point) => barOf(point) ?? []) : [];
  const apart = (width * frame.panel.series.stepMs) / (Number(frame.x.domain()[1]) - Number(frame.x.domain()[0]));
  const scale = half / MOST;
  group
    .selectAll<SVGLineElement, number>('line')
    .data(bars.length === 0 ? [] : [-1, 0, 1])
    .join('line')
    .attr('x2', width)
    .attr('y1', (level) => -level * scale)
    .attr('y2', (level) => -level * scale)
    .attr('stroke', (level) => (level === 0 ? theme.muted : theme.band))
    .attr('stroke-opacity', 0.5);
  group
    .selectAll<SVGRectElement, Bar>('rect')
    .data(bars.filter(({ point }) => px(point.time) >= 0 && px(point.time) <= width))
    .join('rect')
    .attr('x', ({ point }) => px(point.time) - Math.max(0.5, 0.35 * apart))
    .attr('width', Math.max(1, 0.7 * apart))
    .attr('y', ({ deviation }) => -Math.max(0, deviation) * scale)
    .attr('height', ({ deviation }) => Math.abs(deviation) * scale)
    .attr('fill', ({ point }) => (point.severity === null ? theme.muted : theme.severity[point.severity]));
}

function barOf(point: Point): Bar | null {
  const { actual, forecast, lower, upper, state } = point;
  if (actual === null || forecast === null || lower === null || upper === null || state === 'open') return null;
  const side = actual < forecast ? forecast - lower : upper - forecast;
  if (!(side > 0)) return null;
  return { point, deviation: Math.max(-MOST, Math.min(MOST, (actual - forecast) / side)) };
}
